"""What is published of the contracts: the JSON Schema of each event, the AsyncAPI document; and the gate.

What a release said, the next ones may only add to.

    python -m contracts.schemas                    write both, unless a change would break a reader
    python -m contracts.schemas --check            say whether the committed files are what the code says
    python -m contracts.schemas release 0.2.0      keep what the code says as a release, for ever
    python -m contracts.schemas release 0.1.0 --again   keep it anew: only while nothing of it is deployed

What breaks whom stands in `contracts.releases.comparison`; every release ever kept is compared with the code.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from contracts import RELEASE
from contracts.asyncapi import document as asyncapi
from contracts.base import Event
from contracts.releases.release import FOLDER as RELEASES
from contracts.releases.release import breaks, current, keep, kept_releases
from contracts.topics import EVENTS

FOLDER = Path(__file__).parent / "jsonschema"


def schema(event_class: type[Event]) -> dict[str, Any]:
    """The schema of one event, JSON Schema 2020-12. Unknown properties are allowed: contracts grow."""
    name = event_class.__name__
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:kmzb:{name}.v1",
        **msgspec.json.schema(event_class),
    }


def faults(releases: Path = RELEASES) -> Iterator[str]:
    """What the code breaks of any release that is kept in a folder, and whether it says more than its own did."""
    now = current()
    for then in kept_releases(releases):
        yield from (
            f"{change} (release {then.version}): make a new field, event or topic" for change in breaks(then, now)
        )
        if then.version == now.version and then.contracts != now.contracts:
            yield (
                f"the contracts are not release {RELEASE} as it is kept: raise RELEASE and keep the new one by"
                f" `python -m contracts.schemas release`, or keep {RELEASE} `--again` while nothing of it is deployed"
            )


def write_schemas() -> Iterator[str]:
    """Write every event's schema and the document, remove schemas of no event; gives the names of what changed."""
    FOLDER.mkdir(exist_ok=True)
    texts = _texts()
    for file in FOLDER.glob("*.json"):
        if file not in texts:
            file.unlink()
            yield file.name
    for file, text in texts.items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            yield file.name


def stale_schemas() -> Iterator[str]:
    """What is wrong with the committed schemas and the committed document."""
    texts = _texts()
    for file in sorted({*texts, *FOLDER.glob("*.json")}):
        if file not in texts:
            yield f"{file.name} belongs to no event: run `make schemas`"
        elif not file.exists() or file.read_text(encoding="utf-8") != texts[file]:
            yield f"{file.name} is not what the code says: run `make schemas`"


def keep_release(version: str, *, again: bool) -> Iterator[str]:
    """Keep what the code says as a release; gives what is wrong, and then keeps nothing."""
    now, kept = current(), kept_releases()
    if version != RELEASE:
        yield f"the code is release {RELEASE}: set RELEASE in contracts/__init__.py to {version} first"
    if any(then.version == version for then in kept) and not again:
        yield f"release {version} is kept already: raise RELEASE, or say --again while nothing of it is deployed"
    earlier = [then for then in kept if then.version != version]
    wrong = [f"{change} (release {then.version})" for then in earlier for change in breaks(then, now)]
    yield from wrong
    if version == RELEASE and not wrong and (again or all(then.version != version for then in kept)):
        keep(now)


def main(arguments: list[str]) -> int:
    """Do what the arguments ask. Returns the exit code."""
    match arguments:
        case []:
            wrong = list(faults())
            for name in () if wrong else write_schemas():
                print(name)
        case ["--check"]:
            wrong = [*faults(), *stale_schemas()]
        case ["release", version, *again] if again in ([], ["--again"]):
            wrong = list(keep_release(version, again=bool(again)))
        case _:
            wrong = [__doc__ or ""]
    print("\n".join(wrong) or f"{len(EVENTS)} event schemas agree with the code and with every release")
    return 1 if wrong else 0


def _texts() -> dict[Path, str]:
    schemas = {
        FOLDER / f"{name}.v1.json": json.dumps(schema(event_class), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        for name, event_class in EVENTS.items()
    }
    return {**schemas, asyncapi.FILE: asyncapi.text()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The JSON Schema of each event, generated from the code, committed, and only ever growing.

`python -m contracts.schemas` writes them and refuses a change that would break a reader; `--check` says whether the
committed files are what the code says. Readers elsewhere validate against these files.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from contracts.base import Event
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


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a reader of the old schema would stumble over in the new one: the changes that need a new topic."""
    found = []
    for name, was in old.get("$defs", {}).items():
        now = new.get("$defs", {}).get(name)
        if now is None:
            found.append(f"{name} is gone")
            continue
        gone = set(was.get("properties", {})) - set(now.get("properties", {}))
        found += [f"{name}.{field} is gone" for field in sorted(gone)]
        # A message written before today lacks what is required only from today.
        demanded = set(now.get("required", [])) - set(was.get("required", []))
        found += [f"{name}.{field} became required" for field in sorted(demanded)]
        for field, kind in was.get("properties", {}).items():
            then, today = _shape(kind), _shape(now.get("properties", {}).get(field, kind))
            if then != today:
                found.append(f"{name}.{field} was {then}, is {today}")
        found += [f"{name}: the value {value!r} is gone" for value in was.get("enum", []) if value not in now["enum"]]
    return found


def _shape(kind: dict[str, Any]) -> Any:
    """The type of a property without its limits and description: limits may move, types may not."""
    return {word: kind[word] for word in ("type", "$ref", "format", "anyOf", "items") if word in kind} and [
        kind.get("type"),
        kind.get("$ref"),
        kind.get("format"),
        [_shape(each) for each in kind.get("anyOf", [])],
    ]


def _text(event_class: type[Event]) -> str:
    return json.dumps(schema(event_class), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write the schemas, or with `--check` compare them. Returns the exit code."""
    check = "--check" in arguments
    FOLDER.mkdir(exist_ok=True)
    wrong = []
    for name, event_class in EVENTS.items():
        file, text = FOLDER / f"{name}.v1.json", _text(event_class)
        committed = file.read_text(encoding="utf-8") if file.exists() else None
        if committed == text:
            continue
        if committed and (found := breaks(json.loads(committed), json.loads(text))):
            wrong += [f"{change}: a reader breaks; make a new event or topic instead" for change in found]
        elif check:
            wrong.append(f"{file.name} is not what the code says: run `make schemas`")
        else:
            file.write_text(text, encoding="utf-8")
    known = {f"{name}.v1.json" for name in EVENTS}
    wrong += [f"{file.name} belongs to no event" for file in FOLDER.glob("*.json") if file.name not in known]
    print("\n".join(wrong) or f"{len(EVENTS)} event schemas agree with the code")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

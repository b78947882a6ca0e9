"""What the release before may do on the brokers it may do while this one is put in place, and its contracts stay."""

import json
from collections.abc import Iterator
from typing import Any

from checks.releases.archive import kept
from checks.sources import Sources

_REGISTRY = "deploy/helm/kmzb/files/registry.json"
_CONTRACTS = "services/contracts/contracts/releases/"


def topics_and_rules(sources: Sources) -> Iterator[str]:
    """No topic of the release before is gone, and none of its services may read or write less."""
    before = kept(sources.root)
    if before is None or not (sources.root / _REGISTRY).exists():
        return
    then, now = json.loads(before.texts[_REGISTRY]), json.loads((sources.root / _REGISTRY).read_text("utf-8"))
    taken = [f"the topic {name}" for name, _ in _partitions(then).items() - _partitions(now).items()]
    taken += [
        f"{user}'s right to {rule['operation']} {rule['name']}"
        for user, rules in then["users"].items()
        for rule in rules
        if rule not in now["users"].get(user, [])
    ]
    for each in taken:
        yield (
            f"{_REGISTRY}:1: takes {each}, which {before.version} uses: it runs beside this release; take it in the one"
            " after (docs/decisions/0103)"
        )


def contracts(sources: Sources) -> Iterator[str]:
    """What the release before, and those before it, said in their contracts is not said anew."""
    before = kept(sources.root)
    for path, text in before.texts.items() if before else ():
        if path.startswith(_CONTRACTS) and path.endswith(".json"):
            file = sources.root / path
            if not file.exists() or file.read_text("utf-8") != text:
                yield (
                    f"{path}:1: is of a release that was put in place: bring it back (git checkout main --"
                    f" {path}), and keep what you changed as the next one (python -m contracts.schemas release …)"
                )


def _partitions(registry: dict[str, Any]) -> dict[str, int]:
    return {topic["name"]: topic["partitions"] for topic in registry["topics"]}

"""What the Helm chart repeats of the registry: topics, users, and what brokers are told; for Strimzi's operators.

python -m deploy.chart [--check]     writes it anew, or ends with 1 where it is not as the registry has it
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contracts.topics import OPERATORS, SERVICES, TOPICS

from deploy.access.rules import Rule, partner_rules, service_rules
from deploy.stack.servers import kafka

FOLDER = Path(__file__).resolve().parents[1] / "helm" / "kmzb"
REGISTRY = FOLDER / "files" / "registry.json"
# Of what a broker is told, what does not depend on how many there are and where.
_TOLD = (
    "auto.create.topics.enable",
    "message.max.bytes",
    "replica.fetch.max.bytes",
    "group.initial.rebalance.delay.ms",
    "group.consumer.min.session.timeout.ms",
    "group.consumer.session.timeout.ms",
    "group.consumer.min.heartbeat.interval.ms",
    "group.consumer.heartbeat.interval.ms",
    "connections.max.reauth.ms",
)


def registry() -> dict[str, Any]:
    """What stands in the chart: `topics`, the rules of `users`, and `broker`.

    Agencies are data of a running system, so no part of it: `kmzb agency` makes their topics and users.
    """
    rules = [*service_rules(""), *partner_rules("")]
    return {
        "broker": {name: _as_number(value) for name, value in _broker().items() if name in _TOLD},
        "topics": [
            {"name": topic.name, "partitions": topic.partitions, "config": dict(sorted(topic.config.items()))}
            for topic in TOPICS
        ],
        # Operators are the super user, who needs no rule.
        "users": {user: [_acl(rule) for rule in rules if rule.principal == user] for user in (OPERATORS, *SERVICES)},
    }


def main() -> None:
    """Write it, or compare it."""
    text = json.dumps(registry(), indent=1, ensure_ascii=False) + "\n"
    if sys.argv[1:] == ["--check"]:
        if not REGISTRY.exists() or REGISTRY.read_text("utf-8") != text:
            sys.exit(f"{REGISTRY.name} of the chart is not as the registry has it: run python -m deploy.chart")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        REGISTRY.write_text(text, "utf-8")


def _broker() -> dict[str, str]:
    nowhere = Path("nowhere")
    text = kafka.broker_settings(nowhere, 1, 2, kafka.Secured(nowhere, nowhere, ""))
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


def _as_number(value: str) -> Any:
    return json.loads(value)  # numbers and truth values are written alike


def _acl(rule: Rule) -> dict[str, str]:
    said = asdict(rule)
    words = {name: said[name].name.capitalize() for name in ("kind", "operation", "pattern")}
    pattern = {"Literal": "literal", "Prefixed": "prefix"}[words["pattern"]]
    return {
        "type": words["kind"].lower(),
        "name": rule.name,
        "pattern": pattern,
        "operation": words["operation"],
    }


if __name__ == "__main__":
    main()

"""Access: whether the brokers let everybody do what the registry says, and nobody else."""

from collections import Counter
from collections.abc import Collection, Iterator

from chassis.settings import Settings
from contracts.agencies import Agencies
from contracts.topics import agency_of, topic_named
from deploy.access.brokers import admin_client, rules_there
from deploy.access.cluster import rules_of, service_principals
from deploy.access.rules import Rule, agency_principal, has_topics, partner_rules
from deploy.agencies.registry import read_registry

from operations.diagnosis.findings import Finding, judged, note, wrong

_APPLY = "kmzb access apply"


def access(settings: Settings) -> Iterator[Finding]:
    """What the registry says and the brokers do not, and what stands there beside it."""
    if not (settings.kafka_user or settings.kafka_certificate):
        yield note("access", "this Kafka asks nobody who he is: anybody who reaches it reads and writes everything")
        return
    agencies = read_registry(settings)
    wanted, there = set(rules_of(settings, agencies.all())), rules_there(admin_client(settings)).keys()
    faults = [f"{who} may not {said}: {_APPLY}" for who, said in _by_principal(wanted - there)]
    yield from judged("access", faults, f"all {len(wanted)} rules of the registry are with the brokers")
    beside = {rule for rule in there - wanted if _is_ours(settings, rule)}
    yield from _beside(settings, beside, agencies)


def _is_ours(settings: Settings, rule: Rule) -> bool:
    """Of this system, but for what services keep of agencies that have gone, and an operator's wider rules (0091)."""
    namespace = settings.namespace
    topic = topic_named(rule.name.removeprefix(namespace))
    if rule in partner_rules(namespace) or (
        topic and agency_of(topic) and rule.principal in service_principals(settings)
    ):
        return False
    return rule.name.startswith(namespace) or rule.principal.startswith(namespace)


def _beside(settings: Settings, beside: Collection[Rule], agencies: Agencies) -> Iterator[Finding]:
    """What an agency may that was removed is wrong; of anybody else it may be meant, and is said."""
    gone = {agency_principal(settings.namespace, agency.code) for agency in agencies.all() if not has_topics(agency)}
    for who, said in _by_principal(beside):
        if who in gone:
            yield wrong("access", f"{who} has no topics any more, and may {said}: {_APPLY}")
        elif who in service_principals(settings):
            yield note("access", f"{who} may {said}, as an earlier release did: {_APPLY}, once nobody goes back to it")
        else:
            yield note("access", f"{who} may {said}, of which the registry knows nothing: is that meant?")


def _by_principal(rules: Collection[Rule]) -> Iterator[tuple[str, str]]:
    """Each principal once, with the first of its rules in words, and how many more there are."""
    counts, said = Counter(rule.principal for rule in rules), dict[str, str]()
    for rule in sorted(rules, key=lambda rule: (rule.principal, rule.name, rule.operation.name)):
        beginning = "all that begin with " if rule.pattern.name == "PREFIXED" else ""
        words = f"{rule.operation.name} {rule.kind.name.lower()} {beginning}{rule.name}"
        more = f", and {counts[rule.principal] - 1} more" if counts[rule.principal] > 1 else ""
        said.setdefault(rule.principal, words + more)
    yield from said.items()

"""Who may do what on the brokers: rules that follow from the registry of topics.

Every service and every agency is a principal of its own with the least it needs; nobody may do what no rule says, but
for the operators, who are the cluster's super user. A service's principal has its name, an agency's begins with
`agency.`, so that no code is ever taken for a service; a region's own instance is called as its group,
`casework.wroclaw`. The namespace of a system stands before each, as before its topics and groups.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from os.path import commonprefix

from confluent_kafka.admin import AclOperation, ResourcePatternType, ResourceType
from contracts.agencies import Agency, AgencyChannel
from contracts.policy.regions import Region
from contracts.topics import (
    ANYONE,
    CASEWORK,
    CONTACT,
    HEARTBEATS,
    NOTIFIER,
    SERVICES,
    SLA_MONITOR,
    TOPICS,
    Topic,
    agency_of,
    partner_topics,
)

PARTNERS = commonprefix([topic.name for topic in partner_topics("ab")])
"""How all agencies' topics begin."""
IN_REGIONS = (CASEWORK, SLA_MONITOR, NOTIFIER)
"""The services of which a region may have its own, each with a group below the service's name (docs/decisions/0100)."""
_TOPIC, _GROUP = ResourceType.TOPIC, ResourceType.GROUP
_EXACTLY, _BEGINNING = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED


@dataclass(frozen=True, slots=True)
class Rule:
    """What one principal may do with a topic or a consumer group, or with all whose names begin so."""

    principal: str
    kind: ResourceType
    name: str
    operation: AclOperation
    pattern: ResourcePatternType = _EXACTLY


def service_principal(namespace: str, service: str) -> str:
    """Whom the brokers know a service as."""
    return f"{namespace}{service}"


def agency_principal(namespace: str, agency: str) -> str:
    """Whom the brokers know an agency as."""
    return f"{namespace}agency.{agency}"


def has_topics(agency: Agency) -> bool:
    """Whether an agency connects: it is handed threats by topic."""
    return agency.active and agency.channel is AgencyChannel.TOPIC


def service_rules(namespace: str) -> list[Rule]:
    """Of the nation's services: what the registry says each writes and reads; its own consumer groups."""
    rules = [rule for topic in TOPICS for rule in _of_topic(namespace, topic)]
    for service in SERVICES:
        principal, groups = service_principal(namespace, service), (service, f"{service}-reads")
        rules += [Rule(principal, _GROUP, f"{namespace}{group}", AclOperation.READ) for group in groups]
    return rules


def region_rules(namespace: str, instance: str) -> list[Rule]:
    """Of one region's own services: what the nation's may, but for heartbeats and the erasure of contacts, which are
    left to those; and of consumer groups its own, with those by which it reads what all read whole.
    """
    rules = [rule for topic in TOPICS if topic not in HEARTBEATS.values() for rule in _of_topic(namespace, topic)]
    own = _for_instance(namespace, instance, rules)
    contacts = namespace + CONTACT.name
    own = [rule for rule in own if (rule.name, rule.operation) != (contacts, AclOperation.WRITE)]
    for service in IN_REGIONS:
        member = Region(instance=instance).member(service)
        groups = (member, f"{service}-reads")
        own += [
            Rule(service_principal(namespace, member), _GROUP, f"{namespace}{group}", AclOperation.READ)
            for group in groups
        ]
    return own


def members_of(instances: Iterable[str]) -> list[str]:
    """What the own services of regions are called."""
    return [Region(instance=instance).member(service) for instance in instances for service in IN_REGIONS]


def _for_instance(namespace: str, instance: str, rules: Iterable[Rule]) -> list[Rule]:
    """The same rules of those services that a region may have, for its own."""
    principals = {
        service_principal(namespace, service): service_principal(namespace, Region(instance=instance).member(service))
        for service in IN_REGIONS
    }
    return [replace(rule, principal=principals[rule.principal]) for rule in rules if rule.principal in principals]


def partner_rules(namespace: str) -> list[Rule]:
    """What services may do with every agency's topics, for an operator that knows the services' users alone.

    Wider than `agency_rules`: whoever reads answers may read referrals, and whoever writes those may write answers.
    """
    return [
        Rule(service_principal(namespace, service), _TOPIC, f"{namespace}{PARTNERS}", operation, _BEGINNING)
        for service, operation in ((CASEWORK, AclOperation.READ), (NOTIFIER, AclOperation.WRITE))
    ]


def agency_rules(namespace: str, agency: str, instances: Iterable[str] = ()) -> list[Rule]:
    """Of one agency with a pair of topics: its own, what is public, groups below its code; and of who answers there,
    regions' instances among them.
    """
    rules = [rule for topic in partner_topics([agency]) for rule in _of_topic(namespace, topic)]
    rules += [rule for instance in instances for rule in _for_instance(namespace, instance, rules)]
    public = [topic for topic in TOPICS if ANYONE in topic.readers]
    principal = agency_principal(namespace, agency)
    rules += [Rule(principal, _TOPIC, namespace + topic.name, AclOperation.READ) for topic in public]
    return [*rules, Rule(principal, _GROUP, f"{namespace}{agency}.", AclOperation.READ, _BEGINNING)]


def _of_topic(namespace: str, topic: Topic) -> list[Rule]:
    """READ and WRITE hold DESCRIBE: who writes may ask how far a topic goes. Operators need no rule."""
    principals = {name: service_principal(namespace, name) for name in SERVICES}
    if agency := agency_of(topic):
        principals[agency] = agency_principal(namespace, agency)
    return [
        Rule(principals[who], _TOPIC, namespace + topic.name, operation)
        for those, operation in ((topic.writers, AclOperation.WRITE), (topic.readers, AclOperation.READ))
        for who in those
        if who in principals
    ]

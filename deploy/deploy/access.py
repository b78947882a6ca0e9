"""Who may do what on the brokers: rules that follow from the registry of topics, and putting them there.

Every service and every agency is a principal of its own with the least it needs; nobody may do what no rule says, but
for the operators, who are the cluster's super user. A service's principal has its name, an agency's begins with
`agency.`, so that no code is ever taken for a service.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from contracts.topics import ANYONE, SERVICES, TOPICS, Topic, agency_of, partner_topics

_ITERATIONS = 8192
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


def principal_of(agency: str) -> str:
    """Whom the brokers know an agency as."""
    return f"agency.{agency}"


def service_rules(namespace: str) -> list[Rule]:
    """Of all services: what the registry says each writes and reads, and its own consumer groups."""
    rules = [rule for topic in TOPICS for rule in _of_topic(namespace, topic)]
    for service in SERVICES:
        rules += [Rule(service, _GROUP, f"{namespace}{service}{more}", AclOperation.READ) for more in ("", "-reads")]
    return rules


def agency_rules(namespace: str, agency: str) -> list[Rule]:
    """Of one agency with a pair of topics: its own, what is public, groups below its code; and of who answers there."""
    rules = [rule for topic in partner_topics([agency]) for rule in _of_topic(namespace, topic)]
    public = [topic for topic in TOPICS if ANYONE in topic.readers]
    principal = principal_of(agency)
    rules += [Rule(principal, _TOPIC, namespace + topic.name, AclOperation.READ) for topic in public]
    return [*rules, Rule(principal, _GROUP, f"{namespace}{agency}.", AclOperation.READ, _BEGINNING)]


def _of_topic(namespace: str, topic: Topic) -> list[Rule]:
    """READ and WRITE hold DESCRIBE: who writes may ask how far a topic goes. Operators need no rule."""
    agency = agency_of(topic)
    principals = {name: name for name in SERVICES} | ({agency: principal_of(agency)} if agency else {})
    return [
        Rule(principals[who], _TOPIC, namespace + topic.name, operation)
        for those, operation in ((topic.writers, AclOperation.WRITE), (topic.readers, AclOperation.READ))
        for who in those
        if who in principals
    ]


def put_rules(admin: AdminClient, rules: Iterable[Rule]) -> None:
    """Have the brokers go by these rules, too; what is there stays. Raises KafkaException."""
    for answer in admin.create_acls([_binding(rule) for rule in rules], request_timeout=60).values():
        answer.result()


def take_rules(admin: AdminClient, principal: str) -> None:
    """Take everything from a principal at once: what it has open stops with its next request. Raises KafkaException."""
    anything: Any = None  # as the client takes it, though its types say otherwise
    everything = AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        f"User:{principal}",
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    for answer in admin.delete_acls([everything], request_timeout=60).values():
        answer.result()


def put_passwords(admin: AdminClient, passwords: Sequence[tuple[str, str]]) -> None:
    """Give users these passwords instead of any they had. Raises KafkaException."""
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(user, how, password.encode()) for user, password in passwords
    ]
    for answer in admin.alter_user_scram_credentials(changes, request_timeout=60).values():
        answer.result()


def take_password(admin: AdminClient, user: str) -> None:
    """Let a user sign in no more. Raises KafkaException."""
    gone = UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512)
    for answer in admin.alter_user_scram_credentials([gone], request_timeout=60).values():
        answer.result()


def _binding(rule: Rule) -> AclBinding:
    anywhere = "*"
    return AclBinding(
        rule.kind, rule.name, rule.pattern, f"User:{rule.principal}", anywhere, rule.operation, AclPermissionType.ALLOW
    )


def users_with_password(admin: AdminClient) -> frozenset[str]:
    """Who may sign in. Raises KafkaException."""
    told: Any = admin.describe_user_scram_credentials(request_timeout=60)
    return frozenset(told.result())

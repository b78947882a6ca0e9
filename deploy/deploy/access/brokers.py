"""Putting rules and passwords there, and taking them away: what the brokers are told, as the cluster's super user."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from chassis.kafka.client import client_settings
from chassis.settings import Settings
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
from contracts.topics import OPERATORS

from deploy.access.rules import Rule

# The fewest the brokers take: more slow down whoever guesses, and nobody guesses 256 random bits. Every client
# reckons so many times whenever it connects.
_ITERATIONS = 4096
_SECONDS = 60
_AT_ONCE = 500  # of one request the controller takes no more than 10,000 rules, and each of these has some


def admin_client(settings: Settings) -> AdminClient:
    """The operators' client."""
    return AdminClient(client_settings(settings, OPERATORS))


def put_rules(admin: AdminClient, rules: Iterable[Rule]) -> None:
    """Have the brokers go by these rules, too; what is there stays. Raises KafkaException."""
    _wait(admin.create_acls([_binding(rule) for rule in rules], request_timeout=_SECONDS))


def take_rules(admin: AdminClient, principals: Iterable[str]) -> None:
    """Take everything from principals: what they have open stops with its next request. Raises KafkaException."""
    filters = [_everything(principal) for principal in principals]
    for start in range(0, len(filters), _AT_ONCE):
        _wait(admin.delete_acls(filters[start : start + _AT_ONCE], request_timeout=_SECONDS))


def rules_there(admin: AdminClient, principal: str | None = None) -> dict[Rule, AclBinding]:
    """What the brokers allow a principal, or everybody, as they have it. Raises KafkaException."""
    told: Any = admin.describe_acls(_everything(principal), request_timeout=_SECONDS)
    return {_rule(binding): binding for binding in told.result()}


def take_bindings(admin: AdminClient, bindings: Iterable[AclBinding]) -> None:
    """Take these rules and no others. Raises KafkaException."""
    exactly = [
        AclBindingFilter(
            each.restype,
            each.name,
            each.resource_pattern_type,
            each.principal,
            each.host,
            each.operation,
            each.permission_type,
        )
        for each in bindings
    ]
    if exactly:
        _wait(admin.delete_acls(exactly, request_timeout=_SECONDS))


def put_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    """Give users these passwords instead of any they had. Raises KafkaException."""
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    _alter(admin, [UserScramCredentialUpsertion(user, how, said.encode()) for user, said in passwords.items()])


def take_passwords(admin: AdminClient, users: Iterable[str]) -> None:
    """Let users sign in no more. Raises KafkaException."""
    _alter(admin, [UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512) for user in users])


def users_with_password(admin: AdminClient) -> frozenset[str]:
    """Who may sign in. Raises KafkaException."""
    told: Any = admin.describe_user_scram_credentials(request_timeout=_SECONDS)
    return frozenset(told.result())


def _alter(admin: AdminClient, changes: list[UserScramCredentialAlteration]) -> None:
    for start in range(0, len(changes), _AT_ONCE):
        batch = changes[start : start + _AT_ONCE]
        _wait(admin.alter_user_scram_credentials(batch, request_timeout=_SECONDS))


def _wait(answers: Mapping[Any, "Future[Any]"]) -> None:
    for answer in answers.values():
        answer.result()


def _binding(rule: Rule) -> AclBinding:
    principal, anywhere = f"User:{rule.principal}", "*"
    return AclBinding(rule.kind, rule.name, rule.pattern, principal, anywhere, rule.operation, AclPermissionType.ALLOW)


def _rule(each: AclBinding) -> Rule:
    told: Any = each  # the client's types say that it could also be a name or a number
    who = each.principal.removeprefix("User:")
    return Rule(who, told.restype, each.name, told.operation, told.resource_pattern_type)


def _everything(principal: str | None) -> AclBindingFilter:
    """All rules of a principal, or of everybody."""
    anything: Any = None  # as the client takes it, though its types say otherwise
    who: Any = f"User:{principal}" if principal else None
    return AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        who,
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )

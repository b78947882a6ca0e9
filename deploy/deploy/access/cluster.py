"""Having a cluster's brokers go by what the registry and the agencies say: rules, passwords and quotas."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chassis.settings import Settings
from confluent_kafka.admin import AclBinding
from contracts.agencies import Agency
from contracts.topic import AGENCY_QUOTA
from contracts.topics import SERVICES, agency_of, topic_named

from deploy.access.brokers import (
    admin_client,
    put_passwords,
    put_rules,
    rules_there,
    take_bindings,
    take_passwords,
    take_rules,
    users_with_password,
)
from deploy.access.rules import (
    Rule,
    agency_principal,
    agency_rules,
    has_topics,
    members_of,
    partner_rules,
    region_rules,
    service_principal,
    service_rules,
)

_AT_ONCE = 2000
"""Rules in one request: the controller takes no more than 10,000."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many rules there are to be, for how many agencies, and how many agencies have none any more."""

    rules: int
    agencies: int
    gone: int


def rules_of(settings: Settings, agencies: Iterable[Agency]) -> Iterator[Rule]:
    """Every rule that services and agencies need."""
    instances = settings.region.plan.instances
    yield from service_rules(settings.namespace)
    for instance in instances:
        yield from region_rules(settings.namespace, instance)
    for agency in agencies:
        if has_topics(agency):
            yield from agency_rules(settings.namespace, agency.code, instances)


def service_principals(settings: Settings) -> set[str]:
    """Whom the brokers know as a service, the nation's or a region's own."""
    names = (*SERVICES, *members_of(settings.region.plan.instances))
    return {service_principal(settings.namespace, name) for name in names}


def let_services_in(settings: Settings, passwords: Mapping[str, str]) -> None:
    """Give services these passwords, by their names, and no others. Raises KafkaException."""
    known = {service_principal(settings.namespace, service): said for service, said in passwords.items()}
    put_passwords(admin_client(settings), known)


def let_agencies_in(settings: Settings, agencies: Iterable[Agency]) -> None:
    """Have the brokers go by the rules and quotas of these agencies; passwords are another matter.

    Raises KafkaException.
    """
    served = [agency.code for agency in agencies if has_topics(agency)]
    instances = settings.region.plan.instances
    _put_rules(settings, [rule for code in served for rule in agency_rules(settings.namespace, code, instances)])
    from deploy.access.quotas import put_quotas  # its client takes half a second to load, for this alone

    put_quotas(settings, [agency_principal(settings.namespace, code) for code in served])


def apply_access(settings: Settings, agencies: Iterable[Agency], *, outdated_stay: bool = False) -> Applied:
    """Have the brokers go by all of it; who was removed loses rules, password and quota. Raises KafkaException.

    `outdated_stay`: services of the release before still run, and go on with what its registry let them do.
    """
    served, gone, wanted = list[Agency](), list[Agency](), list(rules_of(settings, agencies := list(agencies)))
    for agency in agencies:
        (served if has_topics(agency) else gone).append(agency)
    there = rules_there(admin_client(settings))
    _put_rules(settings, [rule for rule in wanted if rule not in there])
    if not outdated_stay:
        _take_outdated(settings, set(wanted), there)
    from deploy.access.quotas import put_quotas, quotas_there  # its client takes half a second to load, for this alone

    held = quotas_there(settings)
    principals = {agency.code: agency_principal(settings.namespace, agency.code) for agency in agencies}
    put_quotas(settings, [who for who in (principals[each.code] for each in served) if held.get(who) != AGENCY_QUOTA])
    known = {rule.principal for rule in there} | users_with_password(admin_client(settings)) | held.keys()
    shut_out(settings, [agency for agency in gone if principals[agency.code] in known])
    return Applied(len(wanted), len(served), len(gone))


def _put_rules(settings: Settings, rules: Sequence[Rule]) -> None:
    admin = admin_client(settings)
    for start in range(0, len(rules), _AT_ONCE):
        put_rules(admin, rules[start : start + _AT_ONCE])


def _take_outdated(settings: Settings, wanted: set[Rule], there: Mapping[Rule, AclBinding]) -> None:
    """Take from services what an earlier registry let them do.

    But for agencies' topics: casework is assigned those for some minutes after their agency has gone, and to be refused
    there would end it. What Strimzi's operator was told of them all (deploy/helm) stays, too.
    """
    services = service_principals(settings)
    outdated = there.keys() - wanted - set(partner_rules(settings.namespace))
    named = {rule: topic_named(rule.name.removeprefix(settings.namespace)) for rule in outdated}
    taken = [rule for rule, topic in named.items() if rule.principal in services and not (topic and agency_of(topic))]
    take_bindings(admin_client(settings), [there[rule] for rule in taken])


def shut_out(settings: Settings, agencies: Iterable[Agency]) -> None:
    """Take from agencies rules, passwords and quotas. Raises KafkaException."""
    admin, gone = admin_client(settings), [agency_principal(settings.namespace, agency.code) for agency in agencies]
    if not gone:
        return
    from deploy.access.quotas import take_quotas

    take_rules(admin, gone)
    take_passwords(admin, users_with_password(admin) & set(gone))
    take_quotas(settings, gone)

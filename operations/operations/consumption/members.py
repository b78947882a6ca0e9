"""What the consumer groups of a system are called: the services', and those of the instances that regions have.

Every command that looks at groups takes them from here. A member is called as its group is: `casework`, the nation's,
or `casework.wroclaw`. Whose databases a command sees follows from the environment, as for a service: KMZB_INSTANCE's.
"""

from collections.abc import Iterable
from datetime import datetime

from chassis.settings import Settings
from contracts.policy.regions import NATIONAL, Plan, Region
from contracts.topics import CASEWORK
from deploy.access.rules import IN_REGIONS
from deploy.stack.process import StackError
from deploy.suggestions import no_such

from operations.consumption.groups import MEMBERED

Whose = tuple[str, datetime]
"""(garrison, when the report was sent): what says whose a report is."""


def members(settings: Settings) -> tuple[str, ...]:
    """Every member that reads as a group: the nation's, then those of the instances that the regions' file names."""
    plan = settings.region.plan
    return (*MEMBERED, *(Region(plan, name).member(service) for name in plan.instances for service in IN_REGIONS))


def chosen_members(settings: Settings, member: str | None) -> tuple[str, ...]:
    """The one that was named, or all. Raises StackError for one there is none of."""
    known = members(settings)
    if member is not None and member not in known:
        raise StackError(no_such("service that reads as a group, ", member, known))
    return (member,) if member else known


def own_member(settings: Settings, service: str) -> str:
    """The instance of a service whose database the environment has."""
    return settings.region.member(service) if service in IN_REGIONS else service


def own_service(settings: Settings, named: str) -> str:
    """The service of a name, `casework` or `casework.wroclaw`, whose database the environment has. Raises StackError
    for another instance's, and for one that a region's instance has none of its own.
    """
    service, _, instance = named.partition(".")
    own = settings.region.member(service)
    if instance and named != own:
        raise StackError(
            f"{named} is another instance's: say this with KMZB_INSTANCE={instance}, and its databases, in the"
            " environment"
        )
    if service in MEMBERED and service not in IN_REGIONS and not settings.region.is_national:
        raise StackError(f"{service} is the nation's: say this without KMZB_INSTANCE, and with the nation's databases")
    return service


def elsewhere(settings: Settings) -> tuple[str, ...]:
    """The members whose databases the environment does not have: they are another instance's."""
    own = {own_member(settings, service) for service in MEMBERED}
    return tuple(member for member in members(settings) if member not in own)


def answering(settings: Settings, service: str, instance: str) -> str:
    """The member of a service that does an instance's part; all instances have some services in common."""
    return Region(settings.region.plan, instance).member(service) if service in IN_REGIONS else service


def concerned(settings: Settings, known: Iterable[Whose]) -> tuple[str, ...]:
    """The members without which a report does not go on, by all that its routing and its case said of whose it is.

    The nation's monitor and notifier are always among them: clocks begin there, and citizens hear from it alone.
    """
    plan: Plan = settings.region.plan
    instances = {plan.answering(garrison, sent_at) for garrison, sent_at in known} or {NATIONAL}
    theirs = {answering(settings, service, instance) for service in IN_REGIONS for instance in instances}
    shared = {service for service in MEMBERED if service != CASEWORK}
    return tuple(member for member in members(settings) if member in theirs | shared)

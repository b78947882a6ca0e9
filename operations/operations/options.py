"""Values of options that several commands have: what nobody knows is refused, in words that say what there is."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module

from chassis.settings import variables
from contracts.topics import Topic
from deploy.agencies import all_topics
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS
from deploy.stack.process import StackError
from deploy.stack.services import SERVICES
from deploy.suggestions import no_such

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def setting_values(pairs: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` pairs as a mapping. Raises StackError for no value, a name no service knows, two values for one."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise StackError(f"--set {pair} has no value: write --set NAME=VALUE")
        if name in (KAFKA, POSTGRES, REDIS):
            raise StackError(f"--set {name}: servers are given in the environment, {name}=… kmzb up")
        if name not in known_settings():
            raise StackError(f"--set {pair}: no service knows this setting: {no_such('', name, known_settings())}")
        if values.get(name, value) != value:
            raise StackError(f"--set {name} has two values, {values[name]} and {value}")
        values[name] = value
    return values


def known_settings() -> tuple[str, ...]:
    """Every variable that a service declares, sorted."""
    names: set[str] = set()
    for service in SERVICES:
        settings = import_module(f"{service.replace('-', '_')}.settings").Settings
        names.update(variables(settings).values())
    return tuple(sorted(names))


def service_names(names: Sequence[str]) -> tuple[str, ...]:
    """The services named, all of them for none. Raises StackError for one there is none of."""
    return tuple(map(known_service, names)) or SERVICES


def known_service(name: str) -> str:
    """The same name. Raises StackError for one there is no service of."""
    if name not in SERVICES:
        raise StackError(no_such("service ", name, SERVICES))
    return name


def choose_topic(text: str) -> Topic:
    """The topic with this name, or the only one whose name has it in it. Raises StackError."""
    exact = [topic for topic in all_topics() if topic.name == text]
    alike = exact or [topic for topic in all_topics() if text in topic.name]
    if len(alike) != 1:
        names = ", ".join(topic.name for topic in alike or all_topics())
        raise StackError(f"{text!r} is the name of {len(alike)} topics; choose one of: {names}")
    return alike[0]


def moment(text: str, at: datetime) -> datetime:
    """30m, 12h, 7d before a moment; or a time, UTC unless it says otherwise. Raises StackError."""
    if match := re.fullmatch(r"(\d{1,6})([mhd])", text):
        return at - int(match[1]) * _UNITS[match[2]]
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise StackError(f"{text!r} is no time: say 30m, 12h, 7d or a time like 2026-11-23T08:00") from wrong
    return found if found.tzinfo else found.replace(tzinfo=UTC)

"""public-map's workers in the test's own process, and what a reader of the public topic finds."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.messages import original_headers
from chassis.postgres import Database
from contracts.base import Event as Fact
from contracts.envelope import Outgoing, decode
from contracts.public import PublicReport
from contracts.topics import PUBLIC_REPORT
from public_map.app import workers
from public_map.settings import Settings
from support.effects import running
from support.events import outgoing
from support.topics import everything_on


@contextmanager
def service(settings: Settings) -> Iterator[Database]:
    """The service's workers in this process; gives its database."""
    store = Database(settings.postgres_dsn.get_secret_value())
    try:
        with running(*workers(settings, store, Health("consumer")).values()) as failures:
            yield store
        assert not failures
    finally:
        store.close()


def send(settings: Settings, *events: Fact) -> None:
    """Let the others say something."""
    Publisher(settings, "test").publish([outgoing(event) for event in events])


def topic(settings: Settings) -> list[Outgoing]:
    """Everything on the public topic."""
    return [
        Outgoing(PUBLIC_REPORT.name, (message.key() or b"").decode(), original_headers(message), message.value())
        for message in everything_on(settings, PUBLIC_REPORT)
    ]


def on_the_map(settings: Settings) -> dict[str, PublicReport]:
    """What a reader of the compacted topic ends up with."""
    shown: dict[str, PublicReport] = {}
    for message in topic(settings):
        shown.pop(message.key, None)
        if message.value is not None:
            report = decode(message.headers, message.value).data
            assert isinstance(report, PublicReport)
            shown[message.key] = report
    return shown

"""When a system has nothing left to do: everything is read, committed, published, and what is due is sent."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from contracts.topics import AGENCY, CASEWORK, DISTRICT, NOTIFIER, PROGRESS, PUBLIC_REPORT, ROUTING, TOPICS
from deploy.stack.process import wait_until

from bench.core.cpu import MeasurementError
from bench.stand.recording import STATEFUL
from bench.stand.running import Running

READERS = (ROUTING, *STATEFUL)
# Read whole by everybody without a group; and said four times a second whatever happens.
_NOT_WAITED_FOR = (DISTRICT, AGENCY, PUBLIC_REPORT, PROGRESS)
READ = {
    service: tuple(topic for topic in TOPICS if service in topic.readers and topic not in _NOT_WAITED_FOR)
    for service in READERS
}
EVERYTHING = tuple(topic for topic in TOPICS if any(topic in topics for topics in READ.values()))
_SENDING = """
select from delivery where state in ('pending', 'sending') and due_at <= now()
union all select from notice where delivery_id is null and cancelled is null and due_at <= now() limit 1
"""
_PAUSE = 0.1


class Settling:
    """Looks at all of a system. What waits for its time (a digest, a deadline) is nothing left to do."""

    def __init__(self, system: Running, connections: dict[str, psycopg.Connection]) -> None:
        self._system, self._connections = system, connections

    def wait(self, seconds: float = 600) -> None:
        """Wait until nothing is left to do. Raises MeasurementError when that takes too long."""
        if not wait_until(self._at_rest, seconds, _PAUSE):
            behind = {service: self._system.log.lag(service, READ[service]) for service in READERS}
            raise MeasurementError(f"not done after {seconds:g} s; messages not handled: {behind}")

    @property
    def backlog(self) -> int:
        """How many messages the service that is furthest behind has not handled."""
        return max(self._system.log.lag(service, READ[service]) for service in READERS)

    @property
    def cases(self) -> int:
        """How many cases there are."""
        row = self._connections[CASEWORK].execute("select count(*) from cases").fetchone()
        return int(row[0]) if row else 0

    def _at_rest(self) -> bool:
        before = self._system.log.ends(EVERYTHING)
        if self.backlog or any(self._has(service, "select from outbox limit 1") for service in self._connections):
            return False
        if NOTIFIER in self._connections and self._has(NOTIFIER, _SENDING):
            return False
        # What was published meanwhile may have been handled meanwhile, and have filled an outbox behind our back.
        return self._system.log.ends(EVERYTHING) == before

    def _has(self, service: str, question: str) -> bool:
        return self._connections[service].execute(question.encode()).fetchone() is not None


@contextmanager
def settling(system: Running) -> Iterator[Settling]:
    """What looks at a system all of whose services run."""
    with ExitStack() as stack:
        yield Settling(
            system,
            {
                service: stack.enter_context(psycopg.connect(system.admin(service), autocommit=True))
                for service in STATEFUL
            },
        )

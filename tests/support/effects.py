"""Effects that can be counted, and workers that run in threads of the test's own process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from chassis.kafka.messages import Received
from chassis.postgres import Connection, Database
from contracts.events.reports import ReportContent


def count_effects(connection: Connection, batch: Sequence[Received]) -> None:
    """A handler that counts how often each report's words took effect, on purpose not idempotent."""
    for each in batch:
        if isinstance(each.event, ReportContent):
            connection.execute(
                "insert into effect (report_id, words) values (%s, %s)"
                " on conflict (report_id) do update set times = effect.times + 1, words = excluded.words",
                (each.event.report_id, each.event.description),
            )


def times(database: Database) -> dict[str, int]:
    with database.transaction() as connection:
        rows = connection.execute("select report_id::text, times from effect").fetchall()
    return {row["report_id"]: row["times"] for row in rows}


@contextmanager
def running(*workers: Callable[[Event], None]) -> Iterator[list[BaseException]]:
    """Workers in threads of this process; what one of them failed with is in the list."""
    stop, failures = Event(), list[BaseException]()

    def guarded(worker: Callable[[Event], None]) -> None:
        try:
            worker(stop)
        except BaseException as error:  # noqa: BLE001 - handed to the test, which looks at it
            failures.append(error)

    threads = [Thread(target=guarded, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads), "a worker does not end when it is told to"

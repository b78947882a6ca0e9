"""What rises inside a transaction counts what was committed, however often the transaction is tried."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from chassis.telemetry import DUPLICATES
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT
from prometheus_client import REGISTRY
from psycopg import sql
from psycopg.errors import UniqueViolation
from support.effects import count_effects, times
from support.events import SUBMITTED, ClientMessage, outgoing, report_id

SETTINGS = Settings(kafka_bootstrap="127.0.0.1:1")


def message(number: int, words: str = "seen") -> Any:
    event = ReportContent(report_id=report_id(number), description=words)
    return ClientMessage(outgoing(event, submitted_at=SUBMITTED), offset=number)


def count_and_rise(connection: Connection, batch: Sequence[Received]) -> None:
    connection.after_commit(DUPLICATES.labels(CASEWORK).inc, len(batch))
    count_effects(connection, batch)


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"service": CASEWORK, **labels}) or 0.0


def duplicates() -> float:
    return figure("kmzb_duplicates_total")


def ages() -> float:
    return figure("kmzb_event_age_seconds_count", topic=CONTENT.name)


def letters(reason: str) -> float:
    return figure("kmzb_dead_letters_total", reason=reason)


def test_a_batch_redone_one_by_one_counts_each_event_once(effects: Database) -> None:
    before, refused = (duplicates(), ages()), letters("database")
    batch = [message(number, "refuse me" if number == 3 else "seen") for number in range(10)]
    Storing(SETTINGS, CASEWORK, effects, count_and_rise)(batch)
    assert set(times(effects).values()) == {1}
    assert (duplicates() - before[0], ages() - before[1]) == (9, 9)
    assert letters("database") - refused == 1


def test_a_message_set_aside_before_is_not_counted_again(effects: Database) -> None:
    before = letters("database")
    for _ in range(3):
        Storing(SETTINGS, CASEWORK, effects, count_and_rise)([message(1, "refuse me")])
    assert letters("database") - before == 1


def test_a_transaction_tried_again_after_a_deadlock_counts_once(effects: Database) -> None:
    with effects.transaction() as connection:
        connection.execute("insert into effect (report_id) values (%s), (%s)", (report_id(1), report_id(2)))
    before = duplicates(), ages()
    both_hold_one, tries = Barrier(2), list[int]()

    def cross(mine: int, other: int) -> Callable[[Connection, Sequence[Received]], None]:
        def handle(connection: Connection, batch: Sequence[Received]) -> None:
            tries.append(mine)
            connection.after_commit(DUPLICATES.labels(CASEWORK).inc)
            connection.execute("update effect set times = times + 1 where report_id = %s", (report_id(mine),))
            if tries.count(mine) == 1:
                both_hold_one.wait(10)
            connection.execute("update effect set times = times + 1 where report_id = %s", (report_id(other),))

        return handle

    handlers = [Storing(SETTINGS, CASEWORK, effects, cross(*pair)) for pair in ((1, 2), (2, 1))]
    threads = [Thread(target=each, args=([message(10 + number)],)) for number, each in enumerate(handlers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(tries) >= 3  # the victim was tried again, and may have met the other once more
    assert set(times(effects).values()) == {3}
    assert (duplicates() - before[0], ages() - before[1]) == (2, 2)


def test_a_transaction_tried_again_after_a_serialization_failure_counts_once(effects: Database) -> None:
    with effects.transaction() as connection:
        connection.execute("insert into effect (report_id) values (%s)", (report_id(1),))
        name = sql.Identifier(connection.info.dbname)
        repeatable = "alter database {} set default_transaction_isolation = 'repeatable read'"
        connection.execute(sql.SQL(repeatable).format(name))
    before, tries, strict = duplicates(), list[int](), Database(effects.dsn)

    def handle(connection: Connection, batch: Sequence[Received]) -> None:
        tries.append(1)
        connection.after_commit(DUPLICATES.labels(CASEWORK).inc)
        connection.execute("select from effect")
        if len(tries) == 1:
            with effects.transaction() as meanwhile:
                meanwhile.execute("update effect set times = times + 1")
        connection.execute("update effect set times = times + 1")

    Storing(SETTINGS, CASEWORK, strict, handle)([message(1)])
    strict.close()
    assert len(tries) == 2
    assert times(effects) == {str(report_id(1)): 3}
    assert duplicates() - before == 1


def test_what_is_rolled_back_is_forgotten_and_a_commit_does_it_once(effects_dsn: str) -> None:
    done: list[str] = []
    with Connection.connect(effects_dsn) as connection:
        connection.execute("select 1")
        connection.after_commit(done.append, "rolled back")
        connection.rollback()
        connection.after_commit(done.append, "committed")
        connection.commit()
        connection.commit()
        assert done == ["committed"]


def test_a_commit_that_fails_does_nothing_and_is_no_debt_of_the_next(effects: Database) -> None:
    done: list[str] = []
    with effects.transaction() as connection:
        connection.execute("alter table effect add constraint later unique (words) deferrable initially deferred")

    def write_twice() -> None:
        with effects.transaction() as connection:
            connection.after_commit(done.append, "failed")
            for number in (1, 2):
                connection.execute("insert into effect (report_id, words) values (%s, 'same')", (report_id(number),))

    with pytest.raises(UniqueViolation):
        write_twice()
    with effects.transaction() as connection:
        connection.after_commit(done.append, "next")
    assert done == ["next"]


def test_where_nothing_commits_nothing_can_wait(effects_dsn: str) -> None:
    with Connection.connect(effects_dsn, autocommit=True) as connection, pytest.raises(RuntimeError, match="no trans"):
        connection.after_commit(print)

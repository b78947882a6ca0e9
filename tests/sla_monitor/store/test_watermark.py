"""The watermark: the least over every watched partition, and never taken back."""

from datetime import timedelta

from chassis.postgres import Connection, database_time
from contracts.events.progress import OutboxPublished
from contracts.topics import CASE_CHANGED, CASEWORK, REPORT_ROUTED, REPORT_SUBMITTED
from sla_monitor.domain.watermark import Look, watched_partitions
from sla_monitor.store.watermark import (
    read_least_look,
    read_look,
    read_progress_age,
    read_silence,
    read_watermark_age,
    upsert_looks,
    upsert_progress,
    upsert_silence,
)

PARTITIONS = watched_partitions()
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def test_the_watermark_watches_every_partition_that_starts_or_stops_a_clock() -> None:
    assert len(PARTITIONS) == REPORT_SUBMITTED.partitions + CASE_CHANGED.partitions == 24


def test_a_claim_is_never_taken_back_and_other_topics_claim_nothing(connection: Connection) -> None:
    now = database_time(connection)
    upsert_looks(connection, dict.fromkeys(PARTITIONS, Look(now, now)))
    older = Look(now - HOUR, now - HOUR)
    upsert_looks(connection, {PARTITIONS[0]: older, PARTITIONS[1]: Look(now, None), (REPORT_ROUTED.name, 0): older})
    rows = connection.execute(
        "select distinct watermark as at, published_until, count(*) over () as partitions from partition_watermark"
    ).fetchall()
    assert rows == [{"at": now, "published_until": now, "partitions": 24}]


def test_what_is_known_least_of_any_partition_is_what_counts(connection: Connection) -> None:
    now = database_time(connection)
    upsert_looks(connection, dict.fromkeys(PARTITIONS[1:], Look(now, now)))
    assert read_least_look(connection) is None
    upsert_looks(connection, {PARTITIONS[0]: Look(now - SECOND, None)})
    assert read_least_look(connection) == Look(now - SECOND, None)
    upsert_looks(connection, {PARTITIONS[0]: Look(now - HOUR, now - HOUR)})
    assert read_least_look(connection) == Look(now - SECOND, now - HOUR)


def test_a_look_notes_what_casework_had_said_by_then(connection: Connection) -> None:
    before = read_look(connection)
    assert before.published_until is None
    assert read_progress_age(connection) is None
    now = database_time(connection)
    said = [OutboxPublished(service=CASEWORK, until=now - after) for after in (SECOND, HOUR, 2 * SECOND)]
    upsert_progress(connection, [*said, OutboxPublished(service="another", until=now)])
    upsert_progress(connection, said[1:])
    look = read_look(connection)
    assert look.published_until == now - SECOND
    assert look.at > before.at
    age = read_progress_age(connection)
    assert age is not None
    assert 1 <= age < 60


def test_the_silence_of_casework_is_the_time_for_which_somebody_listened_since_it_advanced(
    connection: Connection,
) -> None:
    def listen_after(pause: timedelta) -> timedelta:
        connection.execute("update progress set listened_at = clock_timestamp() - %s", (pause,))
        upsert_silence(connection)
        return read_silence(connection)

    assert read_silence(connection) == timedelta(0)
    upsert_silence(connection)
    assert read_look(connection).published_until is None
    assert timedelta(seconds=0.5) <= listen_after(timedelta(seconds=0.5)) < SECOND
    assert listen_after(HOUR) < 2 * SECOND  # the brokers were away, or the monitor was
    assert listen_after(-HOUR) < 2 * SECOND  # the clock was set back
    now = database_time(connection)
    upsert_progress(connection, [OutboxPublished(service="another", until=now)])
    assert read_silence(connection) > SECOND
    upsert_progress(connection, [OutboxPublished(service=CASEWORK, until=now)])
    assert read_silence(connection) == timedelta(0)
    assert listen_after(HOUR) == SECOND
    upsert_progress(connection, [OutboxPublished(service=CASEWORK, until=now)])  # a repeat says nothing new
    assert read_silence(connection) == SECOND


def test_its_age_is_that_of_the_partition_that_lags_most(connection: Connection) -> None:
    now = database_time(connection)
    upsert_looks(connection, dict.fromkeys(PARTITIONS[1:], Look(now, now)))
    assert read_watermark_age(connection) is None
    upsert_looks(connection, {PARTITIONS[0]: Look(now - timedelta(minutes=5), now)})
    age = read_watermark_age(connection)
    assert age is not None
    assert 300 <= age < 360


def test_what_a_fast_clock_of_casework_said_holds_for_nothing_that_has_not_come(connection: Connection) -> None:
    upsert_progress(connection, [OutboxPublished(service=CASEWORK, until=database_time(connection) + HOUR)])
    while_fast = read_look(connection)
    assert while_fast.published_until is not None
    assert while_fast.published_until <= while_fast.at
    upsert_progress(connection, [OutboxPublished(service=CASEWORK, until=database_time(connection))])  # set back
    after = read_look(connection)
    assert after.published_until is not None
    assert while_fast.at <= after.published_until <= after.at


def test_once_the_monitors_clock_is_set_back_nothing_is_known_until_it_has_read_again(connection: Connection) -> None:
    fast = database_time(connection) + HOUR
    upsert_looks(connection, dict.fromkeys(PARTITIONS, Look(fast, None)))
    assert read_least_look(connection) is None
    now = database_time(connection)
    upsert_looks(connection, dict.fromkeys(PARTITIONS[1:], Look(now, now)))
    assert read_least_look(connection) is None
    upsert_looks(connection, {PARTITIONS[0]: Look(now - SECOND, now)})
    assert read_least_look(connection) == Look(now - SECOND, now)


def test_clocks_set_back_together_leave_no_word_from_the_future(connection: Connection) -> None:
    now = database_time(connection)
    upsert_progress(connection, [OutboxPublished(service=CASEWORK, until=now)])
    connection.execute("update progress set published_until = %s", (now + HOUR,))  # said and kept while both were fast
    upsert_looks(connection, dict.fromkeys(PARTITIONS, Look(now, now + HOUR)))
    assert read_least_look(connection) == Look(now, None)
    upsert_progress(connection, [OutboxPublished(service=CASEWORK, until=now)])
    assert read_look(connection).published_until == now
    upsert_looks(connection, dict.fromkeys(PARTITIONS, Look(now, now)))
    assert read_least_look(connection) == Look(now, now)

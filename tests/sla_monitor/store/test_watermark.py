"""The watermark: the least over every watched partition, and never taken back."""

from datetime import timedelta

from chassis.postgres import Connection, database_time
from contracts.topics import CASE_CHANGED, REPORT_ROUTED, REPORT_SUBMITTED
from sla_monitor.domain.watermark import watched_partitions
from sla_monitor.store.watermark import read_watermark_age, upsert_watermarks

PARTITIONS = watched_partitions()


def test_the_watermark_watches_every_partition_that_starts_or_stops_a_clock() -> None:
    assert len(PARTITIONS) == REPORT_SUBMITTED.partitions + CASE_CHANGED.partitions == 24


def test_a_claim_is_never_taken_back_and_other_topics_claim_nothing(connection: Connection) -> None:
    now = database_time(connection)
    upsert_watermarks(connection, dict.fromkeys(PARTITIONS, now))
    upsert_watermarks(connection, {PARTITIONS[0]: now - timedelta(hours=1), (REPORT_ROUTED.name, 0): now})
    rows = connection.execute(
        "select distinct watermark as at, count(*) over () as partitions from partition_watermark"
    ).fetchall()
    assert rows == [{"at": now, "partitions": 24}]


def test_its_age_is_that_of_the_partition_that_lags_most(connection: Connection) -> None:
    now = database_time(connection)
    upsert_watermarks(connection, dict.fromkeys(PARTITIONS[1:], now))
    assert read_watermark_age(connection) is None
    upsert_watermarks(connection, {PARTITIONS[0]: now - timedelta(minutes=5)})
    age = read_watermark_age(connection)
    assert age is not None
    assert 300 <= age < 360

"""A page of the map reads about as many rows as it shows, whatever is asked for and however many reports there are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis.postgres import Connection, Database
from contracts.statuses import Status
from public_map.domain.queries import Order, ReportFilter
from public_map.store.public_reports import find_public_reports
from support.stack.databases import Templates
from support.stack.plans import Analysing

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LIMIT = 20
# Every report is an hour older than the one before; each 500th is of a rare category.
MANY = """
    insert into public_report (report_id, version, category, status, longitude, latitude, submitted_at, changed_at,
        garrison, unit, unit_name, supporters, visible_until)
    select gen_random_uuid(), 1, case when mod(number, 500) = 0 then 'poaching' else 'parking' end,
        case when mod(number, 2) = 0 then 'new' else 'confirmed' end, 14 + 10 * random(), 49 + 5 * random(),
        at, at, 'OPO', 'KMP-1661', 'Opole', 0, null
    from generate_series(0, 9999) as number, lateral (select %s - number * interval '1 hour' as at) as hour
"""
QUARTER = (NOW - timedelta(days=90), NOW)
FILTERS = [
    ReportFilter(),
    ReportFilter(since=NOW),
    ReportFilter(since=NOW + timedelta(days=1)),
    ReportFilter(since=NOW - timedelta(days=365)),
    ReportFilter(categories=("poaching",)),
    ReportFilter(statuses=(Status.NEW,)),
    ReportFilter(box=(14, 49, 24, 54)),
    ReportFilter(box=(17.0, 50.0, 17.1, 50.1)),
    ReportFilter(box=(17.0, 50.0, 19.0, 51.0), categories=("poaching",)),
    ReportFilter(submitted=QUARTER, order=Order.SUBMITTED),
    ReportFilter(submitted=QUARTER, order=Order.SUBMITTED, after_at=NOW - timedelta(days=30), after=UUID(int=0)),
    ReportFilter(changed=QUARTER, order=Order.CHANGED),
    ReportFilter(changed=QUARTER, order=Order.CHANGED, after_at=NOW - timedelta(days=30), after=UUID(int=0)),
    ReportFilter(unit="KMP-1661", order=Order.CHANGED_LAST),
    ReportFilter(order=Order.CHANGED_LAST),
]


@pytest.fixture(scope="module")
def many(templates: Templates) -> Iterator[Database]:
    clone = templates.clone("public-map")
    with Connection.connect(clone.owner) as owner:
        owner.execute(MANY, (NOW,))
        owner.execute("analyze public_report")
    store = Database(clone.service)
    yield store
    store.close()
    templates.drop(clone)


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_a_page_reads_no_more_than_it_must(many: Database, wanted: ReportFilter) -> None:
    with many.transaction() as connection:
        analysing: Any = Analysing(connection)
        find_public_reports(analysing, wanted, LIMIT)
    assert analysing.read <= 500  # of 10,000


def test_no_plan_is_kept_that_was_made_for_other_values(many: Database) -> None:
    with many.transaction() as connection:
        for _ in range(10):  # more often than psycopg leaves a statement unprepared
            find_public_reports(connection, ReportFilter(box=(14, 49, 24, 54)), LIMIT)
        kept = connection.execute("select statement from pg_prepared_statements").fetchall()
    assert not [row["statement"] for row in kept if "from public_report" in row["statement"]]

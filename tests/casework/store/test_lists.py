"""The queries behind the lists: they read about as many rows as they show, whoever asks for whatever."""

from collections.abc import Iterator
from typing import Any

import pytest
from casework.domain.officers import CaseFilter, Officer, Order, Position
from casework.store.identity import set_identity
from casework.store.queries.lists import PAGE, count_open, list_cases
from casework.store.queries.similar import list_similar
from casework.store.queries.workload import list_workload
from chassis.postgres import Connection, Database
from contracts.events.cases import Role
from contracts.policy.categories import category
from contracts.statuses import OPEN, Status
from support.events import SUBMITTED, report_id
from support.stack.databases import Clone, Templates
from support.stack.plans import Analysing

WHO = [
    Officer("a", Role.COORDINATOR, "G10", "U10"),
    Officer("a", Role.BEAT_OFFICER, "G10", "U10"),
    Officer("a", Role.GARRISON, "G10"),
    Officer("a", Role.HEADQUARTERS),
]
MIDDLE = Position(report_id=report_id(1), submitted_at=SUBMITTED, due_order=SUBMITTED, number="G10-26-500000-X")
FILTERS = [
    CaseFilter(),
    CaseFilter(after=MIDDLE),
    CaseFilter(unit="U10"),
    CaseFilter(garrison="G10", unit="U27"),
    CaseFilter(statuses=[Status.NEW]),
    CaseFilter(statuses=[Status.REFERRED]),
    CaseFilter(statuses=[Status.NEW, Status.ELIMINATED], after=MIDDLE),
    CaseFilter(statuses=[Status.VERIFICATION, Status.CONFIRMED, Status.REFERRED]),
    CaseFilter(overdue=True),
    CaseFilter(overdue=True, after=MIDDLE),
    CaseFilter(overdue=True, unit="U10"),
    CaseFilter(overdue=True, statuses=[Status.VERIFICATION]),
    CaseFilter(overdue=False),
    CaseFilter(queue=True),
    CaseFilter(queue=True, after=MIDDLE),
    CaseFilter(queue=True, unit="U10"),
    CaseFilter(queue=True, statuses=[Status.NEW, Status.CONFIRMED, Status.ELIMINATED]),
    CaseFilter(category="illegal-dump"),
    CaseFilter(category="illegal-dump", after=MIDDLE),
    CaseFilter(query="G10-26-0012"),
    CaseFilter(query="G10"),
    CaseFilter(query="G10", after=MIDDLE),
    CaseFilter(query="G6-26-1"),
    CaseFilter(query="abcd"),
    CaseFilter(query="abc", after=MIDDLE),
    CaseFilter(query="G10-26-0", after=MIDDLE),
]
ASKED = ("statuses", "overdue", "queue", "category", "query")
# One in fifty is open, and of those one in five late; each is a minute older than the one before.
MANY = """
    insert into cases (report_id, number, version, status, round, category, longitude, latitude, garrison, unit,
        unit_name, supporters, submitted_at, changed_at, weekdays, contested, next_due_at)
    select gen_random_uuid(), 'G' || n % 17 || '-26-' || lpad(n::text, 6, '0') || '-X', 1,
        case when n % 50 > 0 then 'eliminated' when n % 100 = 0 then 'new' else 'verification' end, 1,
        case when n % 101 = 0 then 'illegal-dump' else 'parking' end, 17 + (n % 1000) * 0.005, 50 + (n / 1000) * 0.1,
        'G' || n % 17, 'U' || n % 340, 'x', 0, now() - n * interval '1 minute', now(), '{}', n % 211 = 1,
        case when n % 50 = 0 then now() + interval '1 hour' * case when n % 250 = 0 then -n else n end end
    from generate_series(1, 40000) as n
"""


@pytest.fixture(scope="module")
def many(templates: Templates) -> Iterator[Clone]:
    clone = templates.clone("casework")
    with Connection.connect(clone.owner) as owner:
        owner.execute(MANY)
        owner.execute("analyze cases")
    yield clone
    templates.drop(clone)


@pytest.fixture(scope="module")
def officers(many: Clone) -> Iterator[Database]:
    assert many.api
    database = Database(many.api)
    yield database
    database.close()


def listed(connection: Any, officer: Officer, wanted: CaseFilter) -> list[dict[str, Any]]:
    set_identity(connection, officer)
    return list_cases(connection, officer, wanted)


@pytest.mark.parametrize("wanted", FILTERS, ids=repr)
@pytest.mark.parametrize("officer", WHO, ids=lambda officer: officer.role)
def test_a_page_reads_no_more_than_it_must(officers: Database, officer: Officer, wanted: CaseFilter) -> None:
    with officers.transaction() as connection:
        set_identity(connection, officer)
        analysing: Any = Analysing(connection)
        list_cases(analysing, officer, wanted)
    # Of 40,000: a page of each status. Of a garrison's own category it reads the country's, of which it is a part.
    assert analysing.read <= (600 if wanted.category else 160)


@pytest.mark.parametrize(
    "wanted",
    [
        CaseFilter(overdue=True),
        CaseFilter(overdue=True, statuses=[Status.NEW]),
        CaseFilter(queue=True),
        CaseFilter(queue=True, statuses=[Status.VERIFICATION]),
        CaseFilter(category="illegal-dump"),
        CaseFilter(statuses=[Status.NEW, Status.VERIFICATION]),
        CaseFilter(query="G10-26-00"),
        CaseFilter(query="ab"),
    ],
    ids=repr,
)
def test_pages_follow_each_other_to_the_end(officers: Database, wanted: CaseFilter) -> None:
    found: list[dict[str, Any]] = []
    after = None
    with officers.transaction() as connection:
        while True:
            page = CaseFilter(**{name: getattr(wanted, name) for name in ASKED}, after=after)
            rows = listed(connection, WHO[-1], page)
            found += rows[:PAGE]
            if len(rows) <= PAGE:
                break
            after = Position(**{name: rows[PAGE - 1][name] for name in {"report_id", *wanted.order.value}})
        [expected] = connection.execute(
            "select count(*) as n from cases where (%(overdue)s::boolean is null or next_due_at < now())"
            " and (%(statuses)s::text[] is null or status = any(%(statuses)s))"
            " and (not %(queue)s or contested or status in ('new', 'verification', 'confirmed', 'referred'))"
            " and (%(category)s::text is null or category = %(category)s)"
            " and (%(query)s::text is null or number like %(query)s || '%%' or report_id::text like %(query)s || '%%')",
            {name: getattr(wanted, name) for name in ASKED},
        ).fetchall()
    assert len({row["report_id"] for row in found}) == len(found) == expected["n"] > PAGE
    order = [tuple(row[field] for field in wanted.order.value) for row in found]
    assert order == sorted(order, reverse=wanted.order is Order.NEWEST)


def test_the_queue_begins_with_what_is_contested_and_goes_on_with_what_is_due_next(officers: Database) -> None:
    with officers.transaction() as connection:
        first = listed(connection, WHO[2], CaseFilter(queue=True))
        rest = listed(connection, WHO[2], CaseFilter(queue=True, statuses=sorted(OPEN)))
    assert {row["contested"] for row in first[:10]} == {True}
    assert rest[0]["overdue"]
    due = [row["next_due_at"] for row in rest if not row["contested"]]
    assert due == sorted(due)


@pytest.fixture
def ten_in_a_row(many: Clone) -> Iterator[None]:
    """Ten cases, each some 34 m east of the one before; the fourth is closed, the third another unit's."""
    with Connection.connect(many.owner) as owner:
        owner.execute(
            "insert into cases (report_id, number, version, status, round, category, longitude, latitude, garrison,"
            " unit, unit_name, supporters, submitted_at, changed_at, weekdays) select gen_random_uuid(), 'N-' || n, 1,"
            " case when n = 3 then 'eliminated' else 'new' end, 1, 'illegal-dump', 21 + n * 0.0005, 52, 'G10',"
            " case when n = 2 then 'U27' else 'U10' end, 'x', 0, now(), now(), '{}' from generate_series(0, 9) as n"
        )
    yield
    with Connection.connect(many.owner) as owner:
        owner.execute("delete from cases where number like 'N-%'")


@pytest.mark.usefixtures("ten_in_a_row")
def test_what_is_near_is_found_without_reading_the_rest(officers: Database) -> None:
    known = category("illegal-dump")
    assert known
    metres = known.same_m
    for officer, others in ((WHO[0], {"N-1"}), (WHO[2], {"N-1", "N-2"})):
        with officers.transaction() as connection:
            set_identity(connection, officer)
            [row] = connection.execute("select report_id from cases where number = 'N-0'").fetchall()
            analysing: Any = Analysing(connection)
            found = list_similar(analysing, row["report_id"])
            assert found is not None
            near = {case["number"] for case in found if case["metres"] < 80}
            assert near == others
            assert max(case["metres"] for case in found) <= metres
            assert analysing.read_in_all <= 60
    with officers.transaction() as connection:
        set_identity(connection, Officer("a", Role.COORDINATOR, "G10", "U27"))
        assert list_similar(connection, row["report_id"]) is None


def test_the_work_of_units_is_counted_from_what_is_open(officers: Database) -> None:
    for officer, most in ((WHO[0], 60), (WHO[2], 300), (WHO[3], 4000)):
        with officers.transaction() as connection:
            set_identity(connection, officer)
            analysing: Any = Analysing(connection)
            units = list_workload(analysing, officer)
            assert analysing.read_in_all <= most
            [counted] = connection.execute(
                "select count(*) filter (where status in ('new', 'verification')) as open,"
                " count(*) filter (where next_due_at < now()) as overdue, min(next_due_at) as since from cases"
            ).fetchall()
        assert sum(unit["new"] + unit["verification"] for unit in units) == counted["open"]
        assert sum(unit["overdue"] for unit in units) == counted["overdue"]
        assert min(unit["overdue_since"] for unit in units if unit["overdue_since"]) == counted["since"]


def test_no_plan_is_kept_that_was_made_for_other_values(officers: Database) -> None:
    with officers.transaction() as connection:
        for _ in range(10):  # more often than psycopg leaves a statement unprepared
            listed(connection, WHO[0], CaseFilter(statuses=[Status.NEW]))
        kept = connection.execute("select statement from pg_prepared_statements").fetchall()
    assert not [row["statement"] for row in kept if "from cases" in row["statement"]]


def test_counting_the_open_cases_reads_no_closed_ones(many: Clone) -> None:
    service = Database(many.service)
    with service.transaction() as connection:
        analysing: Any = Analysing(connection)
        counted = count_open(analysing)
    service.close()
    assert sum(counted.values()) == 800
    assert analysing.read_in_all <= 1000  # of 40,000
    assert {status for status, _ in counted} == OPEN

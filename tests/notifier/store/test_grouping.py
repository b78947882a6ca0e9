"""Making deliveries and claiming them costs what is delivered, however much waits."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from chassis.postgres import Connection
from contracts.events.notices import Audience, Channel
from notifier.domain.deliveries import Delivery
from notifier.store.deliveries import claim_deliveries
from notifier.store.due import read_next_due
from notifier.store.grouping import insert_due_deliveries
from notifier.store.told import find_told
from psycopg.rows import dict_row
from support.stack.databases import Clone
from support.stack.plans import Analysing

# 20,000 notices of 200 units wait for their digests; those of one are due.
WAITING = """
    insert into notice (notice_id, cause, report_id, kind, audience, recipient, channel, digest, version, details,
        due_at)
    select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'case-opened', 'unit',
        'KMP-' || mod(number, 200), 'email', true, 1, '{}',
        now() + case when mod(number, 200) = 7 then interval '-1 second' else interval '1 minute' end
    from generate_series(1, 20000) as number
"""


# 20,000 citizens are owed a mail: of each report that is newer than one already sent.
OWED = """
    insert into report (report_id, contact_sealed) select gen_random_uuid(), 'x' from generate_series(1, 20000);
    insert into delivery (delivery_id, channel, audience, report_id, kind, due_at)
    select gen_random_uuid(), 'email', 'citizen', report_id, 'taken-up',
        now() + case when random() < 0.5 then interval '-1 minute' else interval '1 hour' end
    from report where contact_sealed is not null;
    insert into notice (notice_id, cause, report_id, kind, audience, channel, digest, version, details, due_at,
        delivery_id)
    select delivery_id, gen_random_uuid(), report_id, kind, audience, channel, false, 2, '{}', due_at, delivery_id
    from delivery;
"""


@pytest.fixture
def analysing(clone: Clone) -> Iterator[Any]:
    """A connection that counts what is read, where much waits."""
    with Connection.connect(clone.owner, row_factory=dict_row) as owner:
        owner.execute(WAITING)
        owner.execute("insert into report (report_id, unit) select report_id, recipient from notice")
        owner.execute(OWED)
        owner.execute("analyze")
        for way in ("seqscan", "hashjoin", "mergejoin"):  # none is the cheapest where tables are large
            owner.execute(f"set local enable_{way} = off".encode())
        yield Analysing(owner)


def test_a_pass_reads_what_it_releases(analysing: Any) -> None:
    insert_due_deliveries(analysing)
    assert analysing.read_in_all < 2_000


def test_a_claim_and_a_look_at_what_is_next_read_what_they_take(analysing: Any) -> None:
    assert len(claim_deliveries(analysing, Channel.EMAIL, timedelta(minutes=1), 25)) == 25
    assert analysing.read_in_all < 500
    assert set(read_next_due(analysing)) == {Channel.EMAIL, None}
    assert analysing.read < 50


def test_whether_an_address_was_told_is_read_from_the_notices_of_its_report(clone: Clone) -> None:
    with Connection.connect(clone.owner, row_factory=dict_row) as owner:
        owner.execute(OWED)  # and not analysed: the planner has to guess
        row = owner.execute("select delivery_id, report_id from delivery limit 1").fetchone()
        assert row is not None
        analysing: Any = Analysing(owner)
        delivery = Delivery(row["delivery_id"], Channel.EMAIL, Audience.UNIT, "KMP-1661", row["report_id"], "x", 1)
        assert find_told(analysing, delivery, b"x") is None
    assert analysing.read < 50

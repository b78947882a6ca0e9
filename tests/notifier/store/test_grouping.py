"""Making deliveries costs what is delivered, however much waits for its digest."""

from typing import Any

from chassis.postgres import Connection
from notifier.store.grouping import insert_due_deliveries
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


def test_a_pass_reads_what_it_releases(clone: Clone) -> None:
    with Connection.connect(clone.owner, row_factory=dict_row) as owner:
        owner.execute(WAITING)
        owner.execute("insert into report (report_id, unit) select report_id, recipient from notice")
        owner.execute("analyze")
        for way in ("seqscan", "hashjoin", "mergejoin"):  # none is the cheapest where tables are large
            owner.execute(f"set local enable_{way} = off".encode())
        analysing: Any = Analysing(owner)
        insert_due_deliveries(analysing)
        assert analysing.read_in_all < 2_000

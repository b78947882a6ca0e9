"""The trace knows the SLA monitor's tables as they are: it looks into a service's own database, which may change."""

from collections.abc import Callable

import psycopg
from contracts.topics import SLA_MONITOR
from deploy.stack.databases import dsn
from deploy.stack.infrastructure import POSTGRES, Stack
from support.events import report_id
from support.stack.databases import Clone

from faults.instruments.trace import Trace

FIRED = """
insert into report (report_id) values (%(report_id)s);
insert into clock (report_id, clock, cycle, started_at, due_at, terms, fired_steps, fired_at)
    values (%(report_id)s, 'take-up', 1, now(), now(), 'faults', '{started}', array[now()]);
update clock set fired_steps = '{started,missed}', fired_at = array[now(), now()];
"""


def test_a_miss_that_is_fired_leaves_its_trace(stack: Stack, database: Callable[[str], Clone]) -> None:
    clone = database(SLA_MONITOR)
    trace = Trace({SLA_MONITOR: dsn(stack.addresses[POSTGRES], None, clone.name)})
    assert trace.install() == ""
    with psycopg.connect(clone.service, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(FIRED, {"report_id": report_id(1)})
    (fired,) = trace.fired()
    assert (fired.report_id, fired.clock, fired.cycle, fired.claims) == (report_id(1), "take-up", 1, ())

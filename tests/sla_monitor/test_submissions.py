"""A report that stands on the log with two submission times has one clock: the first of them starts it."""

import msgspec
import pytest
from chassis.postgres import Connection
from sla_monitor.app import fire_due_steps, handle
from support.events import SUBMITTED, received
from support.histories import Life, terms_in_seconds
from support.sla_monitor.clocks import published_steps, seconds_later, set_watermark

POLICY = terms_in_seconds()


@pytest.mark.parametrize("seconds", [-5, 5, 82])
@pytest.mark.parametrize("together", [False, True])
def test_of_a_report_that_is_said_with_two_times_the_first_on_the_log_counts(
    connection: Connection, seconds: float, together: bool
) -> None:
    first = Life().submitted
    again = msgspec.structs.replace(first, submitted_at=seconds_later(SUBMITTED, seconds))
    batches = [[first, again, first, again]] if together else [[first], [again], [first], [again]]
    for batch in batches:
        handle(POLICY, connection, [received(event) for event in batch])
    set_watermark(connection, seconds_later(SUBMITTED, 10))
    fire_due_steps(POLICY, connection)
    assert [(step.type, step.at) for step in published_steps(connection)] == [
        ("ClockStarted", SUBMITTED),
        ("DeadlineApproaching", seconds_later(SUBMITTED, 7)),
        ("DeadlineMissed", seconds_later(SUBMITTED, 10)),
    ]

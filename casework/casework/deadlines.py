"""The clocks of each report, as the monitor tells them, for officers to see what is due."""

from collections.abc import Sequence

from chassis.consumer import Received
from chassis.postgres import Connection
from contracts.clocks import ClockEvent, ClockStopped, DeadlineApproaching, DeadlineEscalated, DeadlineMissed


def keep(connection: Connection, batch: Sequence[Received]) -> None:
    """Add each step to its clock. Any order and any number of repeats come to the same row."""
    events = [each.event for each in batch if isinstance(each.event, ClockEvent)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into clock (report_id, clock, cycle, started_at, due_at, warned, missed, escalated_to, stopped_at,"
            " outcome) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (report_id, clock, cycle)"
            " do update set started_at = least(clock.started_at, excluded.started_at),"
            " due_at = least(clock.due_at, excluded.due_at), warned = clock.warned or excluded.warned,"
            " missed = clock.missed or excluded.missed,"
            # "headquarters" comes after "garrison" in the alphabet too.
            " escalated_to = greatest(clock.escalated_to, excluded.escalated_to),"
            " stopped_at = least(clock.stopped_at, excluded.stopped_at),"
            " outcome = least(clock.outcome, excluded.outcome)",  # "met", which withdraws a miss, before "missed"
            [
                (
                    event.report_id,
                    event.clock,
                    event.cycle,
                    event.started_at,
                    event.due_at,
                    isinstance(event, DeadlineApproaching),
                    isinstance(event, DeadlineMissed),
                    event.to if isinstance(event, DeadlineEscalated) else None,
                    event.stopped_at if isinstance(event, ClockStopped) else None,
                    event.outcome if isinstance(event, ClockStopped) else None,
                )
                for event in sorted(events, key=lambda event: (event.report_id, event.clock, event.cycle))
            ],
        )

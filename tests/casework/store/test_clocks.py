"""The clocks officers see: the same whatever order their steps are read in."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

from chassis.postgres import Database
from contracts.events.clocks import Clock, ClockEvent, ClockStarted, ClockStopped, DeadlineEscalated, DeadlineMissed
from support.events import OPOLE, SUBMITTED, received, report_id


def steps() -> list[ClockEvent]:
    common: dict[str, Any] = {
        "report_id": report_id(1),
        "clock": Clock.TAKE_UP,
        "cycle": 1,
        "owner": OPOLE,
        "started_at": SUBMITTED,
        "due_at": SUBMITTED + timedelta(days=2),
        "terms": "2016",
    }
    stopped_at = SUBMITTED + timedelta(days=1)
    return [
        ClockStarted(**common),
        DeadlineMissed(**common),
        DeadlineEscalated(**common, to="garrison"),
        DeadlineEscalated(**common, to="headquarters"),
        ClockStopped(
            **common,
            stopped_at=stopped_at,
            outcome="met",
            withdraws_miss=True,
            withdraws_escalations=("garrison", "headquarters"),
        ),
    ]


def test_the_steps_of_a_clock_come_to_the_same_row_in_every_order(
    consume: Callable[..., None], service: Database
) -> None:
    rows = []
    for number, order in enumerate(permutations(steps())):
        if number % 2:
            consume(*(received(event) for event in order))
        for event in order:
            consume(received(event))
        with service.transaction() as connection:
            rows.append(connection.execute("delete from clock returning *").fetchall())
    assert len(rows[0]) == 1
    assert all(row == rows[0] for row in rows)
    assert (rows[0][0]["escalated_to"], rows[0][0]["outcome"]) == ("headquarters", "met")
    assert rows[0][0]["withdrawn_from"] == "garrison"

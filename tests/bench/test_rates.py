"""The search for a rate, waits of all but a few, and copies of what services said: without a service."""

from uuid import UUID

import msgspec
import pytest
from chassis.clock import now
from contracts.envelope import decode
from contracts.events.reports import ReportSubmitted

from bench.core.cpu import MeasurementError
from bench.rates.looking import Waits
from bench.rates.sustained import held, searched
from bench.scale.growth import p95
from bench.scale.rebuild import copies
from bench.stand.cases import opened, taken_up
from bench.stand.reports import submissions


class Machine:
    """Sustains so many a second for moments, and so many for minutes."""

    def __init__(self, moments: float, minutes: float) -> None:
        self.limits = {False: moments, True: minutes}

    def holds(self, per_second: float, seconds: float) -> bool:
        return per_second <= self.limits[seconds > 60]


def test_a_rate_is_found_to_a_quarter() -> None:
    assert searched(Machine(520, 0), 8) == 500
    assert searched(Machine(100, 0), 8) == 100
    with pytest.raises(MeasurementError, match="too many"):
        searched(Machine(99, 0), 8)


def test_what_holds_for_moments_only_is_lowered() -> None:
    assert held(Machine(0, 400), 450, 120) == 450 * 0.9 * 0.9
    with pytest.raises(MeasurementError, match="not sustained"):
        held(Machine(0, 100), 450, 120)


def test_waits_are_in_milliseconds() -> None:
    waits = Waits.of([number / 1000 for number in range(1, 102)])
    assert (waits.p50, waits.p99) == (51.0, 100.0)
    assert p95([float(number) for number in range(1, 21)]) == 19.0


def test_copies_are_of_other_reports_and_usable() -> None:
    said = submissions(2, 1, now())
    messages = [*said, *opened(said, now()), *taken_up(said, now())]
    copied = [*copies(messages, 3)]
    assert copied[:6] == messages
    assert len({message.key for message in copied}) == 6
    events = [decode(message.headers, message.value or b"") for message in copied]
    assert len({event.id for event in events}) == 18
    assert [str(event.data.report_id) for event in events] == [message.key for message in copied]  # type: ignore[attr-defined]
    receipts = {event.data.receipt_sha256 for event in events if isinstance(event.data, ReportSubmitted)}
    assert len(receipts) == 6
    assert all(UUID(event.subject) for event in events)
    assert msgspec.json.decode(copied[-1].value or b"")["version"] == 2

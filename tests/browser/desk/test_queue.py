"""A coordinator clears a mixed queue by keyboard, as hands do it, and each case takes four keystrokes at most.

Counted is each key pressed, Enter and those that only move on, too; not what is written in words. A case is cleared
when what was due of it is done: it has another status, or is gone from the queue, and the next one is there.
"""

from collections import Counter
from time import monotonic
from uuid import UUID

import pytest
from browser.conftest import Opening
from journeys.journey import Journey
from playwright.sync_api import expect
from support.browser.desk import SLOW, DeskWindow
from support.browser.queue import Queue, Task, Typed

GARRISON = "OPO"
# Units of their own: what other tests send is not in the way.
IN_OLESNO, OLESNO = "KPP-1608", (18.40, 50.86)
IN_STRZELCE, STRZELCE = "KPP-1611", (18.28, 50.49)
MOST = 4
PASSED = Task("cleared before", ("j",), "")
FEW = dict.fromkeys(
    ("upheld", "emergency", "joke", "duplicate", "to look at", "found just now", "not found", "seen to"), 1
)
MANY = {
    "contested": 2, "upheld": 2, "emergency": 2, "new": 4, "joke": 3, "duplicate": 4, "to look at": 2, "found": 3,
    "found just now": 3, "not found twice": 3, "not found": 2, "to refer": 2, "seen to": 2, "seen to by others": 1,
    "back from others": 1,
}  # fmt: skip


class Hands:
    """Two hands at the desk, and the eyes that wait for the next case."""

    def __init__(self, desk: DeskWindow) -> None:
        self.desk = desk
        self.pressed: Counter[UUID] = Counter()
        self.began = monotonic()

    def case(self) -> UUID:
        """The case that can be read at this moment."""
        line = self.desk.page.locator('#queue li:has(a[aria-current="true"])')
        report_id = line.get_attribute("data-report", timeout=SLOW)
        assert report_id
        expect(self.desk.case).to_have_attribute("data-report", report_id, timeout=SLOW)
        return UUID(report_id)

    def clear(self, report_id: UUID, task: Task) -> None:
        """What the hands do to this case, until another one is there."""
        for stroke in task.keys:
            if isinstance(stroke, Typed):
                expect(self.desk.page.locator(".action-form textarea:focus")).to_be_visible(timeout=SLOW)
                self.desk.page.keyboard.type(stroke.words)
            else:
                if task.kind == "duplicate" and stroke == "1":  # which case is meant is read first
                    offered = self.desk.page.locator(".action-form .offered input")
                    expect(offered.first).to_be_attached(timeout=SLOW)
                self.pressed[report_id] += self.desk.keys(stroke)
        line = self.desk.line(report_id).locator('a[aria-current="true"]')
        expect(line).to_have_count(0, timeout=SLOW)


def clear(system: Journey, window: Opening, unit: str, corner: tuple[float, float], kinds: dict[str, int]) -> None:
    queue = Queue(system, unit, GARRISON, corner)
    tasks = queue.make(kinds)
    desk = DeskWindow(window(1440, language="pl"), unit)
    hands = Hands(desk)
    desk.window.examine("before")
    left = dict(tasks)
    while left:
        report_id = hands.case()
        hands.clear(report_id, left.pop(report_id, PASSED))
    seconds, strokes = monotonic() - hands.began, hands.pressed.total()
    desk.window.examine("after")
    print(f"{len(tasks)} cases in {seconds:.1f} s and {strokes} keystrokes, {strokes / len(tasks):.2f} each")
    assert {report_id: queue.status(report_id) for report_id in tasks} == {
        report_id: task.status for report_id, task in tasks.items()
    }
    most = max(hands.pressed, key=lambda report_id: hands.pressed[report_id])
    assert hands.pressed[most] <= MOST, tasks[most]
    assert strokes <= MOST * len(tasks)


def test_nine_mixed_cases_are_cleared_at_four_keystrokes_each(system: Journey, window: Opening) -> None:
    clear(system, window, IN_OLESNO, OLESNO, FEW)


@pytest.mark.slow
def test_forty_mixed_cases_are_cleared_at_four_keystrokes_each(system: Journey, window: Opening) -> None:
    assert sum(MANY.values()) + MANY["duplicate"] == 40
    clear(system, window, IN_STRZELCE, STRZELCE, MANY)

"""Cases of what only a newer release can say in full: nobody's report waits for an upgrade."""

from collections.abc import Callable

from contracts.events.cases import CaseChange, CaseOpened
from support.casework.openings import routed, submitted
from support.events import OPOLE, outgoing, report_id
from support.next_release import from_next_release, received_by_base


def test_a_report_opens_by_what_its_base_says(
    consume: Callable[..., None], published: Callable[[], list[CaseChange]]
) -> None:
    consume(received_by_base(from_next_release(outgoing(submitted(1)), time_of_day="dawn")))
    consume(received_by_base(from_next_release(outgoing(routed(1)), method="guess")))
    [opened] = published()
    assert isinstance(opened, CaseOpened)
    assert (opened.report_id, opened.owner, opened.routed) == (report_id(1), OPOLE, True)
    assert opened.boundary_version == routed(1).boundary_version

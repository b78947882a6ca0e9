"""Whatever strangers send, one after the other: ordinary reports are served meanwhile, and no service ends."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from contracts.topics import SERVICES
from deploy.mailbox import messages
from deploy.stack.process import Life
from journeys.journey import Journey
from journeys.strangers.difficult import VICTIM, Difficult
from journeys.strangers.examples import EXAMPLES
from journeys.strangers.ordinary import Neighbours, seconds_to
from journeys.strangers.shape import Example
from journeys.strangers.stage import Stage
from support.wait import eventually

READERS = ("routing", "casework", "sla_monitor", "notifier", "public_map")
WITHIN_SECONDS = 15.0
"""An ordinary report's slowest step, on a machine that runs other tests beside this one."""


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "examples",
    [
        pytest.param([example for example in EXAMPLES if not example.slow], id="quick"),
        pytest.param(EXAMPLES, id="all", marks=pytest.mark.slow),
    ],
)
def test_ordinary_reports_are_served_while_strangers_send_every_example(
    journey: Journey, difficult: Difficult, tmp_path: Path, examples: Sequence[Example]
) -> None:
    lives, neighbours = running(journey), Neighbours(journey)
    with neighbours.reporting():
        stage = Stage(journey, difficult, tmp_path)
        wrong = [said for example in examples if (said := example.play(stage))]
    assert not wrong, "\n".join(wrong)
    assert neighbours.unhealthy == []
    slowest = seconds_to(journey, [receipt.report_id for receipt in neighbours.receipts])
    assert max(slowest.values()) < WITHIN_SECONDS, slowest
    assert len(neighbours.receipts) > len(examples) / 2
    eventually(lambda: sum(journey.metric(name, "kmzb_consumer_lag_messages") for name in READERS) == 0, 30)
    assert [mail["X-RcptTo"] for mail in messages(difficult.mail.folder) if VICTIM in str(mail)] == []
    assert journey.http.get(journey.url("casework", "/v1/cases"), headers=stage.coordinator).json()["cases"]
    assert journey.http.get(journey.url("public_map", "/v1/reports.geojson")).json()["features"]
    assert running(journey) == lives


def running(journey: Journey) -> dict[str, Life | None]:
    """Each service's process: its id and when it was started."""
    return {service: Life.of(journey.system.process(service)) for service in SERVICES}

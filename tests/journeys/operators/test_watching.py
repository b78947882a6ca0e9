"""A real Prometheus on the running system: every panel has data, and alerts fire on what happens."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from contracts.envelope import Outgoing
from contracts.topics import REPORT_SUBMITTED, SERVICES
from deploy.dashboards.boards import BOARDS
from deploy.stack.process import Process, wait_ready
from deploy.stack.servers import prometheus
from journeys.journey import OPOLE, Journey
from support.stack.ports import free_url
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
CHOSEN = {"$garrison": ".*", "$service": ".*"}


class Watch:
    """Prometheus' answers."""

    def __init__(self, journey: Journey, url: str) -> None:
        self._journey, self._url = journey, url

    def ask(self, question: str) -> list[dict[str, Any]]:
        for variable, value in CHOSEN.items():
            question = question.replace(variable, value)
        answer = self._journey.http.get(f"{self._url}/api/v1/query", params={"query": question}).json()
        assert answer["status"] == "success", (question, answer)
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def alerts(self, name: str) -> list[dict[str, Any]]:
        """The alerts of a name that fire, each with its labels and what it says."""
        answer = self._journey.http.get(f"{self._url}/api/v1/alerts").json()
        return [
            alert
            for alert in answer["data"]["alerts"]
            if alert["labels"]["alertname"] == name and alert["state"] == "firing"
        ]


def all_answer(without_data: list[str]) -> bool:
    assert without_data == []
    return True


@pytest.fixture(scope="module")
def watch(journey: Journey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """Prometheus, reading the services every second."""
    folder, url = tmp_path_factory.mktemp("prometheus"), free_url()
    metrics = {
        service: journey.addresses[f"KMZB_{service.replace('-', '_').upper()}_METRICS_URL"] for service in SERVICES
    }
    prometheus.prepare(folder, metrics, scrape="1s")
    process = Process(folder, prometheus.part(folder, url))
    process.start()
    try:
        wait_ready(process, 30)
        yield Watch(journey, url)
    finally:
        process.stop()


def test_every_panel_has_data(journey: Journey, watch: Watch) -> None:
    officer = journey.officer("KMP-1661", "OPO")
    sent = journey.send(*OPOLE)
    eventually(lambda: journey.case(sent.report_id, officer).is_success, 30)
    assert journey.change(sent.report_id, "take-up", officer).is_success
    asked = {
        f"{name}: {panel.title}: {question}": question
        for name, board in BOARDS.items()
        for row in board.rows.values()
        for panel in row
        for question in panel.asks.values()
    }

    def without_data() -> list[str]:
        return [what for what, question in asked.items() if not watch.ask(question)]

    assert len(asked) > 50
    eventually(lambda: all_answer(without_data()), 90)


def test_a_missed_clock_is_an_alert(journey: Journey, watch: Watch) -> None:
    journey.send(*OPOLE, category="drinking")  # due in three seconds
    told = eventually(lambda: watch.alerts("ClocksOverdue"), 120)
    assert {(each["labels"]["garrison"], each["labels"]["clock"]) for each in told} >= {("OPO", "take-up")}
    assert told[0]["annotations"]["runbook_url"] == "docs/operations.md#clocksoverdue"


def test_a_dead_letter_is_an_alert(journey: Journey, watch: Watch) -> None:
    journey.publish_unusable(Outgoing(REPORT_SUBMITTED.name, str(uuid4()), [], b"{nonsense"))
    eventually(
        lambda: {each["labels"]["service"] for each in watch.alerts("MessagesSetAside")} >= {"casework", "routing"}, 60
    )


def test_a_service_that_is_stopped_is_an_alert_that_ends_when_it_is_back(journey: Journey, watch: Watch) -> None:
    journey.hold("routing", by=Process.stop)
    try:
        told = eventually(lambda: watch.alerts("ServiceDown"), 120)
        assert [each["annotations"]["summary"] for each in told] == ["routing does not answer"]
    finally:
        journey.release("routing")
    eventually(lambda: not watch.alerts("ServiceDown"), 60)

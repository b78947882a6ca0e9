"""What a beat officer takes along: the beat's checks of today, without a citizen's words; and what keeps the page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from casework.domain.checks import end_of_day
from chassis.postgres import Database
from contracts.events.reports import ReportContent
from fastapi.testclient import TestClient
from support.casework.officers import KATOWICE, Issuer, Officer
from support.events import OPOLE, received, report_id


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-11-02T22:59:59Z", "2026-11-02T23:00:00Z"),  # winter
        ("2026-11-02T23:00:00Z", "2026-11-03T23:00:00Z"),
        ("2026-07-02T21:59:59Z", "2026-07-02T22:00:00Z"),  # summer
        ("2026-10-25T00:30:00Z", "2026-10-25T23:00:00Z"),  # the day of 25 hours
        ("2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z"),  # the day of 23
    ],
)
def test_a_day_ends_at_midnight_in_poland(at: str, ends: str) -> None:
    assert end_of_day(datetime.fromisoformat(at)) == datetime.fromisoformat(ends)


def test_today_is_what_is_due_in_the_beat_by_tonight(
    client: TestClient, issuer: Issuer, coordinator: Officer, open_cases: Callable[..., None], service: Database,
    consume: Callable[..., None],
) -> None:  # fmt: skip
    open_cases(*range(1, 9))
    open_cases(9, owner=KATOWICE)
    consume(received(ReportContent(report_id=report_id(1), description="prywatne słowa")))
    coordinator.change("take-up", number=2)
    coordinator.change("take-up", "confirm", number=3)
    tonight = end_of_day(datetime.now(UTC))
    due: dict[int, Any] = {number: {"next_due_at": tonight - timedelta(minutes=number)} for number in range(1, 10)}
    due[4] = {"next_due_at": tonight}
    due[5] = {"next_due_at": tonight + timedelta(days=1), "task_due_at": tonight - timedelta(hours=1)}
    due[6] |= {"executor": "patrol"}
    due[7] |= {"beat": "another"}
    due[8] = {"next_due_at": datetime(2026, 11, 3, tzinfo=UTC)}
    with service.transaction() as connection:
        connection.execute("update cases set beat = 'R1'")
        for number, columns in due.items():
            for column, value in columns.items():
                statement = f"update cases set {column} = %s where report_id = %s"  # noqa: S608 (our own)
                connection.execute(statement.encode(), (value, report_id(number)))
    officer = issuer.token("beat_officer", OPOLE.unit, "OPO", beat="R1")
    answer = client.get("/v1/today", headers={"Authorization": f"Bearer {officer}"})
    shown = [case["report_id"] for case in answer.json()["cases"]]
    assert shown == [str(report_id(number)) for number in (8, 5, 2, 1)]
    assert "prywatne" not in answer.text
    assert answer.json()["cases"][0]["overdue"] is True
    for who in (issuer.signed_in("garrison", None, "OPO"), issuer.signed_in("headquarters")):
        assert client.get("/v1/today", headers=who).json()["cases"] == []


def test_the_worker_keeps_the_page_and_its_files_alone(client: TestClient) -> None:
    answer = client.get("/desk/today/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/desk/today"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    kept = answer.text.partition("\n")[0]
    page = client.get("/desk/today").text
    for part in page.split('"'):
        if part.startswith("/static/") and "#" not in part:
            assert part in kept, part
    assert "/v1/" not in answer.text
    for name in kept.split('"'):
        if name.startswith("/static/"):
            assert client.get(name).status_code == 200

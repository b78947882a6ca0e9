"""Officers at the desk: the way of a case over HTTP, and what a request is refused for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid5

from contracts.events import cases
from contracts.events.cases import CaseChange
from contracts.events.reports import ReportContent, ReportContested
from contracts.statuses import Status
from fastapi.testclient import TestClient
from support.casework.officers import KATOWICE, Issuer, Officer
from support.casework.openings import routed, submitted
from support.events import OPOLE, SUBMITTED, received, report_id

Published = Callable[[], list[CaseChange]]


def test_a_case_goes_from_the_report_to_its_elimination(
    client: TestClient, issuer: Issuer, consume: Callable[..., None], published: Callable[[], list[CaseChange]]
) -> None:
    consume(received(submitted()), received(ReportContent(report_id=report_id(1), description="Auto na chodniku")))
    consume(received(routed()))
    me = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    listed = client.get("/v1/cases", headers=me).json()
    assert [case["report_id"] for case in listed["cases"]] == [str(report_id(1))]
    url = f"/v1/cases/{report_id(1)}"
    detail = client.get(url, headers=me)
    assert detail.headers["ETag"] == '"1"'
    assert detail.json()["words"]["description"] == "Auto na chodniku"
    assert detail.json()["number"].startswith("OPO-26-")

    version = 1
    for path, body in [
        ("take-up", None),
        ("checks", {"checked_at": datetime.now(UTC).isoformat(), "finding": "found", "note": "stoi"}),
        ("confirm", {"note": "potwierdzam"}),
        ("refer", {"agency": "road-manager"}),
        ("return", None),
        ("eliminate", None),
    ]:
        answer = client.post(f"{url}/{path}", json=body, headers=me | {"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
        version += 1
        assert answer.headers["ETag"] == f'"{version}"'
    assert [type(event) for event in published()] == [
        cases.CaseOpened,
        cases.CaseTakenUp,
        cases.CheckRecorded,
        cases.CaseConfirmed,
        cases.CaseReferred,
        cases.CaseReturned,
        cases.CaseEliminated,
    ]
    assert [event.version for event in published()] == list(range(1, 8))
    history = client.get(url, headers=me).json()["history"]
    assert [entry["note"] for entry in history][2:4] == ["stoi", "potwierdzam"]


def test_a_change_needs_the_version_that_was_seen(coordinator: Officer, open_cases: Callable[..., None]) -> None:
    open_cases(1)
    url = f"/v1/cases/{report_id(1)}/take-up"
    missing = coordinator.client.post(url, headers=coordinator.headers)
    assert (missing.status_code, missing.headers["content-type"]) == (428, "application/problem+json")
    refused = {
        "*": 428,
        "x": 400,
        "1": 400,
        "1,2": 400,
        '"1': 400,
        'W/"1"': 412,
        '"7"': 412,
        '"1.0"': 412,
        '"7", W/"1"': 412,
    }
    for odd, status in refused.items():
        headers = coordinator.headers | {"If-Match": odd}
        assert coordinator.client.post(url, headers=headers).status_code == status, odd
    assert coordinator.post("take-up", version=1).status_code == 200
    stale = coordinator.post("reject", version=1)
    assert (stale.status_code, stale.json()["version"], stale.headers["ETag"]) == (412, 2, '"2"')
    assert coordinator.detail()["status"] == "verification"


def test_what_is_not_allowed_now_names_what_is(coordinator: Officer, open_cases: Callable[..., None]) -> None:
    open_cases(1)
    refused = coordinator.post("confirm")
    assert refused.status_code == 409
    assert refused.json()["allowed"] == ["take-up", "reject", "ask", "task", "correct", "transfer", "merge"]
    assert coordinator.detail()["allowed"] == refused.json()["allowed"]
    assert coordinator.detail()["version"] == 1


def test_what_is_not_for_the_role_is_refused_whatever_the_status(
    client: TestClient, issuer: Issuer, open_cases: Callable[..., None]
) -> None:
    open_cases(1)
    beat = Officer(client, issuer.signed_in("beat_officer", OPOLE.unit, "OPO"))
    garrison = Officer(client, issuer.signed_in("garrison", None, "OPO"))
    for action in ("reject", "eliminate", "return", "reopen"):
        assert beat.post(action).status_code == 403
    for action in ("take-up", "confirm", "reject"):
        assert garrison.post(action).status_code == 403
    assert garrison.detail()["allowed"] == []


def test_of_two_officers_at_once_one_wins(
    coordinator: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    open_cases(*range(1, 9))

    def both(number: int) -> list[int]:
        with ThreadPoolExecutor(2) as officers:
            futures = [officers.submit(coordinator.post, action, None, number, 1) for action in ("take-up", "reject")]
        return sorted(future.result().status_code for future in futures)

    for number in range(1, 9):
        assert both(number) == [200, 412]
    versions = [(event.report_id, event.version) for event in published()]
    assert sorted(versions) == sorted((report_id(number), version) for number in range(1, 9) for version in (1, 2))


def test_not_confirmed_takes_two_checks_or_a_reason(
    coordinator: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    open_cases(1, 2)
    for number in (1, 2):
        coordinator.change("take-up", number=number)
    assert coordinator.post("unconfirm").status_code == 422
    for _ in range(2):
        body = {"checked_at": datetime.now(UTC).isoformat(), "finding": "not_found"}
        assert coordinator.post("checks", body).status_code == 200
    assert coordinator.post("unconfirm").status_code == 200
    last = published()[-1]
    assert isinstance(last, cases.CaseUnconfirmed)
    assert (last.answer.checks, last.answer.found) == (2, 0)
    assert coordinator.post("unconfirm", {"reason": "adres nie istnieje"}, 2).status_code == 200
    assert coordinator.detail(2)["history"][-1]["note"] == "adres nie istnieje"
    assert "adres" not in repr(published())
    assert [check["officer"] for check in coordinator.detail()["checks"]] == [f"officer-coordinator-{OPOLE.unit}"] * 2


def test_a_contested_case_is_reopened_in_the_next_round(
    coordinator: Officer, open_cases: Callable[..., None], consume: Callable[..., None], published: Published
) -> None:
    open_cases(1)
    coordinator.change("take-up", "confirm", "eliminate")
    contest = received(ReportContested(report_id=report_id(1), said_at=datetime.now(UTC)))
    consume(contest)
    assert coordinator.detail()["contested"] is True
    coordinator.change("reopen")
    last = published()[-1]
    assert isinstance(last, cases.CaseReopened)
    assert (last.contested, last.round, last.status) == (True, 2, Status.VERIFICATION)
    consume(contest)  # read again, it is not asked again
    assert coordinator.detail()["contested"] is False


def test_a_case_is_tasked_to_whoever_usually_goes(
    coordinator: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    open_cases(1, category="speeding")
    due_at = datetime.now(UTC) + timedelta(days=1)
    assert coordinator.post("task", {"due_at": due_at.isoformat()}).status_code == 200
    assert coordinator.post("task", {"due_at": "2026-01-01T00:00:00Z"}).status_code == 422
    assert (coordinator.detail()["executor"], coordinator.detail()["status"]) == ("traffic", "new")
    assert isinstance(published()[-1], cases.CaseTasked)


def test_text_that_the_database_would_refuse_is_refused_before(
    coordinator: Officer, open_cases: Callable[..., None]
) -> None:
    open_cases(1)
    for text in ("a\x00b", "a\x1bb", "x" * 5000):
        assert coordinator.post("take-up", {"note": text}).status_code == 422
    assert coordinator.post("merge", {"into": "a\x00"}).status_code == 422
    assert coordinator.post("take-up", {"note": "zażółć\nżółw 🐢"}).status_code == 200
    assert coordinator.detail()["history"][-1]["note"] == "zażółć\nżółw 🐢"


def test_a_case_number_is_never_given_twice(open_cases: Callable[..., None], published: Published) -> None:
    open_cases(*range(1, 20))
    open_cases(*range(20, 40), owner=KATOWICE)
    numbers = [event.case_number for event in published()]
    assert len(set(numbers)) == 39
    assert [number[:7] for number in numbers] == ["OPO-26-"] * 19 + ["KAT-26-"] * 20


def test_the_id_of_a_change_follows_from_report_and_version(outbox: Callable[[], list[Any]], open_cases: Any) -> None:
    open_cases(1)
    envelope = outbox()[0]
    assert envelope.id == uuid5(report_id(1), "change/1")
    assert envelope.submitted_at == SUBMITTED + timedelta(seconds=1)


def test_a_check_that_is_sent_again_with_its_key_is_recorded_once(
    coordinator: Officer, open_cases: Callable[..., None], client: TestClient, issuer: Issuer
) -> None:
    open_cases(1)
    coordinator.change("take-up")
    check = {"checked_at": "2026-11-02T12:00:00Z", "finding": "found", "note": " nadal \u200btam "}
    url = f"/v1/cases/{report_id(1)}/checks"

    def send(key: str, who: Officer | None = None, **other: Any) -> Any:
        headers = (who or coordinator).headers | {"If-Match": '"2"', "Idempotency-Key": key}
        return client.post(url, json=check | other, headers=headers)

    key = "0123456789abcdef"
    first, again = send(key), send(key)
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    assert again.headers["ETag"] == first.headers["ETag"] == '"3"'
    assert [each["note"] for each in coordinator.detail()["checks"]] == ["nadal tam"]
    others: list[dict[str, Any]] = [{"finding": "not_found"}, {"checked_at": "2026-11-02T12:00:01Z"}, {"note": "nie"}]
    for other in others:
        refused = send(key, **other)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert send("another-key-of-16").status_code == 412  # decided on what is not any more
    somebody = Officer(client, issuer.signed_in("beat_officer", OPOLE.unit, "OPO"))
    assert send(key, somebody).status_code == 412  # and a key is its officer's own
    assert len(coordinator.detail()["checks"]) == 1
    for odd in ("short", "x" * 256, "with a space here"):
        assert send(odd).status_code == 422

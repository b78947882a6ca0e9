"""Officers at the desk: the way of a case over HTTP, and what a request is refused for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid5

import pytest
from casework.lists import PAGE
from chassis.postgres import Database
from contracts import cases
from contracts.base import Owner
from contracts.cases import CaseChange
from contracts.clocks import Clock, ClockStarted, ClockStopped
from contracts.reports import ReportContent, ReportContested
from contracts.statuses import Status
from fastapi.testclient import TestClient
from httpx import Response
from support.events import OPOLE, SUBMITTED, received, report_id
from support.officers import Issuer
from support.openings import routed, submitted, unroutable

KATOWICE = Owner(garrison="KAT", unit="KMP-2469", unit_name="Komenda Miejska Policji w Katowicach")
Told = Callable[[], list[CaseChange]]


class Officer:
    """Somebody signed in, who asks for changes from the version the case is at, or the one named."""

    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def card(self, number: int = 1) -> dict[str, Any]:
        card: dict[str, Any] = self.client.get(f"/v1/cases/{report_id(number)}", headers=self.headers).json()
        return card

    def does(self, action: str, body: Any = None, number: int = 1, version: int | None = None) -> Response:
        at = self.card(number).get("version", 1) if version is None else version
        headers = self.headers | {"If-Match": f'"{at}"'}
        url = f"/v1/cases/{report_id(number)}/{action}"
        answer: Response = self.client.post(url, json=body, headers=headers)
        return answer

    def did(self, *actions: str, number: int = 1) -> None:
        for action in actions:
            body = BODIES.get(action)
            answer = self.does(action, body, number)
            assert answer.status_code == 200, (action, answer.text)

    def listed(self, **params: Any) -> list[str]:
        answer = self.client.get("/v1/cases", params=params, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return [case["report_id"] for case in answer.json()["cases"]]


BODIES = {"unconfirm": {"reason": "nic tam nie ma"}, "refer": {"agency": "road-manager"}}


@pytest.fixture
def coordinator(client: TestClient, issuer: Issuer) -> Officer:
    return Officer(client, issuer.signed_in("coordinator", OPOLE.unit, "OPO"))


@pytest.fixture
def headquarters(client: TestClient, issuer: Issuer) -> Officer:
    return Officer(client, issuer.signed_in("headquarters"))


@pytest.fixture
def opened(hear: Callable[..., None]) -> Callable[..., None]:
    def opening(*numbers: int, owner: Owner = OPOLE, **more: Any) -> None:
        hear(*(received(submitted(number, **more)) for number in numbers))
        hear(*(received(routed(number, owner)) for number in numbers))

    return opening


def test_a_case_goes_from_the_report_to_its_elimination(
    client: TestClient, issuer: Issuer, hear: Callable[..., None], changes_told: Callable[[], list[CaseChange]]
) -> None:
    hear(received(submitted()), received(ReportContent(report_id=report_id(1), description="Auto na chodniku")))
    hear(received(routed()))
    me = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    listed = client.get("/v1/cases", headers=me).json()
    assert [case["report_id"] for case in listed["cases"]] == [str(report_id(1))]
    url = f"/v1/cases/{report_id(1)}"
    card = client.get(url, headers=me)
    assert card.headers["ETag"] == '"1"'
    assert card.json()["words"]["description"] == "Auto na chodniku"
    assert card.json()["number"].startswith("OPO-26-000001-")

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
    assert [type(event) for event in changes_told()] == [
        cases.CaseOpened,
        cases.CaseTakenUp,
        cases.CheckRecorded,
        cases.CaseConfirmed,
        cases.CaseReferred,
        cases.CaseReturned,
        cases.CaseEliminated,
    ]
    assert [event.version for event in changes_told()] == list(range(1, 8))
    history = client.get(url, headers=me).json()["history"]
    assert [entry["note"] for entry in history][2:4] == ["stoi", "potwierdzam"]


def test_a_change_needs_the_version_that_was_seen(coordinator: Officer, opened: Callable[..., None]) -> None:
    opened(1)
    url = f"/v1/cases/{report_id(1)}/take-up"
    missing = coordinator.client.post(url, headers=coordinator.headers)
    assert (missing.status_code, missing.headers["content-type"]) == (428, "application/problem+json")
    for odd in ("*", "x", 'W/"1"', "1,2", "-1", "1.0"):
        headers = coordinator.headers | {"If-Match": odd}
        assert coordinator.client.post(url, headers=headers).status_code == 400
    assert coordinator.does("take-up", version=1).status_code == 200
    stale = coordinator.does("reject", version=1)
    assert (stale.status_code, stale.json()["version"], stale.headers["ETag"]) == (412, 2, '"2"')
    assert coordinator.card()["status"] == "verification"


def test_what_is_not_allowed_now_names_what_is(coordinator: Officer, opened: Callable[..., None]) -> None:
    opened(1)
    refused = coordinator.does("confirm")
    assert refused.status_code == 409
    assert refused.json()["allowed"] == ["take-up", "reject", "task", "correct", "transfer", "merge"]
    assert coordinator.card()["allowed"] == refused.json()["allowed"]
    assert coordinator.card()["version"] == 1


def test_what_is_not_for_the_role_is_refused_whatever_the_status(
    client: TestClient, issuer: Issuer, opened: Callable[..., None]
) -> None:
    opened(1)
    beat = Officer(client, issuer.signed_in("beat_officer", OPOLE.unit, "OPO"))
    garrison = Officer(client, issuer.signed_in("garrison", None, "OPO"))
    for action in ("reject", "eliminate", "return", "reopen"):
        assert beat.does(action).status_code == 403
    for action in ("take-up", "confirm", "reject"):
        assert garrison.does(action).status_code == 403
    assert garrison.card()["allowed"] == []


def test_of_two_officers_at_once_one_wins(
    coordinator: Officer, opened: Callable[..., None], changes_told: Told
) -> None:
    opened(*range(1, 9))

    def both(number: int) -> list[int]:
        with ThreadPoolExecutor(2) as officers:
            asked = [officers.submit(coordinator.does, action, None, number, 1) for action in ("take-up", "reject")]
        return sorted(each.result().status_code for each in asked)

    for number in range(1, 9):
        assert both(number) == [200, 412]
    versions = [(event.report_id, event.version) for event in changes_told()]
    assert sorted(versions) == sorted((report_id(number), version) for number in range(1, 9) for version in (1, 2))


def test_not_confirmed_takes_two_checks_or_a_reason(
    coordinator: Officer, opened: Callable[..., None], changes_told: Told
) -> None:
    opened(1, 2)
    for number in (1, 2):
        coordinator.did("take-up", number=number)
    assert coordinator.does("unconfirm").status_code == 422
    for _ in range(2):
        body = {"checked_at": datetime.now(UTC).isoformat(), "finding": "not_found"}
        assert coordinator.does("checks", body).status_code == 200
    assert coordinator.does("unconfirm").status_code == 200
    last = changes_told()[-1]
    assert isinstance(last, cases.CaseUnconfirmed)
    assert (last.answer.checks, last.answer.found) == (2, 0)
    assert coordinator.does("unconfirm", {"reason": "adres nie istnieje"}, 2).status_code == 200
    assert coordinator.card(2)["history"][-1]["note"] == "adres nie istnieje"
    assert "adres" not in repr(changes_told())
    assert [check["officer"] for check in coordinator.card()["checks"]] == [f"officer-coordinator-{OPOLE.unit}"] * 2


def test_a_contested_case_is_reopened_in_the_next_cycle(
    coordinator: Officer, opened: Callable[..., None], hear: Callable[..., None], changes_told: Told
) -> None:
    opened(1)
    coordinator.did("take-up", "confirm", "eliminate")
    contest = received(ReportContested(report_id=report_id(1), said_at=SUBMITTED + timedelta(days=9)))
    hear(contest)
    assert coordinator.card()["contested"] is True
    coordinator.did("reopen")
    last = changes_told()[-1]
    assert isinstance(last, cases.CaseReopened)
    assert (last.contested, last.cycle, last.status) == (True, 2, Status.VERIFICATION)
    hear(contest)  # heard again, it is not asked again
    assert coordinator.card()["contested"] is False


def test_a_case_is_tasked_to_whoever_usually_goes(
    coordinator: Officer, opened: Callable[..., None], changes_told: Told
) -> None:
    opened(1, category="speeding")
    due_at = datetime.now(UTC) + timedelta(days=1)
    assert coordinator.does("task", {"due_at": due_at.isoformat()}).status_code == 200
    assert coordinator.does("task", {"due_at": "2026-01-01T00:00:00Z"}).status_code == 422
    assert (coordinator.card()["executor"], coordinator.card()["status"]) == ("traffic", "new")
    assert isinstance(changes_told()[-1], cases.CaseTasked)


def test_a_transfer_takes_the_case_out_of_sight_and_into_the_others(
    client: TestClient, issuer: Issuer, coordinator: Officer, opened: Callable[..., None], changes_told: Told
) -> None:
    opened(1)
    coordinator.did("take-up")
    assert coordinator.does("transfer", {"to": "KMP-2469"}).status_code == 422  # a reason is needed
    assert coordinator.does("transfer", {"to": "KMP-9999", "reason": "pomyłka"}).status_code == 422
    assert coordinator.does("transfer", {"to": "OPO", "reason": "garnizon nie ma spraw"}).status_code == 422
    gone = coordinator.does("transfer", {"to": "KMP-2469", "reason": "leży w Katowicach"})
    assert (gone.status_code, gone.json()["owner"]["unit"], gone.headers["ETag"]) == (200, "KMP-2469", '"3"')
    assert coordinator.client.get(f"/v1/cases/{report_id(1)}", headers=coordinator.headers).status_code == 404
    there = Officer(client, issuer.signed_in("coordinator", "KMP-2469", "KAT"))
    assert there.card()["history"][-1]["note"] == "leży w Katowicach"
    last = changes_told()[-1]
    assert isinstance(last, cases.CaseTransferred)
    assert (last.previous, last.owner, last.status, last.by_routing) == (OPOLE, KATOWICE, Status.VERIFICATION, False)
    assert last.case_number.startswith("OPO-")
    there.did("confirm")


def test_a_transfer_to_a_beat_stays_in_the_unit(coordinator: Officer, opened: Callable[..., None]) -> None:
    opened(1)
    assert coordinator.does("transfer", {"to": "OPO-B1", "reason": "rejon pierwszy"}).status_code == 200
    assert coordinator.card()["owner"]["beat"] == "OPO-B1"
    assert coordinator.does("transfer", {"to": "OPO-B1", "reason": "jeszcze raz"}).status_code == 422


def test_headquarters_owns_what_nobody_was_found_for_and_passes_it_on(
    headquarters: Officer, coordinator: Officer, hear: Callable[..., None], changes_told: Told
) -> None:
    hear(received(submitted()), received(unroutable()))
    event = changes_told()[0]
    assert isinstance(event, cases.CaseOpened)
    assert (event.owner.unit, event.routed, event.case_number[:6]) == ("KGP", False, "KGP-26")
    assert headquarters.card()["allowed"] == ["task", "correct", "transfer", "merge"]
    assert headquarters.does("transfer", {"to": "166101", "reason": "to jest w Opolu"}).status_code == 200
    assert coordinator.card()["owner"] == {
        "garrison": "OPO",
        "unit": OPOLE.unit,
        "unit_name": OPOLE.unit_name,
        "station": None,
        "beat": None,
        "district": "166101",
    }


def test_a_corrected_place_is_routed_again_and_the_case_follows(
    coordinator: Officer,
    headquarters: Officer,
    opened: Callable[..., None],
    hear: Callable[..., None],
    changes_told: Told,
) -> None:
    opened(1)
    assert coordinator.does("correct", {}).status_code == 422
    assert coordinator.does("correct", {"longitude": 19.0}).status_code == 422
    body = {"longitude": 19.02, "latitude": 50.26, "category": "drinking", "note": "zły adres"}
    assert coordinator.does("correct", body).status_code == 200
    event = changes_told()[-1]
    assert isinstance(event, cases.CaseCorrected)
    assert (event.previous_category, event.previous_longitude, event.place_corrected) == ("parking", 17.92, True)
    answer = received(routed(1, KATOWICE, place_version=event.version))
    hear(received(routed(1, KATOWICE, place_version=event.version + 5)))  # not what was asked
    hear(answer)
    hear(answer)
    moved = changes_told()[-1]
    assert isinstance(moved, cases.CaseTransferred)
    assert (moved.version, moved.owner, moved.by_routing, moved.longitude) == (3, KATOWICE, True, 19.02)
    assert len(changes_told()) == 3
    assert headquarters.card()["owner"]["unit"] == KATOWICE.unit


def test_a_transfer_by_hand_overrules_the_routing_of_a_corrected_place(
    coordinator: Officer, headquarters: Officer, opened: Callable[..., None], hear: Callable[..., None]
) -> None:
    opened(1)
    assert coordinator.does("correct", {"longitude": 19.02, "latitude": 50.26}).status_code == 200
    assert coordinator.does("transfer", {"to": "KPP-1601", "reason": "wiem lepiej"}).status_code == 200
    hear(received(routed(1, KATOWICE, place_version=2)))
    assert headquarters.card()["owner"]["unit"] == "KPP-1601"


def test_a_case_ends_in_another_units_case_which_counts_it(
    coordinator: Officer, headquarters: Officer, opened: Callable[..., None], changes_told: Told
) -> None:
    opened(1)
    opened(2, owner=KATOWICE)
    number = headquarters.card(2)["number"]
    assert coordinator.does("merge", {"into": number.lower(), "reason": "to samo"}).status_code == 200
    survivor, ended = changes_told()[-2:]
    assert isinstance(survivor, cases.CaseSeconded)
    assert isinstance(ended, cases.CasesMerged)
    assert (survivor.report_id, survivor.version, survivor.seconds, survivor.owner) == (report_id(2), 2, 1, KATOWICE)
    assert (ended.report_id, ended.into, ended.into_number) == (report_id(1), report_id(2), number)
    assert headquarters.card(2)["history"][-1]["detail"] == {"absorbed": str(report_id(1))}
    refused = coordinator.does("take-up")
    assert (refused.status_code, refused.json()["allowed"]) == (409, [])
    assert coordinator.listed() == []
    assert coordinator.listed(q=coordinator.card()["number"]) == [str(report_id(1))]


@pytest.mark.parametrize("into", ["itself", "closed", "unknown", "ended"])
def test_a_case_ends_only_in_another_open_one(
    coordinator: Officer, headquarters: Officer, opened: Callable[..., None], changes_told: Told, into: str
) -> None:
    opened(1, 2, 3)
    coordinator.did("reject", number=2)
    if into == "ended":
        assert coordinator.does("merge", {"into": str(report_id(1))}, 3).status_code == 200
    number = {"itself": 1, "closed": 2, "unknown": 9, "ended": 3}[into]
    before = changes_told()
    assert coordinator.does("merge", {"into": str(report_id(number))}).status_code == 422
    assert coordinator.does("merge", {"into": "OPO-26-' or 1=1"}).status_code == 422
    assert coordinator.does("merge", {"into": str(report_id(3))}, version=7).status_code == 412
    assert changes_told() == before
    assert headquarters.card(2)["seconds"] == 0


def test_two_cases_that_would_end_in_each_other_at_once_leave_one(
    coordinator: Officer, opened: Callable[..., None], changes_told: Told
) -> None:
    for first in range(1, 9, 2):
        opened(first, first + 1)
        pair = [(first, first + 1), (first + 1, first)]
        with ThreadPoolExecutor(2) as officers:
            asked = [
                officers.submit(coordinator.does, "merge", {"into": str(report_id(into))}, number, 1)
                for number, into in pair
            ]
        codes = sorted(each.result().status_code for each in asked)
        assert codes in ([200, 412], [200, 422]), codes
    assert sum(isinstance(event, cases.CasesMerged) for event in changes_told()) == 4


def test_a_list_is_read_to_its_end_page_by_page(
    coordinator: Officer, opened: Callable[..., None], service: Database
) -> None:
    opened(*range(1, 2 * PAGE + 6))
    with service.transaction() as connection:  # many at the same moment: the id decides then
        connection.execute("update cases set submitted_at = %s where unit = %s", (SUBMITTED, OPOLE.unit))
    found: list[str] = []
    params: dict[str, str] = {}
    while True:
        page = coordinator.client.get("/v1/cases", params=params, headers=coordinator.headers).json()
        found += [case["report_id"] for case in page["cases"]]
        if page["next"] is None:
            break
        params = {"next": page["next"]}
    assert found == sorted((str(report_id(number)) for number in range(1, 2 * PAGE + 6)), reverse=True)
    for odd in ("x", "AAAA", "e30", "WyIyMDI2LTExLTAyIiwieCJd"):
        answer = coordinator.client.get("/v1/cases", params={"next": odd}, headers=coordinator.headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "next")


def test_cases_are_found_by_status_by_number_and_by_id(coordinator: Officer, opened: Callable[..., None]) -> None:
    opened(1, 2)
    coordinator.did("take-up", number=2)
    assert coordinator.listed(status="verification") == [str(report_id(2))]
    assert coordinator.listed(status=["new", "verification"]) == [str(report_id(2)), str(report_id(1))]
    number = coordinator.card(1)["number"]
    assert coordinator.listed(q=number.lower()) == coordinator.listed(q=str(report_id(1))[:13]) == [str(report_id(1))]
    assert len(coordinator.listed(q="opo-26-0000")) == 2
    assert coordinator.listed(q="KAT") == []
    swapped = number[:-3] + str(9 - int(number[-3])) + number[-2:]
    answer = coordinator.client.get("/v1/cases", params={"q": swapped}, headers=coordinator.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "q")
    for odd in ("%", "_", "a", "x" * 50, "a b"):
        answer = coordinator.client.get("/v1/cases", params={"q": odd}, headers=coordinator.headers)
        assert answer.status_code == 422


def clock_started(number: int, due_at: datetime, clock: Clock = Clock.TAKE_UP) -> ClockStarted:
    return ClockStarted(
        report_id=report_id(number),
        clock=clock,
        cycle=1,
        owner=OPOLE,
        started_at=SUBMITTED,
        due_at=due_at,
        terms="2016",
    )


def test_a_case_is_overdue_while_a_clock_runs_past_its_deadline(
    coordinator: Officer, opened: Callable[..., None], hear: Callable[..., None]
) -> None:
    opened(1, 2, 3, 4)
    past, future = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    late = clock_started(2, past)
    stopped = ClockStopped(
        report_id=report_id(2),
        clock=Clock.TAKE_UP,
        cycle=1,
        owner=OPOLE,
        started_at=SUBMITTED,
        due_at=past,
        terms="2016",
        stopped_at=past,
        outcome="met",
    )
    review = clock_started(4, past, Clock.REVIEW)  # a reminder, never a miss
    hear(*map(received, (clock_started(1, past), late, stopped, clock_started(3, future), review)))
    hear(received(late))
    assert coordinator.listed(overdue=True) == [str(report_id(1))]
    assert set(coordinator.listed(overdue=False)) == {str(report_id(number)) for number in (2, 3, 4)}
    assert (coordinator.card(1)["overdue"], coordinator.card(3)["overdue"]) == (True, False)
    assert coordinator.card(2)["clocks"][0]["outcome"] == "met"


def test_text_that_the_database_would_refuse_is_refused_before(
    coordinator: Officer, opened: Callable[..., None]
) -> None:
    opened(1)
    for text in ("a\x00b", "a\x1bb", "x" * 5000):
        assert coordinator.does("take-up", {"note": text}).status_code == 422
    assert coordinator.does("merge", {"into": "a\x00"}).status_code == 422
    assert coordinator.does("take-up", {"note": "zażółć\nżółw 🐢"}).status_code == 200
    assert coordinator.card()["history"][-1]["note"] == "zażółć\nżółw 🐢"


def test_a_case_number_is_never_given_twice(opened: Callable[..., None], changes_told: Told) -> None:
    opened(*range(1, 20))
    opened(*range(20, 40), owner=KATOWICE)
    numbers = [event.case_number for event in changes_told()]
    assert len(set(numbers)) == 39
    assert {number[:13] for number in numbers} == {f"OPO-26-{each:06}" for each in range(1, 20)} | {
        f"KAT-26-{each:06}" for each in range(1, 21)
    }


def test_the_id_of_a_change_follows_from_report_and_version(told: Callable[[], list[Any]], opened: Any) -> None:
    opened(1)
    envelope = told()[0]
    assert envelope.id == uuid5(report_id(1), "change/1")
    assert envelope.submitted_at == SUBMITTED + timedelta(seconds=1)

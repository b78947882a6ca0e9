"""What the holder of a receipt is told, from the first second to the end."""

from typing import Any

from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import (
    CaseConfirmed,
    CaseOpened,
    CaseRejected,
    CasesMerged,
    CaseSupported,
    CaseTakenUp,
)
from contracts.events.routing import Reason, ReportUnroutable
from contracts.policy.terms import policy
from fastapi.testclient import TestClient
from support.events import report_id
from support.public_map.public_lives import DAY, Life, feed

MAP = "/v1/reports.geojson"


def receipt(reader: TestClient, life: Life) -> Any:
    answer = reader.get(f"/v1/receipts/{life.receipt}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def test_the_receipt_answers_from_the_submission_alone(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    feed(store, [life.submitted()])
    told = receipt(reader, life)
    promise = policy().promise("parking", life.sent_at)
    assert (told["report_id"], told["status"], told["status_name"]) == (str(life.id), "new", "Nowe")
    assert [told[field] for field in ("case_number", "unit", "continues_as")] == [None, None, None]
    assert told["take_up_by"] == promise.take_up_by.isoformat().replace("+00:00", "Z")
    assert told["verify_by"] == promise.verify_by.isoformat().replace("+00:00", "Z")
    assert [step["status"] for step in told["timeline"]] == ["new"]
    assert "112" in told["emergency"]
    assert reader.get(MAP).json()["features"] == []


def test_the_receipt_names_the_unit_the_deadlines_and_what_happened(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - 4 * DAY)
    feed(store, [life.submitted(), life.routed()])
    assert receipt(reader, life)["unit_name"] == "Komenda Miejska Policji w Opolu"
    feed(store, [*[life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseConfirmed)], *life.clocks()])
    feed(store, [life.change(CaseSupported, supporters=3)])
    told = receipt(reader, life)
    assert (told["case_number"], told["unit"], told["garrison"], told["supporters"]) == (
        life.number,
        "KMP-1661",
        "OPO",
        3,
    )
    assert [step["status"] for step in told["timeline"]] == ["new", "verification", "confirmed"]
    assert told["timeline"][-1]["answer"] == {
        "checks": 2,
        "found": 1,
        "last_check_on": None,
        "checked_on": [],
    }
    take_up, verification = told["deadlines"]
    assert (take_up["clock"], take_up["outcome"], take_up["overdue"]) == ("take-up", "missed", False)
    assert (verification["clock"], verification["outcome"], verification["overdue"]) == ("verification", None, False)
    assert told["verify_by"] == verification["due_at"]


def test_a_clock_that_runs_past_its_time_is_overdue(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - 4 * DAY)
    started, missed, *_ = life.clocks()
    feed(store, [life.submitted()])
    feed(store, [missed])
    feed(store, [started])
    assert [deadline["overdue"] for deadline in receipt(reader, life)["deadlines"]] == [True]


def test_the_receipt_of_what_cannot_be_placed_names_headquarters(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    nowhere = ReportUnroutable(
        report_id=life.id,
        longitude=18.9,
        latitude=54.9,
        category="parking",
        submitted_at=life.sent_at,
        reason=Reason.OUTSIDE,
    )
    feed(store, [nowhere, life.submitted()])
    assert receipt(reader, life)["unit_name"] == "Komenda Główna Policji"


def test_the_holder_is_told_of_what_the_public_never_sees(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY, "drug-use")
    feed(store, [life.submitted(), life.change(CaseOpened), life.change(CaseRejected)])
    assert receipt(reader, life)["status_name"] == "Żart lub pomyłka"
    assert reader.get(MAP).json()["features"] == []


def test_the_receipt_of_an_absorbed_case_says_which_number_goes_on(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.submitted(), life.change(CaseOpened), life.change(CasesMerged)])
    assert receipt(reader, life)["continues_as"] == {
        "report_id": str(report_id(9000)),
        "case_number": "OPO-26-009000-Z",
    }


def test_every_unknown_receipt_gets_the_same_answer(reader: TestClient) -> None:
    same = reader.get("/v1/receipts/BBBBBBBBBBBBBBBBBBBBBB").json()
    for guess in ("AAAAAAAAAAAAAAAAAAAAAA", "x", "%00", "ż" * 30, "a" * 5000, "%ff%fe"):
        answer = reader.get(f"/v1/receipts/{guess}")
        assert answer.status_code == 404
        assert answer.json() == same
        assert answer.headers["cache-control"] == "no-store"


def test_a_report_from_before_the_first_terms_is_answered_in_words(store: Database, reader: TestClient) -> None:
    life = Life(1, policy().terms[0].effective_from - DAY)
    feed(store, [life.submitted()])
    answer = reader.get(f"/v1/receipts/{life.receipt}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "before there were deadlines" in answer.json()["detail"]

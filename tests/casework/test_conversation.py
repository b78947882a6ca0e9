"""What coordinator and reporter say to each other: questions and answers, contests, reports that are taken back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from casework.api.bodies import REPORTER_MAX
from chassis.postgres import Database
from contracts.events.cases import CaseChange, DecisionUpheld, QuestionAsked, WordsToReporter
from contracts.events.reports import (
    ErasureRequested,
    FollowUp,
    FollowUpWords,
    QuestionAnswered,
    ReportContested,
    ReportWithdrawn,
)
from contracts.topics import TO_REPORTER
from fastapi.testclient import TestClient
from support.casework.officers import Issuer, Officer
from support.events import OPOLE, received, report_id

Consume = Callable[..., None]
Open = Callable[..., None]
QUESTION = {"text": "Po której stronie ulicy?"}
ANSWER = "Po stronie szkoły, od osiemnastej."


def say(consume: Consume, event: FollowUp, words: str = "") -> None:
    """Read a follow-up, and what was written with it, as intake writes them."""
    if words:
        consume(received(FollowUpWords(report_id=event.report_id, follow_up=id_of(event), text=words)))
    consume(received(event))


def id_of(event: FollowUp) -> UUID:
    envelope = received(event).envelope
    assert envelope
    return envelope.id


def answer(question: int, number: int = 1) -> QuestionAnswered:
    return QuestionAnswered(report_id=report_id(number), said_at=datetime.now(UTC), question=question)


def test_a_question_goes_to_the_reporter_and_no_word_of_it_on_the_change(
    coordinator: Officer, open_cases: Open, outbox: Callable[[], list[Any]]
) -> None:
    open_cases(1)
    assert coordinator.post("ask", QUESTION).json()["version"] == 2
    words, change = (message.data for message in outbox()[1:])
    assert words == WordsToReporter(report_id=report_id(1), version=2, text=QUESTION["text"])
    assert isinstance(change, QuestionAsked)
    assert (change.question, change.version, QUESTION["text"] in repr(change)) == (1, 2, False)
    assert [entry["note"] for entry in coordinator.detail()["history"]] == [None, QUESTION["text"]]
    coordinator.change("ask")
    assert (coordinator.detail()["questions"], outbox()[-1].data.question) == (2, 2)


@pytest.mark.parametrize("text", ["", "  ", "a?", "x" * (REPORTER_MAX + 1), "a\u0000b", None])
def test_a_question_that_says_nothing_or_too_much_is_refused_at_its_field(
    coordinator: Officer, open_cases: Open, text: str | None
) -> None:
    open_cases(1)
    refused = coordinator.post("ask", {"text": text})
    assert refused.status_code == 422
    assert "text" in refused.json()["errors"][0]["field"]
    assert coordinator.detail()["version"] == 1


def test_an_answer_is_read_by_who_works_the_case_and_makes_no_version(
    coordinator: Officer, open_cases: Open, consume: Consume, client: TestClient, issuer: Issuer
) -> None:
    open_cases(1)
    coordinator.change("ask")
    before = coordinator.client.get("/v1/cases", headers=coordinator.headers)
    say(consume, answer(1), ANSWER)
    detail = coordinator.detail()
    assert (detail["version"], detail["questions"], detail["answered"]) == (2, 1, 1)
    (said,) = detail["said_after"]
    assert (said["what"], said["question"], said["text"]) == ("QuestionAnswered", 1, ANSWER)
    # The list says that something is new, so that an open desk reads the case again.
    tag = {"If-None-Match": before.headers["ETag"]}
    assert coordinator.client.get("/v1/cases", headers=coordinator.headers | tag).status_code == 200
    garrison = Officer(client, issuer.signed_in("garrison", None, "OPO")).detail()
    assert (garrison["answered"], garrison["said_after"]) == (1, [])


def test_each_question_is_answered_once_and_nothing_written_is_hidden(
    coordinator: Officer, open_cases: Open, consume: Consume
) -> None:
    open_cases(1)
    coordinator.change("ask", "ask")
    first = answer(1)
    say(consume, first, ANSWER)
    say(consume, first, ANSWER)
    say(consume, answer(1), "I jeszcze: tylko w soboty.")
    assert coordinator.detail()["answered"] == 1
    say(consume, answer(2), "Tak.")
    detail = coordinator.detail()
    assert detail["answered"] == 2
    assert sorted((said["question"] or 0, said["text"]) for said in detail["said_after"]) == [
        (0, "I jeszcze: tylko w soboty."),
        (1, ANSWER),
        (2, "Tak."),
    ]


def test_an_answer_to_what_nobody_asked_is_a_remark(coordinator: Officer, open_cases: Open, consume: Consume) -> None:
    open_cases(1)
    say(consume, answer(7), ANSWER)
    detail = coordinator.detail()
    assert (detail["answered"], detail["history"][-1]["detail"]) == (0, {"question": 7, "counted": False})


def test_an_answer_may_be_read_before_its_words(coordinator: Officer, open_cases: Open, consume: Consume) -> None:
    open_cases(1)
    coordinator.change("ask")
    said = answer(1)
    consume(received(said))
    consume(received(FollowUpWords(report_id=report_id(1), follow_up=id_of(said), text=ANSWER)))
    assert [said["text"] for said in coordinator.detail()["said_after"]] == [ANSWER]


def test_who_takes_the_report_back_is_seen_and_the_case_goes_on(
    coordinator: Officer, open_cases: Open, consume: Consume, published: Callable[[], list[CaseChange]]
) -> None:
    open_cases(1)
    for _ in range(2):
        say(consume, ReportWithdrawn(report_id=report_id(1), said_at=datetime.now(UTC)))
    detail = coordinator.detail()
    assert (detail["withdrawn"], detail["status"], detail["version"]) == (True, "new", 1)
    assert [entry["what"] for entry in detail["history"]] == ["CaseOpened", "ReportWithdrawn"]
    coordinator.change("take-up", "confirm")
    assert coordinator.detail()["withdrawn"] is True
    assert len(published()) == 3


def test_whoever_had_their_words_erased_is_asked_nothing_more(
    coordinator: Officer, open_cases: Open, consume: Consume, outbox: Callable[[], list[Any]]
) -> None:
    open_cases(1)
    coordinator.change("ask")
    say(consume, answer(1), ANSWER)
    say(consume, ErasureRequested(report_id=report_id(1), said_at=datetime.now(UTC)))
    gone = [message for message in outbox() if isinstance(message, str)]
    assert [key for key in gone if re.fullmatch(TO_REPORTER.key, key)] == [f"{report_id(1)}/2"]
    assert coordinator.detail()["said_after"] == []
    refused = coordinator.post("ask", QUESTION)
    assert refused.status_code == 409
    assert "ask" not in refused.json()["allowed"]


def test_a_contested_decision_is_upheld_in_words_once_and_contested_no_more(
    coordinator: Officer, open_cases: Open, consume: Consume, outbox: Callable[[], list[Any]]
) -> None:
    open_cases(1)
    coordinator.change("reject")
    assert coordinator.post("uphold", {"text": "Byliśmy tam."}).status_code == 409
    say(consume, ReportContested(report_id=report_id(1), said_at=datetime.now(UTC)), "Nadal tam jest")
    assert coordinator.list_cases(order="due") == [str(report_id(1))]
    assert coordinator.detail()["allowed"] == ["reopen", "uphold"]
    coordinator.change("uphold")
    words, change = (message.data for message in outbox()[-2:])
    assert isinstance(change, DecisionUpheld)
    assert (words.text, words.version, change.status) == ("Byliśmy tam trzy razy.", change.version, "rejected")
    assert (coordinator.detail()["contested"], coordinator.list_cases(order="due")) == (False, [])
    say(consume, ReportContested(report_id=report_id(1), said_at=datetime.now(UTC)))
    assert (coordinator.detail()["contested"], coordinator.detail()["allowed"]) == (False, ["reopen"])
    coordinator.change("reopen", "reject")
    say(consume, ReportContested(report_id=report_id(1), said_at=datetime.now(UTC)))
    assert coordinator.detail()["contested"] is True  # another decision


def test_what_another_reporter_says_of_a_merged_case_is_read_but_marks_nothing(
    coordinator: Officer, open_cases: Open, consume: Consume, service: Database
) -> None:
    open_cases(1, 2)
    coordinator.change("ask", number=2)
    assert coordinator.post("merge", {"into": str(report_id(1))}, number=2).status_code == 200
    say(consume, answer(1, 2), ANSWER)
    say(consume, ReportWithdrawn(report_id=report_id(2), said_at=datetime.now(UTC)))
    detail = coordinator.detail()
    assert (detail["answered"], detail["withdrawn"]) == (0, False)
    assert [(said["what"], said["text"]) for said in detail["said_after"]] == [("QuestionAnswered", ANSWER)]


def test_a_report_that_goes_on_from_a_closed_one_shows_it_and_is_shown_there(
    coordinator: Officer, open_cases: Open, two_units: None
) -> None:
    open_cases(11, 12, continues=report_id(1))
    open_cases(13, continues=report_id(2))  # of another unit's, which stays out of sight
    number = coordinator.detail(1)["number"]
    assert coordinator.detail(11)["earlier"] == {"report_id": str(report_id(1)), "number": number, "status": "new"}
    assert [case["report_id"] for case in coordinator.detail(1)["later"]] == [str(report_id(12)), str(report_id(11))]
    assert coordinator.detail(1)["earlier"] is None
    assert (coordinator.detail(13)["earlier"], coordinator.detail(13)["continues"]) == (None, str(report_id(2)))
    assert coordinator.detail(1)["owner"]["unit"] == OPOLE.unit

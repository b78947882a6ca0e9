"""What is said after sending, as the holder of the receipt sees it, in whatever order it is read."""

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from chassis import clock
from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.base import Event
from contracts.events.cases import (
    Answer,
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CaseReopened,
    CasesMerged,
    CaseTakenUp,
    CaseUnconfirmed,
    DecisionUpheld,
    QuestionAsked,
)
from contracts.events.reports import (
    ErasureRequested,
    QuestionAnswered,
    ReportContested,
    ReportSupported,
    ReportWithdrawn,
)
from contracts.statuses import Language
from contracts.topics import TO_REPORTER
from fastapi.testclient import TestClient
from public_map import app
from support.events import received, received_tombstone
from support.public_map.public_lives import Life, feed

ASKED = "Po której stronie <ulicy>?"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def life(store: Database) -> Life:
    """A report with an open case."""
    made = Life(1, clock.now() - timedelta(days=3))
    feed(store, [made.submitted(), made.routed(), made.change(CaseOpened)])
    return made


def told(reader: TestClient, life: Life) -> Any:
    return reader.get(f"/v1/receipts/{life.receipt}").json()


def page(reader: TestClient, life: Life, language: Language = "en") -> str:
    answer = reader.get(f"/r/{life.receipt}", params={"lang": language})
    assert answer.status_code == 200
    return str(answer.text)


def take_in(store: Database, batch: list[Received]) -> None:
    with store.transaction() as connection:
        app.handle(connection, batch)


def answered(life: Life, question: int = 1) -> QuestionAnswered:
    return QuestionAnswered(report_id=life.id, said_at=clock.now(), question=question)


def test_a_question_is_for_the_holder_of_the_receipt_alone(store: Database, reader: TestClient, life: Life) -> None:
    feed(store, [life.change(QuestionAsked), life.words(ASKED)])
    (question,) = told(reader, life)["questions"]
    assert (question["question"], question["text"], question["answered_at"]) == (1, ASKED, None)
    text = page(reader, life)
    assert "Po której stronie &lt;ulicy&gt;?" in text
    assert 'data-say="answer" data-question="1"' in text
    shown = [reader.get(path).text for path in ("/v1/reports.geojson", f"/v1/reports/{life.id}", "/")]
    assert not any("Po której" in text or "question" in text.lower() for text in shown[:2])


def test_a_question_is_the_same_in_any_order_and_however_often_it_is_read(store: Database, reader: TestClient) -> None:
    for number, order in enumerate(permutations(range(3)), start=10):
        life = Life(number, clock.now())
        feed(store, [life.submitted()])
        change, words = life.change(QuestionAsked), life.words(ASKED)
        events: list[Event] = [change, words, answered(life)]
        for index in order:
            feed(store, [events[index]])
        feed(store, [*events, *events])
        (question,) = told(reader, life)["questions"]
        assert (question["text"], question["answered_at"] is None) == (ASKED, False), order


def test_what_was_erased_comes_back_with_no_order(store: Database, reader: TestClient) -> None:
    for number, order in enumerate(permutations(range(3)), start=10):
        life = Life(number, clock.now())
        change, words = life.change(QuestionAsked), life.words(ASKED)
        batch = [received(change), received(words), received_tombstone(TO_REPORTER, words.key)]
        take_in(store, [received(life.submitted()), *(batch[index] for index in order)])
        for index in order:
            take_in(store, [batch[index]])
        assert [question["text"] for question in told(reader, life)["questions"]] == [None], order
        assert "Po której" not in page(reader, life)
    with store.transaction() as connection:
        assert connection.execute("select from letter where words is not null").fetchall() == []


def test_a_question_whose_words_are_still_to_come_is_not_shown(store: Database, reader: TestClient, life: Life) -> None:
    feed(store, [life.change(QuestionAsked)])
    assert told(reader, life)["questions"] == []
    feed(store, [life.words(ASKED)])
    assert len(told(reader, life)["questions"]) == 1


def test_each_question_is_answered_once(store: Database, reader: TestClient, life: Life) -> None:
    for _ in range(2):
        feed(store, [life.change(QuestionAsked), life.words(ASKED)])
    first = answered(life, 2)
    feed(store, [first, answered(life, 2)])
    said_at = [question["answered_at"] for question in told(reader, life)["questions"]]
    assert said_at == [None, first.said_at.isoformat().replace("+00:00", "Z")]
    text = page(reader, life)
    assert ('data-question="1"' in text, 'data-question="2"' in text) == (True, False)
    assert "You answered on" in text


def test_nobody_answers_once_it_is_decided_or_nothing_would_be_kept(
    store: Database, reader: TestClient, life: Life
) -> None:
    feed(store, [life.change(QuestionAsked), life.words(ASKED)])
    assert told(reader, life)["may_answer"] is True
    feed(store, [ErasureRequested(report_id=life.id, said_at=clock.now())])
    assert told(reader, life)["may_answer"] is False
    assert told(reader, life)["erased_at"]
    text = page(reader, life)
    assert 'data-say="answer"' not in text
    assert 'data-say="erasure"' not in text
    assert "You had everything you wrote erased" in text
    other = Life(2, clock.now() - timedelta(days=3))
    feed(store, [other.submitted(), other.change(CaseOpened), other.change(QuestionAsked), other.words(ASKED)])
    feed(store, [other.change(CaseTakenUp), other.change(CaseUnconfirmed)])
    assert told(reader, other)["may_answer"] is False
    assert "No answer is needed any more" in page(reader, other)


def test_the_page_says_that_the_report_was_taken_back(store: Database, reader: TestClient, life: Life) -> None:
    assert 'data-say="withdrawal"' in page(reader, life)
    said = ReportWithdrawn(report_id=life.id, said_at=clock.now())
    feed(store, [ReportWithdrawn(report_id=life.id, said_at=clock.now() + MINUTE)])
    feed(store, [said])
    assert told(reader, life)["withdrawn_at"] == said.said_at.isoformat().replace("+00:00", "Z")
    text = page(reader, life)
    assert "You took this report back" in text
    assert 'data-say="withdrawal"' not in text


def contest(life: Life, at: datetime) -> ReportContested:
    return ReportContested(report_id=life.id, said_at=at)


def test_a_decision_is_contested_once_and_the_next_one_again(store: Database, reader: TestClient, life: Life) -> None:
    def stands() -> tuple[bool, bool, bool]:
        now = told(reader, life)
        shown = 'data-say="contest"' in page(reader, life)
        assert now["may_contest"] is shown
        return now["may_contest"], now["contested_at"] is not None, now["upheld"] is not None

    assert stands() == (False, False, False)  # nothing is decided
    feed(store, [contest(life, life.at), life.change(CaseTakenUp), life.change(CaseUnconfirmed)])
    assert stands() == (True, False, False)  # it was said before the decision
    feed(store, [contest(life, life.at + MINUTE / 2)])
    assert stands() == (False, True, False)
    assert "has the place checked again or answers here" in page(reader, life)
    feed(store, [life.change(DecisionUpheld), life.words("Byliśmy tam jeszcze raz.")])
    assert stands() == (False, True, True)
    text = page(reader, life)
    assert "the decision stands" in text
    assert "Byliśmy tam jeszcze raz." in text
    feed(store, [life.change(CaseReopened)])
    assert stands() == (False, False, False)
    feed(store, [life.change(CaseConfirmed), life.change(CaseEliminated)])
    assert stands() == (True, False, False)


def test_a_closed_report_leads_to_a_new_one_that_is_linked(store: Database, reader: TestClient, life: Life) -> None:
    assert "continues=" not in page(reader, life)
    feed(store, [life.change(CaseTakenUp), life.change(CaseUnconfirmed)])
    assert f"/report?continues={life.id}&amp;category=parking" in page(reader, life)


def test_what_ended_in_another_case_is_neither_answered_nor_contested(
    store: Database, reader: TestClient, life: Life
) -> None:
    feed(store, [life.change(QuestionAsked), life.words(ASKED), life.change(CasesMerged)])
    now = told(reader, life)
    assert (now["may_answer"], now["may_contest"]) == (False, False)


def test_me_toos_leave_nothing_here_whatever_report_they_name(store: Database) -> None:
    feed(store, [ReportSupported(report_id=UUID(int=7), said_at=clock.now(), sender="a" * 64)])
    with store.transaction() as connection:
        assert connection.execute("select from report").fetchall() == []
        assert connection.execute("select from said").fetchall() == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pl", "Kiedy: 2 listopada 2026; 4 listopada 2026."),
        ("en", "When: 2 November 2026; 4 November 2026."),
        ("uk", "Коли: 2 листопада 2026"),
        ("de", "Wann: 2. November 2026; 4. November 2026."),
        ("cs", "Kdy: 2. listopadu 2026; 4. listopadu 2026."),
    ],
)
def test_a_decision_says_on_which_days_officers_were_there(
    store: Database, reader: TestClient, life: Life, language: Language, said: str
) -> None:
    days = (date(2026, 11, 2), date(2026, 11, 4))
    answer = Answer(checks=3, found=0, last_check_on=days[-1], checked_on=days)
    feed(store, [life.change(CaseTakenUp), life.change(CaseUnconfirmed, answer=answer)])
    text = " ".join(page(reader, life, language).split())
    assert said in text
    assert told(reader, life)["timeline"][-1]["answer"]["checked_on"] == ["2026-11-02", "2026-11-04"]

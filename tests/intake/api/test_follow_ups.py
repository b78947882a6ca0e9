"""What is said after sending: once per sender and report, and only by who may."""

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest
from contracts.envelope import Outgoing, decode
from contracts.events.reports import (
    ErasureRequested,
    FollowUpWords,
    QuestionAnswered,
    ReportContested,
    ReportSubmitted,
    ReportSupported,
    ReportWithdrawn,
)
from intake.domain.identity import Identities
from starlette.testclient import TestClient
from support.intake.memory_log import RECEIPT_SECRET, SECRET, SENDER, MemoryLog, report

IDENTITIES = Identities(bytes.fromhex(SECRET), bytes.fromhex(RECEIPT_SECRET))


def one_text_each(messages: Sequence[Outgoing]) -> None:
    """An event's id stands for one text and one time, however often the same is said."""
    texts: dict[UUID, tuple[object, ...]] = {}
    for message in messages:
        said = decode(message.headers, message.value or b"")
        assert texts.setdefault(said.id, (said.time, message.value)) == (said.time, message.value)
    assert len(texts) == len(messages)  # said at two moments, so two events


def test_me_too_counts_once_per_sender_and_report(serve: Callable[..., TestClient], log: MemoryLog) -> None:
    report_id, other = uuid4(), uuid4()
    here, there = serve(), serve(sender="198.51.100.7")
    for sender, about in ((here, report_id), (here, report_id), (there, report_id), (here, other)):
        answer = sender.post(f"/v1/reports/{about}/support")
        assert answer.status_code == 202
        assert answer.json()["report_id"] == str(about)
    said = [decode(message.headers, message.value or b"") for message in log.messages]
    assert all(isinstance(each.data, ReportSupported) for each in said)
    counted = {(each.data.report_id, each.data.sender) for each in said if isinstance(each.data, ReportSupported)}
    assert len(counted) == 3  # by which casework tells repeats
    one_text_each(log.messages)
    assert SENDER.encode() not in b"".join(message.value or b"" for message in log.messages)


@pytest.mark.parametrize(
    ("path", "event"), [("contest", ReportContested), ("withdrawal", ReportWithdrawn), ("erasure", ErasureRequested)]
)
def test_who_has_the_receipt_can_speak_up(path: str, event: type, client: TestClient, log: MemoryLog) -> None:
    receipt = client.post("/v1/reports", content=report(), headers={"Content-Type": "application/json"}).json()
    log.stages.clear()
    for _ in range(2):
        answer = client.post(receipt["links"][path], json={"report_id": receipt["report_id"]})
        assert answer.status_code == 202
    first, second = log.messages
    said = decode(first.headers, first.value or b"")
    assert isinstance(said.data, event)
    one_text_each([first, second])
    assert receipt["receipt"].encode() not in repr(first).encode()


@pytest.mark.parametrize("path", ["contest", "erasure"])
def test_who_has_not_can_not(path: str, client: TestClient, log: MemoryLog) -> None:
    report_id = uuid4()
    for receipt in ("r" * 22, IDENTITIES.receipt(uuid4()), "zażółć", "x"):
        answer = client.post(f"/v1/receipts/{receipt}/{path}", json={"report_id": str(report_id)})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "receipt")
    assert not log.stages


def test_follow_ups_that_are_not_acknowledged_say_so(client: TestClient, log: MemoryLog) -> None:
    log.away = True
    answer = client.post(f"/v1/reports/{uuid4()}/support")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


def test_a_reason_is_on_content_before_what_it_is_said_with(client: TestClient, log: MemoryLog) -> None:
    receipt = client.post("/v1/reports", content=report(), headers={"Content-Type": "application/json"}).json()
    log.stages.clear()
    said = {"report_id": receipt["report_id"], "reason": " Auta stoją tam znowu "}
    assert client.post(receipt["links"]["contest"], json=said).status_code == 202
    words, contest = [decode(message.headers, message.value or b"") for message in log.messages]
    assert isinstance(words.data, FollowUpWords)
    assert (words.data.text, words.data.follow_up) == ("Auta stoją tam znowu", contest.id)
    assert isinstance(contest.data, ReportContested)
    assert contest.data.has_words
    assert "Auta" not in repr(log.messages[1])


def test_an_answer_names_its_question(client: TestClient, log: MemoryLog) -> None:
    receipt = client.post("/v1/reports", content=report(), headers={"Content-Type": "application/json"}).json()
    log.stages.clear()
    said = {"report_id": receipt["report_id"], "question": 2, "text": "Po lewej"}
    assert client.post(receipt["links"]["answer"], json=said).status_code == 202
    words, answer = [decode(message.headers, message.value or b"").data for message in log.messages]
    assert isinstance(words, FollowUpWords)
    assert isinstance(answer, QuestionAnswered)
    assert answer.question == 2


@pytest.mark.parametrize("text", ["", " ", "a\0b", "x" * 501])
def test_an_answer_is_words_within_bounds(text: str, client: TestClient, log: MemoryLog) -> None:
    receipt = client.post("/v1/reports", content=report(), headers={"Content-Type": "application/json"}).json()
    log.stages.clear()
    said = {"report_id": receipt["report_id"], "question": 1, "text": text}
    assert client.post(receipt["links"]["answer"], json=said).status_code == 422
    assert not log.stages


def test_what_reads_like_an_emergency_carries_a_flag_and_none_of_its_words(client: TestClient, log: MemoryLog) -> None:
    for description, flag in (("Ktoś tu nie oddycha, pomocy", True), ("Auta na chodniku", False)):
        log.stages.clear()
        client.post(
            "/v1/reports", content=report(description=description), headers={"Content-Type": "application/json"}
        )
        (submitted,) = (event for event in log.events if isinstance(event, ReportSubmitted))
        assert submitted.emergency_like is flag
        assert "oddycha" not in repr(submitted)

"""A report that is taken: what is written, in which order, what is answered, and what a repeat does."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from contracts.envelope import decode, follows
from contracts.events.reports import ReportContact, ReportContent, ReportSubmitted
from intake.domain.identity import Identities
from intake.domain.receipts import Receipt
from nacl.public import PrivateKey, SealedBox
from prometheus_client import REGISTRY, generate_latest
from starlette.testclient import TestClient
from support.intake.memory_log import EMAIL, RECEIPT_SECRET, SECRET, SENDER, WORDS, MemoryLog, report

IDENTITIES = Identities(bytes.fromhex(SECRET), bytes.fromhex(RECEIPT_SECRET))
FULL = report(description=WORDS, contact={"email": EMAIL}, weekdays=[5, 6], time_of_day="night", language="en")


def post(client: TestClient, body: bytes = FULL, key: str | None = None, **headers: str) -> Any:
    given = {"Content-Type": "application/json", **headers, **({"Idempotency-Key": key} if key else {})}
    return client.post("/v1/reports", content=body, headers=given)


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("kmzb_intake_reports_total", {"outcome": outcome}) or 0.0


def test_words_and_contact_are_written_before_the_report_that_names_them(client: TestClient, log: MemoryLog) -> None:
    before = counted("accepted")
    answer = post(client)
    assert answer.status_code == 201
    first, last = log.stages
    words, contact, submitted = log.events
    assert (len(first), len(last)) == (2, 1)
    assert isinstance(words, ReportContent)
    assert isinstance(contact, ReportContact)
    assert isinstance(submitted, ReportSubmitted)
    assert words.description == WORDS
    assert submitted.has_content
    assert submitted.has_contact
    assert {message.key for message in log.messages} == {answer.json()["report_id"]}
    assert counted("accepted") == before + 1


def test_the_answer_has_what_a_citizen_needs(client: TestClient, log: MemoryLog) -> None:
    answer = post(client)
    receipt = msgspec.json.decode(answer.content, type=Receipt)
    (submitted,) = (event for event in log.events if isinstance(event, ReportSubmitted))
    assert answer.headers["location"] == f"https://mapa.example.org/r/{receipt.receipt}"
    assert answer.headers["cache-control"] == "no-store"
    assert receipt.submitted_at == submitted.submitted_at
    assert datetime.now(UTC) - receipt.submitted_at < timedelta(minutes=1)
    assert receipt.take_up_by - receipt.submitted_at < timedelta(days=2, hours=2)
    assert receipt.verify_by - receipt.submitted_at < timedelta(days=7, hours=2)
    assert submitted.receipt_sha256 == hashlib.sha256(receipt.receipt.encode()).hexdigest()
    assert (receipt.status, receipt.status_label, receipt.category_name) == ("new", "New", "Speeding")
    assert "112" in receipt.note


def test_the_contact_opens_with_the_notifiers_key_alone(
    client: TestClient, log: MemoryLog, notifier_key: PrivateKey
) -> None:
    post(client)
    (contact,) = (event for event in log.events if isinstance(event, ReportContact))
    assert SealedBox(notifier_key).decrypt(base64.b64decode(contact.sealed)) == b'{"email":"%s"}' % EMAIL.encode()
    assert contact.language == "en"


def test_words_contact_and_address_are_nowhere_else(client: TestClient, log: MemoryLog) -> None:
    answer = post(client)
    metrics = generate_latest()
    words = next(message for message in log.messages if message.topic == "kmzb.internal.content.v1")
    others = [message for message in log.messages if message is not words]
    seen = [answer.content, metrics, *(repr(message).encode() + (message.value or b"") for message in others)]
    for secret in (WORDS, EMAIL, SENDER):
        assert not [each for each in seen if secret.encode() in each]


def test_a_repeat_under_its_key_is_the_same_report_written_once(client: TestClient, log: MemoryLog) -> None:
    key, before = str(uuid4()), counted("repeated")
    first, second = post(client, key=key), post(client, key=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert UUID(first.json()["report_id"]) == IDENTITIES.report_id(key.encode(), FULL)
    assert len(log.stages) == 2
    assert counted("repeated") == before + 1


def test_without_a_key_every_post_is_a_report(client: TestClient) -> None:
    assert post(client).json()["report_id"] != post(client).json()["report_id"]


def test_a_key_with_another_body_is_refused(client: TestClient, log: MemoryLog) -> None:
    key = str(uuid4())
    post(client, key=key)
    answer = post(client, report(), key=key)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(log.stages) == 2


def test_a_report_that_was_not_acknowledged_is_repeated_as_the_same_message(client: TestClient, log: MemoryLog) -> None:
    key, before = str(uuid4()), counted("not-acknowledged")
    log.away = True
    refused = post(client, report(), key=key)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "same Idempotency-Key" in refused.json()["detail"]
    log.away = False
    taken = post(client, report(), key=key, traceparent=TRACE)
    assert taken.status_code == 201
    (message,) = log.messages
    report_id = IDENTITIES.report_id(key.encode(), report())
    assert (message.key, taken.json()["report_id"]) == (str(report_id), str(report_id))
    written, digest = decode(message.headers, message.value or b""), sha256(message.value or b"").hexdigest()
    assert written.id == follows(report_id, f"ReportSubmitted/{written.time.isoformat()}/{digest}")
    assert counted("not-acknowledged") == before + 1


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("given", [TRACE, "", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "nonsense"])
def test_the_trace_is_the_senders_or_a_new_one(given: str, client: TestClient, log: MemoryLog) -> None:
    post(client, traceparent=given)
    traces = {decode(message.headers, message.value or b"").traceparent for message in log.messages}
    assert len(traces) == 1
    assert (traces == {TRACE}) == (given == TRACE)
    assert len(traces.pop() or "") == len(TRACE)


def test_all_messages_of_a_report_tell_when_it_was_sent(client: TestClient, log: MemoryLog) -> None:
    sent_at = datetime.fromisoformat(post(client).json()["submitted_at"])
    assert {decode(message.headers, message.value or b"").submitted_at for message in log.messages} == {sent_at}


def test_the_form_learns_its_categories_here(client: TestClient) -> None:
    categories = client.get("/v1/categories").json()["categories"]
    assert len(categories) == 24
    assert {"code", "names", "belongs", "elsewhere", "description_required", "public", "same_m"} == set(categories[0])
    assert categories[0]["names"]["uk"] == "Акти вандалізму"
    assert {category["code"] for category in categories if category["description_required"]} >= {"dangerous-venue"}


def test_the_page_of_the_map_may_send_and_other_pages_may_not(client: TestClient) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,idempotency-key"}
    for origin, allowed in (("https://mapa.example.org", True), ("https://elsewhere.example.org", False)):
        answer = client.options("/v1/reports", headers={"Origin": origin, **asks})
        assert (answer.headers.get("access-control-allow-origin") == origin) == allowed
    sent = post(client, report(), Origin="https://mapa.example.org")
    assert "Location" in sent.headers["access-control-expose-headers"]


def test_a_contact_is_sealed_in_the_one_form_an_address_has(
    client: TestClient, log: MemoryLog, notifier_key: PrivateKey
) -> None:
    assert post(client, report(contact={"email": " jan@ŻÓŁW.pl"})).status_code == 201
    (contact,) = (event for event in log.events if isinstance(event, ReportContact))
    assert SealedBox(notifier_key).decrypt(base64.b64decode(contact.sealed)) == b'{"email":"jan@xn--w-uga1v8h.pl"}'


@pytest.mark.parametrize(("words", "more"), [("Na chodniku leży człowiek i nie oddycha", 1), ("Auta na chodniku", 0)])
def test_what_reads_like_an_emergency_is_taken_marked_and_counted_once(
    client: TestClient, log: MemoryLog, words: str, more: int
) -> None:
    def seen() -> float:
        return REGISTRY.get_sample_value("kmzb_intake_emergency_like_total") or 0.0

    before, body, key = seen(), report(description=words), str(uuid4())
    for _ in range(2):
        assert post(client, body, key).status_code == 201
    (submitted,) = {event for event in log.events if isinstance(event, ReportSubmitted)}
    assert (submitted.emergency_like, seen() - before) == (bool(more), more)

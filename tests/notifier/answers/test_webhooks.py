"""An agency with a program and no topics: it is sent what a topic would say, signed, and answers signed."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from chassis.clock import now
from chassis.health import Health
from chassis.postgres import Database
from contracts.agencies import AgencyChannel, AgencyState
from contracts.events.cases import CaseReturned
from contracts.events.notices import Channel
from contracts.events.referrals import (
    ReferralAcknowledged,
    ReferralAnswer,
    ReferralDeclined,
    ReferralMade,
    ReferralProgressed,
    ReferralWithdrawn,
)
from contracts.topics import AGENCY_ANSWER
from fastapi.testclient import TestClient
from httpx import Response
from notifier.answers.signatures import recipient_secret, written_secret
from notifier.api import application
from notifier.delivery.dispatcher import group_due
from notifier.settings import Settings
from standardwebhooks import Webhook
from support.histories import Life
from support.notifier.agencies import CODE, Receiver, listening, reached_by, referred
from support.notifier.notifying import Service
from support.stack.databases import Clone

LOOPBACK = "127.0.0.0/8, ::1/128"
KEY = written_secret(recipient_secret(bytes.fromhex("cd" * 16), CODE))


@pytest.fixture
def receiver() -> Receiver:
    return Receiver(KEY)


@pytest.fixture
def port(receiver: Receiver) -> Iterator[int]:
    with listening(receiver) as port:
        yield port


@pytest.fixture
def start(clone: Clone, make_settings: Callable[..., Settings]) -> Iterator[Callable[..., Service]]:
    """The service, where the agency's webhook leads to this address."""
    store = Database(clone.service)
    yield lambda url, **more: Service(
        make_settings(**{"webhook_networks": LOOPBACK, **more}), store, reached_by(AgencyChannel.WEBHOOK, url)
    )
    store.close()


@pytest.fixture
def service(start: Callable[..., Service], port: int) -> Service:
    return start(f"http://localhost:{port}/in?a=b")


def test_what_a_topic_would_say_comes_signed_under_one_id(service: Service, receiver: Receiver, port: int) -> None:
    life = referred().then(CaseReturned, 5)
    service.handle(*life.events)
    assert service.send_due(Channel.WEBHOOK) == 2
    assert receiver.refused == []
    assert (set(receiver.hosts), set(receiver.paths)) == ({f"localhost:{port}"}, {"/in?a=b"})
    bodies = {body["type"]: body["data"] for body in receiver.believed.values()}
    made = msgspec.convert(bodies["ReferralMade"], ReferralMade)
    withdrawn = msgspec.convert(bodies["ReferralWithdrawn"], ReferralWithdrawn)
    assert (made.agency, made.report_id, made.case_number) == (CODE, life.id, "OPO-26-000001-A")
    assert (withdrawn.referral_id, withdrawn.reason) == (made.referral_id, "taken_back")
    ledger = [row for row in service.ledger() if row[1] == CODE]
    assert ledger == [("case-referred/webhook", CODE, "sent"), ("referral-withdrawn/webhook", CODE, "sent")]


def test_a_redirection_is_not_followed_and_the_same_id_comes_again(service: Service, receiver: Receiver) -> None:
    receiver.status = 307
    service.handle(*referred().events)
    group_due(service.database)
    for _ in range(2):
        service.execute("update delivery set due_at = now()")
        assert service.send_one(Channel.WEBHOOK)
    assert set(receiver.paths) == {"/in?a=b"}
    assert len(receiver.paths) == 2
    assert len(receiver.believed) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254"]
)
def test_nothing_leaves_for_an_address_that_is_not_public(
    start: Callable[..., Service], receiver: Receiver, port: int, host: str
) -> None:
    service = start(f"http://{host}:{port}/in", webhook_networks="192.168.7.0/24")
    service.handle(*referred().events)
    assert service.send_due(Channel.WEBHOOK) == 1
    assert receiver.paths == []
    assert [row for row in service.ledger() if row[1] == CODE] == [("case-referred/webhook", CODE, "failed")]
    (reason,) = [row["reason"] for row in service.query("select reason from delivery where audience = 'agency'")]
    assert reason == "the webhook's name leads to an address that is not public"


def test_what_waits_takes_the_way_the_agency_is_reached_by_now(service: Service, receiver: Receiver) -> None:
    reached = service.agencies[CODE]
    by_mail = msgspec.structs.replace(reached, channel=AgencyChannel.EMAIL, contact="drogi@gmina.example")
    service.agencies.apply(CODE, by_mail)
    service.handle(*referred().events)
    group_due(service.database)
    service.agencies.apply(CODE, reached)
    service.send_due(Channel.EMAIL)
    assert receiver.paths == []
    assert service.send_due(Channel.WEBHOOK) == 1
    assert [said["type"] for said in receiver.believed.values()] == ["ReferralMade"]


def test_an_agency_reached_by_webhook_is_sent_no_mail(service: Service) -> None:
    service.handle(*referred().events)
    rows = service.query("select channel from notice where audience = 'agency'")
    assert [row["channel"] for row in rows] == ["webhook"]


@pytest.fixture
def life(service: Service) -> Life:
    life = referred()
    service.handle(*life.events)
    return life


@pytest.fixture
def agency(service: Service) -> Iterator[Callable[..., Response]]:
    """Sends an answer as the agency does; what is said instead of the usual makes it another's, or another time's."""
    with TestClient(application(service.settings, service.database, service.agencies, Health())) as client:

        def send(
            answer: ReferralAnswer, message_id: str = "msg-1", key: str = KEY, age: float = 0, code: str = CODE
        ) -> Response:
            at = now() - timedelta(seconds=age)
            body = json.dumps({"type": type(answer).__name__, "data": msgspec.to_builtins(answer)})
            headers = {
                "webhook-id": message_id,
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": Webhook(key).sign(message_id, at, body),
                "content-type": "application/json",
            }
            answered: Response = client.post(f"/v1/agencies/{code}/answers", content=body, headers=headers)
            return answered

        yield send


def about(life: Life, **more: Any) -> dict[str, Any]:
    return {"report_id": life.id, "referral_id": life.changes[-1].referral_id, "answered_at": now(), **more}  # type: ignore[attr-defined]


def passed_on(service: Service) -> list[ReferralAnswer]:
    """What casework is told, each under an id of its own."""
    envelopes = [envelope for envelope in service.published() if isinstance(envelope.data, ReferralAnswer)]
    assert len({envelope.id for envelope in envelopes}) == len(envelopes)
    return [envelope.data for envelope in envelopes if isinstance(envelope.data, ReferralAnswer)]


def test_what_the_agency_answers_is_passed_on_once(
    service: Service, life: Life, agency: Callable[..., Response]
) -> None:
    first = agency(ReferralAcknowledged(**about(life, agency="railways")))
    assert (first.status_code, first.json()) == (202, {"taken": True, "ended": False})
    again = agency(ReferralAcknowledged(**about(life)))
    assert (again.status_code, again.json()) == (202, {"taken": False, "ended": False})
    for message_id in ("msg-2", "msg-3"):
        assert agency(ReferralProgressed(**about(life)), message_id).json()["taken"]
    declined = agency(ReferralDeclined(**about(life, responsible_agency="Zarząd Dróg Powiatowych")), "msg-4")
    assert declined.json() == {"taken": True, "ended": True}
    said = passed_on(service)
    assert [type(answer).__name__ for answer in said] == [
        "ReferralAcknowledged", "ReferralProgressed", "ReferralProgressed", "ReferralDeclined",
    ]  # fmt: skip
    assert {answer.agency for answer in said} == {CODE}
    rows = service.query("select distinct topic, key from outbox where topic like '%%answer%%'")
    assert rows == [{"topic": AGENCY_ANSWER.name, "key": str(life.id).encode()}]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"key": written_secret(recipient_secret(bytes.fromhex("cd" * 16), "railways"))}, "webhook-signature"),
        ({"key": written_secret(b"another")}, "webhook-signature"),
        ({"age": 310}, "webhook-timestamp"),
        ({"age": -310}, "webhook-timestamp"),
        ({"code": "railways"}, "webhook-signature"),
        ({"message_id": "x" * 129}, "webhook-id"),
    ],
)
def test_who_does_not_sign_as_the_agency_now_is_refused(
    service: Service, life: Life, agency: Callable[..., Response], more: dict[str, Any], named: str
) -> None:
    refused = agency(ReferralAcknowledged(**about(life)), **more)
    assert refused.status_code == 401, refused.text
    assert refused.json()["detail"].startswith(f"{named}: ")
    assert passed_on(service) == []


def test_an_agency_that_was_removed_answers_no_more(
    service: Service, life: Life, agency: Callable[..., Response]
) -> None:
    there = service.agencies[CODE]
    service.agencies.apply(CODE, msgspec.structs.replace(there, state=AgencyState.REMOVED))
    assert agency(ReferralAcknowledged(**about(life))).status_code == 401


def test_what_is_wrong_in_an_answer_is_named(service: Service, life: Life, agency: Callable[..., Response]) -> None:
    for wrong, status, field in (
        (ReferralAcknowledged(**about(life) | {"referral_id": UUID(int=9)}), 404, "data.referral_id"),
        (ReferralAcknowledged(**about(life) | {"report_id": UUID(int=9)}), 404, "data.referral_id"),
        (ReferralDeclined(**about(life, responsible_agency="")), 422, "data.responsible_agency"),
        (ReferralAnswer(**about(life)), 422, "type"),
    ):
        refused = agency(wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (status, field)
    assert passed_on(service) == []


def test_who_guesses_at_signatures_is_not_read_for_an_hour(start: Callable[..., Service], port: int) -> None:
    service = start(f"http://localhost:{port}/in", refusals_per_hour=10)
    with TestClient(application(service.settings, service.database, service.agencies, Health())) as client:
        answers = [client.post(f"/v1/agencies/{CODE}/answers", json={}).status_code for _ in range(11)]
        assert answers == [401] * 10 + [429]
        assert client.post("/v1/referral-answers/x", data={"answer": "ReferralClosed"}).status_code == 429
        assert client.get("/v1/referral-answers/x").status_code == 404

"""The whole service on real Kafka, with a real mail server: as it runs, killed half-way, and asked to end."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.messages import original_headers
from chassis.postgres import Database
from chassis.settings import Settings as Common
from chassis.settings import variables
from contracts.agencies import Agencies
from contracts.envelope import decode
from contracts.events.cases import CaseConfirmed, CaseEliminated, CaseOpened, CaseReferred, CaseTakenUp
from contracts.events.notices import NoticeSent
from contracts.events.referrals import ReferralMade, ReferralWithdrawn
from contracts.topics import AGENCY, CONTACT, DEAD_LETTERS, NOTICE, NOTIFIER, Topic, referral_topic
from deploy.agencies.registry import publish_agencies
from notifier.app import TOPICS, workers
from notifier.links import Purpose, signed_link
from notifier.settings import Settings
from pydantic import SecretStr
from support.agencies import AGENCIES
from support.effects import running
from support.events import outgoing
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import ADDRESS, Service, contact
from support.stack.ports import free_url
from support.topics import everything_on
from support.wait import eventually

pytestmark = pytest.mark.long


@pytest.fixture
def whole(
    settings: Common, clone: Any, topics: Callable[..., None], make_settings: Callable[..., Settings]
) -> Settings:
    topics(*TOPICS, AGENCY, NOTICE, referral_topic("road-manager"), DEAD_LETTERS[NOTIFIER])
    publish_agencies(settings, AGENCIES.values())
    return make_settings(
        kafka_bootstrap=settings.kafka_bootstrap,
        namespace=settings.namespace,
        postgres_dsn=clone.service,
        url=free_url(),
        metrics_url=free_url(),
    )


def publish(settings: Settings, *events: Any) -> None:
    Publisher(settings, "test").publish([outgoing(event, at=now()) for event in events])


def events_on(settings: Settings, topic: Topic) -> list[Any]:
    """Every event on a topic, once however often it is there, and None for each tombstone."""
    envelopes, tombstones = dict[UUID, Any](), list[None]()
    for message in everything_on(settings, topic):
        value = message.value()
        if value is None:
            tombstones.append(None)
        else:
            envelope = decode(original_headers(message), value)
            envelopes[envelope.id] = envelope.data
    return [*envelopes.values(), *tombstones]


@contextmanager
def process(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    values = settings.model_dump(exclude_none=True, mode="python")
    environment = {
        variables(Settings)[name]: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value != () and not name.endswith(("_within", "_timeout", "lease", "_first"))
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KMZB_")}
    started = subprocess.Popen([sys.executable, "-m", "notifier"], env=kept | environment)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.mark.timeout(120)  # two starts of a process, and the brokers' wait for the killed one
def test_people_agencies_and_a_citizen_are_notified_and_a_crash_notifies_nobody_twice(
    whole: Settings, smtp: ScriptedMailServer
) -> None:
    life = Life(1).then(CaseOpened, 1)
    database = Database(whole.postgres_dsn.get_secret_value(), size=1)
    service = Service(whole, database)
    publish(whole, contact(life), *life.events)
    with process(whole) as first:
        eventually(lambda: [state for _, _, state in service.ledger()] == ["sent", "sent"], 40)
        first.kill()
    with process(whole) as second:
        eventually(lambda: answers(f"{whole.url}/readyz"), 40)
        assert httpx.post(signed_link(whole.url, Purpose.CONTACT, life.id, whole.link_key), trust_env=False).is_success
        for kind, mails in ((CaseTakenUp, 3), (CaseConfirmed, 4), (CaseReferred, 6)):
            publish(whole, life.then(kind, 2).changes[-1])
            eventually(lambda mails=mails: len(smtp.mails) == mails)  # type: ignore[misc]
        # Everything comes again, and one thing more.
        publish(whole, *life.events, life.then(CaseEliminated, 5).changes[-1])
        eventually(lambda: len(smtp.mails) == 8)
        eventually(lambda: service.query("select from report where contact_erased_at is not null"))
        eventually(lambda: not service.query("select from outbox"))
        metrics = httpx.get(f"{whole.metrics_url}/metrics", trust_env=False).text
        assert 'kmzb_notices_total{channel="email",outcome="sent"}' in metrics
        second.terminate()
        assert second.wait(20) == 0
    database.close()
    assert events_on(whole, CONTACT).count(None) == 1
    assert [type(event) for event in events_on(whole, NOTICE)] == [NoticeSent] * 10
    assert [type(event) for event in events_on(whole, referral_topic("road-manager"))] == [
        ReferralMade,
        ReferralWithdrawn,
    ]
    assert sorted(to for to, _ in smtp.summaries) == [
        *[ADDRESS] * 5,
        "kmp-1661@policja.example",
        "road-manager@agencja.example",
        "road-manager@agencja.example",
    ]


def test_an_unusable_message_is_set_aside_and_the_others_are_served(whole: Settings, smtp: ScriptedMailServer) -> None:
    good, bad = Life(1).then(CaseOpened, 1), replace(outgoing(Life(2).submitted), value=b'{"report_id": 1}')
    database = Database(whole.postgres_dsn.get_secret_value(), size=8)
    with running(*workers(whole, database, Agencies(), Health("consumer")).values()) as failures:
        Publisher(whole, "test").publish([bad])
        publish(whole, *good.events)
        eventually(lambda: smtp.summaries)
        eventually(lambda: everything_on(whole, DEAD_LETTERS[NOTIFIER]))
    database.close()
    assert not failures
    assert len(smtp.mails) == 1
    (letter,) = everything_on(whole, DEAD_LETTERS[NOTIFIER])
    assert letter.value() == bad.value
    assert dict(original_headers(letter))["kmzb_dlq_reason"] == b"schema"

"""Topic and table are made the same again, whatever was lost; and left alone while they only move."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from chassis import clock
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Progress
from chassis.postgres import Database
from confluent_kafka.admin import AdminClient
from contracts.base import ReportEvent
from contracts.events.cases import CaseOpened, CaseRejected, CaseTakenUp
from contracts.topics import CASE_CHANGED, HISTORY, PUBLIC_MAP, PUBLIC_REPORT
from prometheus_client import REGISTRY
from public_map.domain.precision import public_report
from public_map.messages import public_report_message, withdrawal_message
from public_map.reconciler import Reconciler
from public_map.settings import Settings
from pydantic import SecretStr
from support.chassis.raw_producer import RawRecord, write_raw
from support.public_map.public_lives import DAY, Life
from support.public_map.public_topic import TopicReader, outbox_messages, running_service
from support.stack.databases import Clone
from support.wait import eventually

BEGAN = clock.now() - DAY
Reconciled = Callable[[], dict[str, float]]


@pytest.fixture
def reconciled() -> Reconciled:
    """How many messages the reconciler has published since the test began."""

    def total() -> dict[str, float]:
        kinds = ("tombstone", "report")
        return {kind: REGISTRY.get_sample_value("kmzb_reconciled_total", {"what": kind}) or 0 for kind in kinds}

    before = total()
    return lambda: {kind: value - before[kind] for kind, value in total().items()}


def lose_database(settings: Settings, database: Callable[[str], Clone]) -> Settings:
    """The service's settings after its database and its offsets were lost."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    for deleted in admin.delete_consumer_groups([f"{settings.namespace}{PUBLIC_MAP}"]).values():
        deleted.result()
    return settings.model_copy(update={"postgres_dsn": SecretStr(database("public-map").service)})


def reconcile_once(settings: Settings) -> int:
    """Compare once, everything having been read; returns how many messages that took."""
    partitions = [(topic.name, number) for topic in (CASE_CHANGED, HISTORY) for number in range(topic.partitions)]
    database = Database(settings.postgres_dsn.get_secret_value())
    try:
        reconciler = Reconciler(settings, database, Health())
        reconciler.note_progress(Progress(dict.fromkeys(partitions, True), dict.fromkeys(partitions, clock.now())))
        return reconciler.reconcile(threading.Event())
    finally:
        database.close()


def test_a_map_built_anew_takes_off_the_topic_what_is_hidden_by_now(
    service_settings: Settings,
    database: Callable[[str], Clone],
    publish: Callable[..., None],
    public_topic: TopicReader,
    reconciled: Reconciled,
) -> None:
    stays, hidden = lives = Life(1, BEGAN), Life(2, BEGAN)
    with running_service(service_settings):
        publish(*(life.submitted() for life in lives), *(life.change(CaseOpened) for life in lives))
        public_topic.wait_for_versions({stays.id: 1, hidden.id: 1})
    publish(hidden.change(CaseRejected))
    assert reconciled() == {"tombstone": 0, "report": 0}
    with running_service(lose_database(service_settings, database)):
        public_topic.wait_for_versions({stays.id: 1})
    assert reconciled() == {"tombstone": 1, "report": 0}


def test_what_was_lost_on_its_way_to_the_topic_is_published_again(
    service_settings: Settings, publish: Callable[..., None], public_topic: TopicReader, reconciled: Reconciled
) -> None:
    lost, behind, foreign = Life(1, BEGAN), Life(2, BEGAN), Life(3, BEGAN)
    with running_service(service_settings) as store:
        publish(*(event for life in (lost, behind) for event in (life.submitted(), life.change(CaseOpened))))
        public_topic.wait_for_versions({lost.id: 1, behind.id: 1})
        first_version = public_topic.reports[str(behind.id)]
        publish(behind.change(CaseTakenUp))
        public_topic.wait_for_versions({lost.id: 1, behind.id: 2})
        eventually(lambda: not outbox_messages(store), 30)
    # As if the log had lost the end of the topic, and somebody had written what was never public.
    never_public = public_report(foreign.change(CaseOpened), 0)
    wrong = [
        public_report_message(first_version),
        withdrawal_message(lost.id),
        public_report_message(never_public),
    ]
    Publisher(service_settings, "test").publish(wrong)
    public_topic.wait_for_versions({behind.id: 1, foreign.id: 1})
    with running_service(service_settings):
        public_topic.wait_for_versions({lost.id: 1, behind.id: 2})
    assert reconciled() == {"tombstone": 1, "report": 2}
    assert reconcile_once(service_settings) == 0


def test_nothing_is_mended_while_reports_come_and_go(
    service_settings: Settings, publish: Callable[..., None], public_topic: TopicReader, reconciled: Reconciled
) -> None:
    with running_service(service_settings.model_copy(update={"reconcile_every": timedelta(0)})):
        lives = [Life(number, BEGAN) for number in range(200)]
        steps: list[Callable[[Life], ReportEvent]] = [
            Life.submitted,
            lambda life: life.change(CaseOpened),
            lambda life: life.change(CaseTakenUp),
            lambda life: life.change(CaseRejected),
        ]
        for step in steps:
            for start in range(0, len(lives), 50):
                publish(*(step(life) for life in lives[start : start + 50]))
        last = Life(999, BEGAN)
        publish(last.submitted(), last.change(CaseOpened))
        public_topic.wait_for_versions({last.id: 1})
    assert reconciled() == {"tombstone": 0, "report": 0}


@pytest.mark.parametrize("value", [b"test", None])
def test_a_key_no_report_has_is_passed_over_and_counted(
    service_settings: Settings, public_topic: TopicReader, value: bytes | None
) -> None:
    foreign = "kmzb_public_topic_foreign_total"
    before = REGISTRY.get_sample_value(foreign) or 0
    topic = service_settings.namespace + PUBLIC_REPORT.name
    keys = (b"test", b"\xff\x00", b"")
    write_raw(service_settings.kafka_bootstrap, [RawRecord(topic, key, [(b"\xff", None)], value) for key in keys])
    assert reconcile_once(service_settings) == 0
    assert REGISTRY.get_sample_value(foreign) == before + len(keys)

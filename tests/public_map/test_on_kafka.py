"""The whole service on real Kafka: fed and read through topics, in this process and as one of its service_settings."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from socket import socket
from typing import Any

import httpx
from chassis import clock
from chassis.kafka.client import Publisher
from contracts.events.cases import CaseOpened, CasesMerged, CaseTakenUp, CaseUnconfirmed
from contracts.topics import PUBLIC_MAP
from operations.dead_letters.records import read_dead_letters
from public_map.settings import Settings
from support.events import outgoing
from support.public_map.public_lives import DAY, PLACE, Life
from support.public_map.public_topic import TopicReader, outbox_messages, running_service, topic_messages
from support.stack.ports import free_url
from support.wait import eventually


def test_the_compacted_topic_shows_what_is_on_the_map_and_each_version_once(
    service_settings: Settings, publish: Callable[..., None], public_topic: TopicReader
) -> None:
    minute = clock.now().replace(minute=37, second=41, microsecond=123456) - DAY
    stays, ends, rejoined = (Life(number, minute, "begging") for number in (1, 2, 3))
    hidden = Life(4, minute, "drug-use")
    events = [
        *[life.submitted() for life in (stays, ends, rejoined, hidden)],
        *[life.routed() for life in (stays, hidden)],
        *[life.change(CaseOpened) for life in (stays, ends, rejoined, hidden)],
        *[ends.change(kind) for kind in (CaseTakenUp, CaseUnconfirmed)],
        rejoined.change(CasesMerged),
        *stays.clocks(),
    ]
    with running_service(service_settings) as store:
        publish(*events)
        public_topic.wait_for_versions({stays.id: 1, ends.id: 3})
        with store.transaction() as connection:
            connection.execute("update public_report set visible_until = now() where visible_until is not null")
        public_topic.wait_for_versions({stays.id: 1})
    before = topic_messages(service_settings)
    parts = [part for message in before for part in (*[raw for _, raw in message.headers], message.value or b"")]
    everything = b"\n".join([*parts, *[message.key.encode() for message in before]])
    for secret in (*(str(coordinate) for coordinate in PLACE), ":37:", "123456", str(hidden.id), stays.receipt):
        assert secret.encode() not in everything
    # Everything comes again, as after a restart with the offsets lost, and one thing more.
    with running_service(service_settings):
        publish(*events, stays.change(CaseTakenUp))
        public_topic.wait_for_versions({stays.id: 2})
    assert len(topic_messages(service_settings)) == len(before) + 1


def test_an_unusable_message_is_set_aside_and_the_others_are_served(
    service_settings: Settings, publish: Callable[..., None], public_topic: TopicReader
) -> None:
    good, bad = Life(1, clock.now() - DAY), Life(2, clock.now() - DAY)
    broken = replace(outgoing(bad.submitted()), value=b'{"report_id": 1}')
    with running_service(service_settings) as store:
        Publisher(service_settings, "test").publish([broken])
        publish(good.submitted(), good.change(CaseOpened))
        public_topic.wait_for_versions({good.id: 1})
        eventually(lambda: not outbox_messages(store), 30)
    [letter] = read_dead_letters(service_settings, [PUBLIC_MAP])
    original = letter.original
    assert (original.topic, original.key, original.value) == (broken.topic, broken.key, broken.value)
    assert list(original.headers) == broken.headers
    assert letter.reason == "schema"


def test_it_runs_as_a_process_and_ends_when_told(service_settings: Settings, publish: Callable[..., None]) -> None:
    life = Life(1, clock.now())
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KMZB_")} | {
        "KMZB_KAFKA_BOOTSTRAP": service_settings.kafka_bootstrap,
        "KMZB_NAMESPACE": service_settings.namespace,
        "KMZB_PUBLIC_MAP_POSTGRES_DSN": service_settings.postgres_dsn.get_secret_value(),
        "KMZB_PUBLIC_MAP_URL": url,
        "KMZB_PUBLIC_MAP_METRICS_URL": (metrics_url := free_url()),
    }
    process = subprocess.Popen([sys.executable, "-m", "public_map"], env=environment)
    try:
        with httpx.Client(base_url=url, trust_env=False) as client:

            def answers(path: str) -> Any:
                try:
                    answer = client.get(path)
                except httpx.TransportError:
                    return None
                return answer if answer.is_success else None

            eventually(lambda: answers("/readyz"), 30)
            publish(life.submitted())
            receipt = eventually(lambda: answers(f"/v1/receipts/{life.receipt}"))
            assert receipt.json()["status"] == "new"
            publish(life.change(CaseOpened))
            eventually(lambda: answers("/v1/reports.geojson").json()["features"])
            assert "kmzb_public_map_reports" in client.get(f"{metrics_url}/metrics").text
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()

"""The whole service on real Kafka: fed and read through topics, in this process and as one of its own."""

import os
import subprocess
import sys
from socket import socket
from typing import Any

import httpx
from chassis import clock
from chassis.kafka.client import Publisher
from contracts.base import Event as Fact
from contracts.cases import CaseOpened, CasesMerged, CaseTakenUp, CaseUnconfirmed
from contracts.envelope import Outgoing
from public_map.settings import Settings
from support.events import outgoing
from support.public_lives import DAY, PLACE, Life
from support.public_topic import on_the_map, send, service, topic
from support.wait import eventually


def test_the_compacted_topic_says_what_is_on_the_map_and_says_it_once(own: Settings) -> None:
    minute = clock.now().replace(minute=37, second=41, microsecond=123456) - DAY
    stays, ends, rejoined, hidden = (Life(number, minute, "begging") for number in (1, 2, 3, 4))
    hidden.category = "drug-use"
    events: list[Fact] = [
        *[life.submitted() for life in (stays, ends, rejoined, hidden)],
        *[life.routed() for life in (stays, hidden)],
        *[life.change(CaseOpened) for life in (stays, ends, rejoined, hidden)],
        *[ends.change(kind) for kind in (CaseTakenUp, CaseUnconfirmed)],
        rejoined.change(CasesMerged),
        *stays.clocks(),
    ]
    with service(own) as store:
        send(own, *events)
        eventually(lambda: set(on_the_map(own)) == {str(stays.id), str(ends.id)}, 30)
        with store.transaction() as connection:
            connection.execute("update public_report set visible_until = now() where visible_until is not null")
        eventually(lambda: set(on_the_map(own)) == {str(stays.id)}, 30)
    before = topic(own)
    told = b"\n".join(part for each in before for part in (*[raw for _, raw in each.headers], each.value or b""))
    for secret in (*(str(coordinate) for coordinate in PLACE), ":37:", "123456", str(hidden.id), stays.receipt):
        assert secret.encode() not in told + b"".join(each.key.encode() for each in before)
    # Everything comes again, as after a restart with the offsets lost, and one thing more.
    with service(own):
        send(own, *events, stays.change(CaseTakenUp))
        eventually(lambda: on_the_map(own)[str(stays.id)].version == 2, 30)
        eventually(lambda: len(topic(own)) == len(before) + 1, 30)


def test_an_unusable_message_is_set_aside_and_the_others_are_served(own: Settings) -> None:
    good, bad = Life(1, clock.now() - DAY), Life(2, clock.now() - DAY)
    broken = outgoing(bad.submitted())
    with service(own):
        Publisher(own, "test").publish([Outgoing(broken.topic, broken.key, broken.headers, b'{"report_id": 1}')])
        send(own, good.submitted(), good.change(CaseOpened))
        eventually(lambda: set(on_the_map(own)) == {str(good.id)}, 30)


def test_it_runs_as_a_process_and_ends_when_told(own: Settings) -> None:
    life = Life(1, clock.now())
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KMZB_")} | {
        "KMZB_KAFKA_BOOTSTRAP": own.kafka_bootstrap,
        "KMZB_NAMESPACE": own.namespace,
        "KMZB_PUBLIC_MAP_POSTGRES_DSN": own.postgres_dsn.get_secret_value(),
        "KMZB_PUBLIC_MAP_URL": url,
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
            send(own, life.submitted())
            receipt = eventually(lambda: answers(f"/v1/receipts/{life.receipt}"))
            assert receipt.json()["status"] == "new"
            send(own, life.change(CaseOpened))
            eventually(lambda: answers("/v1/reports.geojson").json()["features"])
            assert "kmzb_public_map_reports" in client.get("/metrics").text
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()

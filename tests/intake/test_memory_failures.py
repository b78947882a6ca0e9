"""A report is submitted once and when the log says it was, whichever memory fails between a POST and its repeats."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from chassis.kafka.messages import original_headers
from chassis.settings import Settings as ChassisSettings
from contracts.envelope import decode
from contracts.events.reports import ReportSubmitted
from contracts.topics import CONTACT, CONTENT, REPORT_SUBMITTED
from redis import Redis
from starlette.testclient import TestClient
from support.intake.memory_log import EMAIL, WORDS, report
from support.intake.on_kafka import post
from support.topics import everything_on

pytestmark = pytest.mark.long
BODY = report(description=WORDS, contact={"email": EMAIL})
TOPICS = (REPORT_SUBMITTED, CONTENT, CONTACT)


@pytest.fixture
def memories(redis_url: str, closed_port: int) -> Iterator[dict[str, str]]:
    """A Redis that answers, one that is gone, and one that takes connections and never says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        slow = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        yield {"well": redis_url, "gone": f"redis://127.0.0.1:{closed_port}/0", "slow": slow}


def forget(redis_url: str, settings: ChassisSettings) -> None:
    """What a restart without its file does to Redis, as far as this test's own keys go."""
    with Redis.from_url(redis_url) as redis:
        for name in redis.scan_iter(match=f"{settings.namespace}*"):
            redis.delete(name)


def submitted_times(settings: ChassisSettings) -> dict[str, list[str]]:
    """What the log says, by report, first things first: the instants it was submitted at."""
    found: dict[str, list[str]] = {}
    for message in everything_on(settings, REPORT_SUBMITTED):
        event = decode(original_headers(message), message.value() or b"").data
        assert isinstance(event, ReportSubmitted)
        found.setdefault(event.key, []).append(event.submitted_at.isoformat().replace("+00:00", "Z"))
    return found


def bodies_by_id(settings: ChassisSettings) -> dict[bytes, set[bytes]]:
    """Of each event id on the log, everything it was said with."""
    found: dict[bytes, set[bytes]] = {}
    for topic in TOPICS:
        for message in everything_on(settings, topic):
            found.setdefault(dict(original_headers(message))["ce_id"], set()).add(message.value() or b"")
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_repeat_after_any_failure_is_the_same_report_at_the_same_time(
    intake: Callable[..., Any],
    settings: ChassisSettings,
    topics: Callable[..., None],
    memories: dict[str, str],
    seed: int,
) -> None:
    topics(*TOPICS)
    random, key, answers = Random(seed), str(uuid4()), list[bytes]()
    for _ in range(3):
        with intake(redis_url=memories[random.choice(list(memories))]) as client:
            for _ in range(random.randint(1, 3)):
                answer = post(client, BODY, key)
                assert answer.status_code == 201, answer.text
                answers.append(answer.content)
                if random.random() < 0.6:
                    forget(memories["well"], settings)
    assert len(set(answers)) == 1
    assert [len(times) for times in submitted_times(settings).values()] == [1]
    assert all(len(bodies) == 1 for bodies in bodies_by_id(settings).values())


def test_two_that_know_nothing_of_each_other_answer_with_what_is_first_on_the_log(
    intake: Callable[..., Any], settings: ChassisSettings, topics: Callable[..., None], memories: dict[str, str]
) -> None:
    topics(*TOPICS)
    with ExitStack() as instances, ThreadPoolExecutor(4) as senders:
        clients: list[TestClient] = [
            instances.enter_context(intake(redis_url=memories[memory])) for memory in ("gone", "well", "slow", "gone")
        ]
        for client in clients:  # one by one: what describes an API is made at its first request, and not by threads
            assert client.get("/openapi.json").is_success
        for _ in range(5):
            key = str(uuid4())
            answers = list(senders.map(lambda client, key=key: post(client, BODY, key), clients))
            assert {answer.status_code for answer in answers} == {201}
            again = post(clients[0], BODY, key)
            said = {answer.json()["submitted_at"] for answer in [*answers, again]}
            assert said == {submitted_times(settings)[again.json()["report_id"]][0]}
    assert all(len(bodies) == 1 for bodies in bodies_by_id(settings).values())


def test_while_the_log_is_not_read_and_memory_may_have_forgotten_nothing_is_promised(
    intake: Callable[..., Any], settings: ChassisSettings, topics: Callable[..., None], memories: dict[str, str]
) -> None:
    with intake(redis_url=memories["gone"], delivery_timeout=timedelta(seconds=0.3)) as client:
        refused = post(client, BODY, str(uuid4()))  # no topics yet
        assert (refused.status_code, "same Idempotency-Key" in refused.json()["detail"]) == (503, True)
    topics(*TOPICS)
    assert submitted_times(settings) == {}

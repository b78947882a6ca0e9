"""What ends a process three times is set aside by the next; what says nothing of a message is no try."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import psycopg
import pytest
from chassis.health import Health
from chassis.kafka.client import Publisher, topic_name
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received, original_headers
from chassis.kafka.processing import Producing, Storing
from chassis.outages import passes
from chassis.postgres import Connection, Database
from chassis.relay import Relay
from chassis.settings import Settings
from confluent_kafka import KafkaError, Message, Producer
from contracts.envelope import Outgoing
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS, ROUTING
from support.effects import count_effects, running, times
from support.events import outgoing, report_id
from support.topics import everything_on
from support.wait import eventually

Topics = Callable[..., None]
LETTERS = DEAD_LETTERS[CASEWORK]


def words(number: int, text: str = "fine") -> Outgoing:
    return outgoing(ReportContent(report_id=report_id(number), description=text))


def write_words(settings: Settings, many: int, end: int) -> list[Outgoing]:
    """So many messages on the log, one of which ends whoever handles it."""
    messages = [words(number, "end" if number == end else "fine") for number in range(many)]
    Publisher(settings, "test").publish(messages)
    return messages


def ending(error: Exception) -> Callable[[Connection, Sequence[Received]], None]:
    """A handler that ends at one message, whoever else is in its batch."""

    def handle(connection: Connection, batch: Sequence[Received]) -> None:
        count_effects(connection, batch)
        if any(isinstance(each.event, ReportContent) and each.event.description == "end" for each in batch):
            raise error

    return handle


def ends(settings: Settings, database: Database, error: Exception) -> list[BaseException]:
    """Run until the process would have ended."""
    storing = Storing(settings, CASEWORK, database, ending(error))
    with running(Loop(settings, CASEWORK, [CONTENT], storing, Health())) as failures:
        eventually(lambda: failures, 20)
    return failures


def test_the_third_restart_at_one_message_sets_it_aside(settings: Settings, topics: Topics, effects: Database) -> None:
    topics(CONTENT, LETTERS)
    messages = write_words(settings, 15, end=7)
    # Whatever it ends with is a try, and another one another time.
    for error in (ValueError("no"), MemoryError(), RecursionError()):
        assert isinstance(ends(settings, effects, error)[0], type(error))
        assert not everything_on(settings, LETTERS)
    storing = Storing(settings, CASEWORK, effects, ending(KeyError("x")))
    crew = Loop(settings, CASEWORK, [CONTENT], storing, Health()), Relay(settings, CASEWORK, effects, Health())
    with running(*crew) as failures:
        (letter,) = eventually(lambda: everything_on(settings, LETTERS), 20)
        eventually(lambda: len(times(effects)) == 14)
    assert not failures
    assert letter.key() == messages[7].raw_key
    assert dict(original_headers(letter))["kmzb_dlq_reason"] == b"crash"
    assert set(times(effects).values()) == {1}


def test_servers_that_are_away_are_no_try(settings: Settings, topics: Topics, effects: Database) -> None:
    topics(CONTENT, LETTERS)
    Publisher(settings, "test").publish([words(1, "end")])
    for _ in range(5):
        ends(settings, effects, psycopg.OperationalError("away"))
    storing = Storing(settings, CASEWORK, effects, count_effects)
    with running(Loop(settings, CASEWORK, [CONTENT], storing, Health())) as failures:
        eventually(lambda: times(effects) == {str(report_id(1)): 1})
    assert not failures


def test_a_service_without_store_sets_aside_as_well(settings: Settings, topics: Topics) -> None:
    topics(CONTENT, DEAD_LETTERS[ROUTING])
    Publisher(settings, "test").publish([words(1, "end")])
    handled: list[str] = []

    def handle(batch: Sequence[Received]) -> list[Outgoing]:
        handled.extend(each.key for each in batch)
        raise ArithmeticError

    for _ in range(3):
        with running(Loop(settings, ROUTING, [CONTENT], Producing(settings, ROUTING, handle), Health())) as failures:
            eventually(partial(bool, failures), 20)
    with running(Loop(settings, ROUTING, [CONTENT], Producing(settings, ROUTING, handle), Health())) as failures:
        eventually(lambda: everything_on(settings, DEAD_LETTERS[ROUTING]), 20)
    assert not failures
    assert len(handled) == 3


@pytest.fixture
def killed(settings: Settings, effects_dsn: str) -> Iterator[Callable[[int, str], bool]]:
    """Runs a process that dies of the messages with these words; whether it did, or came to the end of so many."""
    program = Path(__file__).with_name("killed_by_a_message.py")
    argv = [sys.executable, str(program), settings.kafka_bootstrap, settings.namespace, effects_dsn]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment
    ) as lives:
        assert lives.stdin
        assert lives.stdout
        said = iter(lives.stdout)

        def run(many: int, killing: str) -> bool:
            print(many, killing, file=lives.stdin)
            exit_code = int(next(said))
            assert exit_code in (0, 9)
            return exit_code == 9

        yield run
        lives.stdin.close()


@pytest.mark.long
def test_a_death_nobody_can_catch_counts_too(
    settings: Settings, topics: Topics, effects: Database, killed: Callable[[int, str], bool]
) -> None:
    topics(CONTENT, LETTERS)
    messages = write_words(settings, 6, end=3)
    deaths = 0
    while killed(6, "end"):
        deaths += 1
    assert deaths == 4  # once in a batch, three times alone
    with running(Relay(settings, CASEWORK, effects, Health())):
        (letter,) = eventually(lambda: everything_on(settings, LETTERS), 20)
    assert letter.key() == messages[3].raw_key
    assert dict(original_headers(letter))["kmzb_dlq_reason"] == b"crash"
    assert len(times(effects)) == 5


@pytest.mark.long
def test_whoever_kills_the_process_again_and_again_has_nothing_set_aside(
    settings: Settings, topics: Topics, effects: Database, killed: Callable[[int, str], bool]
) -> None:
    topics(CONTENT, LETTERS)
    log = Producer({"bootstrap.servers": settings.kafka_bootstrap})
    for message in [words(number, f"nr {number}") for number in range(6)]:
        name = topic_name(settings, message.topic)
        log.produce(name, message.value, message.raw_key, partition=0, headers=list(message.headers))
    log.flush()
    for number in (5, 0, 0):  # first in a batch of them all, then alone
        assert killed(6, f"nr {number}")
    assert not killed(6, "nobody")
    assert set(times(effects).values()) == {1}
    assert len(times(effects)) == 6


def test_a_batch_that_is_done_one_by_one_moves_with_each(settings: Settings, topics: Topics) -> None:
    class Beating(Health):
        beats = 0

        def beat(self, loop: str) -> None:
            self.beats += 1
            super().beat(loop)

    topics(CONTENT)
    Publisher(settings, "test").publish([words(number) for number in range(5)])
    health, beats = Beating(), list[int]()

    def process(batch: Sequence[Message]) -> None:
        if len(batch) > 1:
            raise ValueError("not together")
        beats.append(health.beats)

    with running(Loop(settings, CASEWORK, [CONTENT], process, health)) as failures:
        eventually(lambda: len(beats) == 5, 20)
    assert not failures
    assert len(set(beats)) == 5


@pytest.mark.parametrize(
    ("code", "passing"),
    [
        *[(code, True) for code in (KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION)],
        *[(code, True) for code in (KafkaError.REBALANCE_IN_PROGRESS, KafkaError.NOT_COORDINATOR)],
        *[(code, True) for code in (KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.REQUEST_TIMED_OUT)],
        *[(code, True) for code in (KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._MAX_POLL_EXCEEDED)],
        *[(code, False) for code in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)],
        *[(code, False) for code in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._FATAL, KafkaError._BAD_MSG)],
    ],
)
def test_what_joining_again_or_a_broker_s_return_mends_ends_nobody(code: int, passing: bool) -> None:
    assert passes(KafkaError(code)) is passing

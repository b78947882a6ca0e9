"""`kmzb dead-letters set-aside`, for a service that ends again and again at one message without its being a try."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Producing
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.events.reports import ReportSupported
from contracts.topics import CASEWORK, DEAD_LETTERS, FOLLOW_UP, ROUTING
from deploy.stack.process import StackError
from operations.cli import app
from operations.dead_letters.records import read_dead_letters
from support.events import SUBMITTED, outgoing, report_id
from support.topics import everything_on
from support.wait import eventually
from typer.testing import CliRunner, Result

MESSAGES = [
    outgoing(ReportSupported(report_id=report_id(1), said_at=SUBMITTED, sender=letter * 64)) for letter in "abc"
]


@pytest.fixture
def system(settings: Settings, topics: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Topics with three messages, of which the first is the one."""
    topics(FOLLOW_UP, *DEAD_LETTERS.values())
    Publisher(settings, "test").publish(MESSAGES)
    monkeypatch.setenv("KMZB_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.setenv("KMZB_NAMESPACE", settings.namespace)
    return settings


@contextmanager
def restarted(settings: Settings, ends: list[BaseException], handled: list[str]) -> Iterator[None]:
    """Casework's loop, started again whenever it ends, as a supervisor does."""
    stop = threading.Event()

    def handle(batch: Sequence[Received]) -> list[Outgoing]:
        for each in batch:
            assert isinstance(each.event, ReportSupported)
            if each.event.sender[0] == "a":
                raise OSError("away, it seems")
            handled.append(each.event.sender[0])
        return []

    def supervise() -> None:
        while not stop.is_set():
            try:
                Loop(settings, CASEWORK, [FOLLOW_UP], Producing(settings, CASEWORK, handle), Health())(stop)
            except OSError as ended:
                ends.append(ended)
                stop.wait(0.1)

    thread = threading.Thread(target=supervise)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


def set_aside(topic: str, partition: int, offset: int, *words: str, service: str = CASEWORK) -> Result:
    argv = ["dead-letters", "set-aside", topic, str(partition), str(offset), "--service", service, *words]
    return CliRunner().invoke(app, argv)


def test_a_service_that_ends_again_and_again_goes_on_behind_the_message(system: Settings) -> None:
    ends, handled = list[BaseException](), list[str]()
    partition = everything_on(system, FOLLOW_UP)[0].partition() or 0
    with restarted(system, ends, handled):
        eventually(lambda: len(ends) >= 5, 40)
        assert isinstance(set_aside("follow-up", partition, 1, "--yes").exception, StackError)
        told = set_aside("follow-up", partition, 0)
        assert "Nothing was done" in told.output, (told.output, told.exception)
        assert not read_dead_letters(system, [CASEWORK])
        done = set_aside("follow-up", partition, 0, "--yes")
        assert done.exit_code == 0, done.exception
        eventually(lambda: handled == ["b", "c"], 40)
    (letter,) = read_dead_letters(system, [CASEWORK])
    assert (letter.reason, letter.original_offset, letter.replayable) == ("operator", 0, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("follow-up", 0, 7_000), "not at 7000: nothing was done"),
        (("follow-up", 99, 0), "reads no partition 99"),
        (("report", 0, 0), "is the name of"),
    ],
)
def test_what_cannot_be_set_aside_is_said(system: Settings, words: tuple[str, int, int], why: str) -> None:
    done = set_aside(*words)
    assert isinstance(done.exception, StackError)
    assert why in str(done.exception)
    assert "reads no partition" in str(set_aside("clock", 0, 0, service=ROUTING).exception)

"""What can't be used: how much of it stops a consumer, whose can't, and that a repeat makes no second letter."""

from collections.abc import Callable
from uuid import uuid4

from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import original_headers
from chassis.kafka.processing import Producing, Storing
from chassis.postgres import Database
from chassis.relay import Relay
from chassis.settings import Settings
from confluent_kafka import Message
from contracts.envelope import Outgoing, encode
from contracts.events.referrals import ReferralAcknowledged
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS, ROUTING, Topic, answer_topic
from prometheus_client import REGISTRY
from support.effects import count_effects, running, times
from support.events import SUBMITTED, outgoing, report_id
from support.topics import everything_on
from support.wait import eventually

Topics = Callable[..., None]
LETTERS = DEAD_LETTERS[CASEWORK]
ANSWER = answer_topic("railways")


def words(number: int, text: str = "seen") -> Outgoing:
    return outgoing(ReportContent(report_id=report_id(number), description=text))


def nonsense(topic: Topic, number: int) -> Outgoing:
    return Outgoing(topic.name, str(report_id(number)), [], b"{nonsense")


def casework(settings: Settings, database: Database, *topics: Topic) -> Loop:
    storing = Storing(settings, CASEWORK, database, count_effects)
    return Loop(settings, CASEWORK, topics, storing, Health())


def place(letter: Message) -> tuple[bytes, ...]:
    story = dict(original_headers(letter))
    return tuple(story[f"kmzb_dlq_{part}"] for part in ("topic", "partition", "offset"))


def strict(settings: Settings) -> Settings:
    return settings.model_copy(update={"unusable_limit": 3})


def assert_stopped(failures: list[BaseException]) -> None:
    eventually(lambda: failures)
    assert "3 unusable messages in a row" in str(failures[0])


def test_so_many_unusable_in_a_row_stop_the_consumer(settings: Settings, topics: Topics, effects: Database) -> None:
    topics(CONTENT, LETTERS)
    Publisher(settings, "test").publish([words(number, "refuse me") for number in range(5)])
    with running(casework(strict(settings), effects, CONTENT)) as failures:
        assert_stopped(failures)


def test_a_consumer_that_stops_again_and_again_sets_the_same_messages_aside_once(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT, LETTERS)
    # All of them under one partition's keys, so that they come in one batch and in one order.
    Publisher(settings, "test").publish([nonsense(CONTENT, 1) for _ in range(5)])
    with running(Relay(settings, CASEWORK, effects, Health())):
        for _ in range(3):
            with running(casework(strict(settings), effects, CONTENT)) as failures:
                assert_stopped(failures)
        with running(casework(settings, effects, CONTENT)) as failures:
            letters = eventually(lambda: (found := everything_on(settings, LETTERS))[4:] and found)
            Publisher(settings, "test").publish([words(2)])
            eventually(lambda: times(effects))
        assert not failures
    assert len({place(letter) for letter in letters}) == len(letters) == 5
    assert len(everything_on(settings, LETTERS)) == 5


def test_no_agency_stops_the_consumer_by_writing_nonsense(
    settings: Settings, topics: Topics, effects: Database
) -> None:
    topics(CONTENT, ANSWER, LETTERS)
    answer = ReferralAcknowledged(report_id=report_id(1), referral_id=uuid4(), answered_at=SUBMITTED)
    said = encode(answer, source="railways", at=SUBMITTED, event_id=uuid4(), topic=ANSWER)
    wrong = [
        *[nonsense(ANSWER, number) for number in range(10)],
        *[Outgoing(ANSWER.name, "other key", said.headers, said.value) for _ in range(10)],
        words(5, "refuse me"),
        words(6, "refuse me"),
    ]
    Publisher(settings, "test").publish(wrong)
    crew = (casework(strict(settings), effects, CONTENT, ANSWER), Relay(settings, CASEWORK, effects, Health()))
    with running(*crew) as failures:
        letters = eventually(lambda: (found := everything_on(settings, LETTERS))[len(wrong) - 1 :] and found)
        Publisher(settings, "test").publish([words(2)])
        eventually(lambda: times(effects) == {str(report_id(2)): 1})
    assert not failures
    assert len(letters) == len(wrong)


def test_a_service_without_store_stops_before_it_says_anything(settings: Settings, topics: Topics) -> None:
    topics(CONTENT, DEAD_LETTERS[ROUTING])
    Publisher(settings, "test").publish([nonsense(CONTENT, 1) for _ in range(5)])
    for _ in range(2):
        process = Producing(strict(settings), ROUTING, lambda _: [])
        with running(Loop(settings, ROUTING, [CONTENT], process, Health())) as failures:
            assert_stopped(failures)
    assert not everything_on(settings, DEAD_LETTERS[ROUTING])


def test_the_depth_says_how_many_letters_wait(settings: Settings, topics: Topics, effects: Database) -> None:
    topics(CONTENT, LETTERS)
    Publisher(settings, "test").publish([Outgoing(LETTERS.name, str(number), [], b"letter") for number in range(7)])
    with running(casework(settings, effects, CONTENT)) as failures:
        eventually(lambda: REGISTRY.get_sample_value("kmzb_dead_letter_depth", {"service": CASEWORK}) == 7)
    assert not failures

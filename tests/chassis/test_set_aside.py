"""What was set aside is forgotten once its dead letter is and somebody has dealt with it, and not a day before."""

import re
from importlib import resources
from typing import Any

import pytest
from chassis.kafka.letters import key_hash
from chassis.kafka.processing import Storing
from chassis.postgres import Database
from chassis.settings import Settings
from contracts.envelope import Outgoing, Unusable
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS, answer_topic
from support.effects import count_effects
from support.events import ClientMessage, report_id

ANSWER = answer_topic("railways")


@pytest.fixture
def storing(effects: Database) -> Storing:
    return Storing(Settings(kafka_bootstrap="127.0.0.1:1", unusable_limit=10_000), CASEWORK, effects, count_effects)


def set_aside(storing: Storing, number: int, topic: str = CONTENT.name) -> None:
    message: Any = ClientMessage(Outgoing(topic, str(report_id(number)), [], b"{"), offset=number)
    storing.set_aside(message, Unusable("json", "nonsense"))


def offsets(effects: Database) -> list[int]:
    with effects.transaction() as connection:
        return [row["offset"] for row in connection.execute('select "offset" from set_aside order by 1').fetchall()]


def days_pass(effects: Database, days: float) -> None:
    with effects.transaction() as connection:
        connection.execute("update set_aside set since = since - make_interval(hours => %s)", (round(days * 24),))


def unblock(effects: Database, number: int) -> None:
    """As `kmzb dead-letters replay` and `unblock` do it."""
    with effects.transaction() as connection:
        connection.execute("delete from blocked where key_sha256 = %s", (key_hash(str(report_id(number)).encode()),))


def test_it_lasts_as_long_as_its_letter(effects: Database, storing: Storing) -> None:
    set_aside(storing, 1)
    unblock(effects, 1)
    days_pass(effects, 89.9)
    set_aside(storing, 2)
    assert offsets(effects) == [1, 2]
    days_pass(effects, 0.2)
    set_aside(storing, 3)
    assert offsets(effects) == [2, 3]


def test_what_nobody_has_dealt_with_stays(effects: Database, storing: Storing) -> None:
    set_aside(storing, 1)
    days_pass(effects, 400)
    set_aside(storing, 2)
    assert offsets(effects) == [1, 2]
    unblock(effects, 1)
    set_aside(storing, 3)
    assert offsets(effects) == [2, 3]


def test_what_others_wrote_blocks_nothing_and_goes_with_its_letter(effects: Database, storing: Storing) -> None:
    set_aside(storing, 1, ANSWER.name)
    days_pass(effects, 91)
    set_aside(storing, 2)
    assert offsets(effects) == [2]


def test_many_go_in_parts_and_a_message_read_again_gets_its_letter_again(effects: Database, storing: Storing) -> None:
    with effects.transaction() as connection:
        connection.execute(
            'insert into set_aside (topic, partition, "offset", written_ms)'
            " select %s, 1, number, 0 from generate_series(1001, 3500) as number",
            (CONTENT.name,),
        )
    set_aside(storing, 1)
    unblock(effects, 1)
    days_pass(effects, 91)
    left = []
    for number in (2, 3, 4):
        set_aside(storing, number)
        left.append(len(offsets(effects)))
    assert left == [1502, 503, 3]
    set_aside(storing, 1)
    assert offsets(effects) == [1, 2, 3, 4]
    with effects.transaction() as connection:
        letters = connection.execute("select key from outbox").fetchall()
    assert [bytes(row["key"]) for row in letters].count(str(report_id(1)).encode()) == 2


def test_the_days_are_those_of_the_dead_letters() -> None:
    migration = (resources.files("chassis") / "migrations" / "0004_set_aside_ends.sql").read_text(encoding="utf-8")
    (days,) = re.findall(r"interval '(\d+) days'", migration)
    assert {topic.retention.days for topic in DEAD_LETTERS.values() if topic.retention} == {int(days)}

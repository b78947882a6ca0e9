"""`kmzb dead-letters`, as an operator types it, on what a service with a database set aside."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from chassis.settings import Settings
from contracts.envelope import Outgoing, tombstone
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS, FOLLOW_UP, REPORT_ROUTED, ROUTING, Topic
from deploy.stack.process import StackError
from operations.cli import app
from operations.letters import Fate, Letter, Original, judge
from support.databases import Clone
from support.events import SUBMITTED
from support.letters import KEY, WORDS, Desk, content, supported
from support.topics import everything_on
from support.wait import eventually
from typer.testing import CliRunner, Result


@pytest.fixture
def desk(
    settings: Settings,
    topics: Callable[..., None],
    database: Callable[[str], Clone],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """With the addresses in the environment, as `.stack/env` gives them."""
    topics(FOLLOW_UP, CONTENT, *DEAD_LETTERS.values())
    clone = database(CASEWORK)
    monkeypatch.setenv("KMZB_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.setenv("KMZB_NAMESPACE", settings.namespace)
    monkeypatch.setenv("KMZB_CASEWORK_POSTGRES_DSN", clone.service)
    monkeypatch.delenv("KMZB_POSTGRES_ADMIN_DSN", raising=False)
    made = Desk(settings, clone)
    yield made
    made.close()


def kmzb(*words: str) -> Result:
    return CliRunner().invoke(app, ["dead-letters", *words])


def said(*words: str) -> str:
    done = kmzb(*words)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def refusal(*words: str) -> str:
    done = kmzb(*words)
    assert isinstance(done.exception, StackError), done.output
    return str(done.exception)


def test_once_the_cause_is_mended_a_replay_makes_all_of_it_take_effect_in_order_and_once(desk: Desk) -> None:
    with desk.service():
        desk.say(supported("f"), supported("a"), supported("b"), supported("c", 2))
        eventually(lambda: desk.letters() == ["database", "behind", "behind"] and desk.heard(2))
        told = said("replay", CASEWORK, "--key", KEY)
        assert "3 of 3 letters would be played. Nothing was done" in told
        assert f"{CASEWORK} blocks {KEY}" in said("list", "--service", CASEWORK)
        desk.mend()
        assert "1 blocks lifted, 3 of 3 letters played" in said("replay", CASEWORK, "--key", KEY, "--yes")
        eventually(lambda: desk.heard() == ["f", "a", "b"])
        assert "0 blocks lifted, 0 of 3 letters played" in said("replay", CASEWORK, "--all", "--yes")
        desk.say(supported("d"))
        eventually(lambda: desk.heard() == ["f", "a", "b", "d"])
    assert desk.heard(2) == ["c"]
    on_topic = [message for message in everything_on(desk.settings, FOLLOW_UP) if message.key() == KEY.encode()]
    for number, original in enumerate((supported("f"), supported("a"), supported("b"))):
        copy = on_topic[number + 3]
        assert (copy.value(), copy.headers()) == (original.value, original.headers)


@pytest.mark.slow
def test_what_still_cannot_be_used_waits_again_and_its_message_is_played_once(desk: Desk) -> None:
    with desk.service():
        desk.say(supported("f"), supported("a"))
        eventually(lambda: len(desk.letters()) == 2)
        said("replay", CASEWORK, "--all", "--yes")
        eventually(lambda: len(desk.letters()) == 4)
        assert desk.heard() == []
        desk.mend()
        assert "2 of 4 letters played" in said("replay", CASEWORK, "--all", "--yes")
        eventually(lambda: desk.heard() == ["f", "a"])


@pytest.mark.slow
def test_what_can_never_be_used_is_left_out(desk: Desk) -> None:
    with desk.service():
        desk.say(supported("f"), supported("a"), supported("b"))
        eventually(lambda: len(desk.letters()) == 3)
        assert "2 of 3 letters played" in said("replay", CASEWORK, "--key", KEY, "--skip-first", "--yes")
        eventually(lambda: desk.heard() == ["a", "b"])
    assert "0 of 3" in said("replay", CASEWORK, "--key", KEY, "--skip-first")


def test_erased_words_stay_erased_and_a_tombstone_is_played_as_one(desk: Desk) -> None:
    with desk.service():
        desk.say(content("f, refused"), tombstone(CONTENT, KEY))
        eventually(lambda: desk.letters() == ["database", "behind"])
        desk.mend()
        assert "1 of 2 letters played" in said("replay", CASEWORK, "--all", "--yes")
        eventually(lambda: desk.heard() == ["erased"])
        assert everything_on(desk.settings, CONTENT)[-1].value() is None
        assert "0 of 2 letters would" in said("replay", CASEWORK, "--all")


@pytest.mark.slow
def test_words_replaced_after_an_unblock_do_not_come_back(desk: Desk) -> None:
    with desk.service():
        desk.say(content("f, refused"))
        eventually(lambda: len(desk.letters()) == 1)
        assert f"takes {KEY} on {CONTENT.name} again" in said("unblock", CASEWORK, "--key", KEY)
        desk.say(content("new"))
        eventually(lambda: desk.heard() == ["new"])
    assert "not to be played" in said("replay", CASEWORK, "--all", "--yes")
    assert len(everything_on(desk.settings, CONTENT)) == 2


def test_list_and_show_say_what_is_wrong_and_print_words_only_when_asked(desk: Desk) -> None:
    with desk.service():
        desk.say(content("f " + WORDS), content(WORDS), supported("f", 2))
        eventually(lambda: len(desk.letters()) == 3)
    listed = said("list")
    assert "3 dead letters" in listed
    assert "ReportContent" in listed
    assert re.search(rf"{re.escape(CONTENT.name)}/\d+@1  behind: an earlier event", listed)
    assert listed.count(f"{CASEWORK} blocks ") == 2
    assert "1 dead letters" in said("list", "--reason", "behind", "--since", "5m")
    assert "0 dead letters" in said("list", "--since", "2100-01-01")
    assert "2 dead letters" in said("list", "--key", KEY)
    place = re.findall(rf"{CASEWORK} (\d+) (\d+) +ReportContent", listed)[0]
    shown = said("show", CASEWORK, *place)
    assert json.loads(shown)["headers"]["kmzb_dlq_reason"] == "database"
    assert WORDS not in listed + shown
    assert WORDS in said("show", CASEWORK, *place, "--value")


@pytest.mark.slow
def test_a_letter_is_played_only_to_a_topic_that_the_service_reads(desk: Desk) -> None:
    place = [("kmzb_dlq_partition", b"0"), ("kmzb_dlq_offset", b"0")]
    for topic in (b"somebody.else", DEAD_LETTERS[ROUTING].name.encode()):
        desk.say(Outgoing(DEAD_LETTERS[CASEWORK].name, KEY, [("kmzb_dlq_topic", topic), *place], b"{}"))
    desk.say(Outgoing(DEAD_LETTERS[CASEWORK].name, "\x1b[2J", [], b"no letter at all"))
    told = said("replay", CASEWORK, "--all", "--yes")
    assert told.count("refused") == 3
    assert "0 of 3 letters played" in told
    assert "\x1b" not in told + said("list")


def test_what_cannot_be_done_is_said_in_plain_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no service 'case-work'" in refusal("list", "--service", "case-work")
    assert "either --key K or --all" in refusal("replay", CASEWORK)
    assert f"no dead letters under the key {KEY}" in refusal("replay", CASEWORK, "--key", KEY)
    assert "no dead letter 0 7" in refusal("show", CASEWORK, "0", "7")
    assert f"does not block {KEY}" in refusal("unblock", CASEWORK, "--key", KEY)
    assert "blocks nothing" in refusal("unblock", ROUTING, "--key", KEY)
    assert "30m, 12h, 7d" in refusal("list", "--since", "yesterday")
    assert "KMZB_NOTIFIER_POSTGRES_DSN is not set" in kmzb("list").stderr
    monkeypatch.setenv("KMZB_CASEWORK_POSTGRES_DSN", "postgresql://kmzb_casework:hidden@127.0.0.1:9/none")
    assert "casework's database" in (told := refusal("unblock", CASEWORK, "--key", KEY))
    assert "hidden" not in told


def letter(what: str, at: int, reason: str = "behind", topic: Topic = FOLLOW_UP) -> Letter:
    original = Original(topic.name, 3, KEY, (), what.encode() or None)
    return Letter(CASEWORK, 0, at, SUBMITTED, original, at, reason, "")


@pytest.mark.parametrize(
    ("waiting", "stands", "fates"),
    [
        ([letter("a", 1), letter("b", 2), letter("a", 3)], "", [Fate.PLAY, Fate.PLAY, Fate.REPEATED]),
        ([letter("a", 1), letter("b", 2)], ".ab.a", [Fate.PLAYED, Fate.PLAY]),
        ([letter("a", 1), letter("b", 2), letter("b", 4)], ".abab", [Fate.PLAYED, Fate.PLAY, Fate.REPEATED]),
        ([letter("a", 1, topic=CONTENT), letter("b", 2, topic=CONTENT)], ".ab", [Fate.OVERTAKEN, Fate.PLAY]),
        ([letter("a", 1, topic=CONTENT), letter("b", 2, topic=CONTENT)], "....b", [Fate.OVERTAKEN, Fate.PLAYED]),
        ([letter("a", 1, topic=CONTENT)], "", [Fate.OVERTAKEN]),  # cleared away, and so is the tombstone behind it
        ([letter("", 1, topic=CONTENT)], "", [Fate.PLAY]),
        ([letter("", 1)], "", [Fate.PLAY]),
        (
            [letter("a", 1, topic=REPORT_ROUTED), letter("a", 1, topic=DEAD_LETTERS[CASEWORK])],
            "",
            [Fate.REFUSED, Fate.PLAY],
        ),
    ],
)
def test_what_stands_on_the_topic_says_what_is_to_be_played(
    waiting: list[Letter], stands: str, fates: list[Fate]
) -> None:
    topic = waiting[0].original.topic
    there = [(at, Original(topic, 3, KEY, (), what.encode())) for at, what in enumerate(stands) if what != "."]
    assert list(judge(waiting, {waiting[0].original.queue: there}).values()) == fates

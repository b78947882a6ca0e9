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
from operations.dead_letters.records import DeadLetter, OriginalMessage
from operations.dead_letters.replay import decisions
from support.chassis.raw_producer import RawRecord, write_raw
from support.events import SUBMITTED
from support.operations.dead_letters import KEY, WORDS, RefusingService, content, supported
from support.stack.databases import Clone
from support.topics import everything_on
from support.wait import eventually
from typer.testing import CliRunner, Result


@pytest.fixture
def service(
    settings: Settings,
    topics: Callable[..., None],
    database: Callable[[str], Clone],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[RefusingService]:
    """With the addresses in the environment, as `.stack/env` gives them."""
    topics(FOLLOW_UP, CONTENT, *DEAD_LETTERS.values())
    clone = database(CASEWORK)
    monkeypatch.setenv("KMZB_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.setenv("KMZB_NAMESPACE", settings.namespace)
    monkeypatch.setenv("KMZB_CASEWORK_POSTGRES_DSN", clone.service)
    monkeypatch.delenv("KMZB_POSTGRES_ADMIN_DSN", raising=False)
    made = RefusingService(settings, clone)
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


def test_once_the_cause_is_mended_a_replay_makes_all_of_it_take_effect_in_order_and_once(
    service: RefusingService,
) -> None:
    with service.running():
        service.publish(supported("f"), supported("a"), supported("b"), supported("c", 2))
        eventually(lambda: service.reasons() == ["database", "behind", "behind"] and service.effects(2))
        told = said("replay", CASEWORK, "--key", KEY)
        assert "3 of 3 would be replayed. Nothing was done" in told
        assert f"{CASEWORK} blocks {KEY}" in said("list", "--service", CASEWORK)
        service.mend()
        assert "1 keys unblocked, 3 of 3 dead letters replayed" in said("replay", CASEWORK, "--key", KEY, "--yes")
        eventually(lambda: service.effects() == ["f", "a", "b"])
        assert "0 keys unblocked, 0 of 3 dead letters replayed" in said("replay", CASEWORK, "--all", "--yes")
        service.publish(supported("d"))
        eventually(lambda: service.effects() == ["f", "a", "b", "d"])
    assert service.effects(2) == ["c"]
    on_topic = [message for message in everything_on(service.settings, FOLLOW_UP) if message.key() == KEY.encode()]
    for number, original in enumerate((supported("f"), supported("a"), supported("b"))):
        copy = on_topic[number + 3]
        assert (copy.value(), copy.headers()) == (original.value, original.headers)


@pytest.mark.slow
def test_what_still_cannot_be_used_waits_again_and_its_message_is_played_once(service: RefusingService) -> None:
    with service.running():
        service.publish(supported("f"), supported("a"))
        eventually(lambda: len(service.reasons()) == 2)
        said("replay", CASEWORK, "--all", "--yes")
        eventually(lambda: len(service.reasons()) == 4)
        assert service.effects() == []
        service.mend()
        assert "2 of 4 dead letters replayed" in said("replay", CASEWORK, "--all", "--yes")
        eventually(lambda: service.effects() == ["f", "a"])


@pytest.mark.slow
def test_what_can_never_be_used_is_left_out(service: RefusingService) -> None:
    with service.running():
        service.publish(supported("f"), supported("a"), supported("b"))
        eventually(lambda: len(service.reasons()) == 3)
        assert "2 of 3 dead letters replayed" in said("replay", CASEWORK, "--key", KEY, "--skip-first", "--yes")
        eventually(lambda: service.effects() == ["a", "b"])
    assert "0 of 3" in said("replay", CASEWORK, "--key", KEY, "--skip-first")


def test_erased_words_stay_erased_and_a_tombstone_is_played_as_one(service: RefusingService) -> None:
    with service.running():
        service.publish(content("f, refused"), tombstone(CONTENT, KEY))
        eventually(lambda: service.reasons() == ["database", "behind"])
        service.mend()
        assert "1 of 2 dead letters replayed" in said("replay", CASEWORK, "--all", "--yes")
        eventually(lambda: service.effects() == ["erased"])
        assert everything_on(service.settings, CONTENT)[-1].value() is None
        assert "0 of 2 would be replayed" in said("replay", CASEWORK, "--all")


@pytest.mark.slow
def test_words_replaced_after_an_unblock_do_not_come_back(service: RefusingService) -> None:
    with service.running():
        service.publish(content("f, refused"))
        eventually(lambda: len(service.reasons()) == 1)
        assert f"takes {KEY} on {CONTENT.name} again" in said("unblock", CASEWORK, "--key", KEY)
        service.publish(content("new"))
        eventually(lambda: service.effects() == ["new"])
    assert "not to be replayed" in said("replay", CASEWORK, "--all", "--yes")
    assert len(everything_on(service.settings, CONTENT)) == 2


def test_list_and_show_say_what_is_wrong_and_print_words_only_when_asked(service: RefusingService) -> None:
    with service.running():
        service.publish(content("f " + WORDS), content(WORDS), supported("f", 2))
        eventually(lambda: len(service.reasons()) == 3)
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
def test_a_letter_is_played_only_to_a_topic_that_the_service_reads(service: RefusingService) -> None:
    place = [("kmzb_dlq_partition", b"0"), ("kmzb_dlq_offset", b"0")]
    for topic in (b"somebody.else", DEAD_LETTERS[ROUTING].name.encode()):
        service.publish(Outgoing(DEAD_LETTERS[CASEWORK].name, KEY, [("kmzb_dlq_topic", topic), *place], b"{}"))
    service.publish(Outgoing(DEAD_LETTERS[CASEWORK].name, "\x1b[2J", [], b"no letter at all"))
    service.publish(Outgoing(DEAD_LETTERS[CASEWORK].name, KEY, [("kmzb_dlq_instance", b"opole")], b"{}"))
    told = said("replay", CASEWORK, "--all", "--yes")
    assert "by casework.opole" in said("list")
    assert "casework.opole set some of them aside too" in told
    assert told.count("refused") == 4
    assert "0 of 4 dead letters replayed" in told
    assert "\x1b" not in told + said("list")


def test_what_cannot_be_done_is_said_in_plain_words(service: RefusingService, monkeypatch: pytest.MonkeyPatch) -> None:
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


SURROGATE = b'{"description": "\\ud800 \\u009b"}'
ODD: list[tuple[bytes, list[tuple[bytes, bytes | None]], bytes]] = [
    (b"\xff\xfe", [(b"\xff", b"x")], SURROGATE),
    (b"\x00", [(b"ce_type", b"\xff")], b"[" * 10_000),
    (b"", [(b"a", None)], b"1" * 5_000),
    ("\u202e".encode(), [], b"\xff\x00"),
]


def test_whatever_was_set_aside_is_listed_shown_and_read(service: RefusingService) -> None:
    for topic in (FOLLOW_UP, DEAD_LETTERS[CASEWORK]):
        name = service.settings.namespace + topic.name
        write_raw(service.settings.kafka_bootstrap, [RawRecord(name, *record) for record in ODD])
    with service.running():
        eventually(lambda: len(service.reasons()) == 2 * len(ODD))
    listed = said("list")
    assert f"{2 * len(ODD)} dead letters" in listed
    assert r"\xff\xfe" in listed
    for partition, offset in re.findall(rf"{CASEWORK} (\d+) (\d+) ", listed):
        shown = said("show", CASEWORK, partition, offset, "--value")
        assert json.loads(shown)["at"] == f"{partition}/{offset}"
        assert all(char.isprintable() or char == "\n" for char in shown)
    for topic in (FOLLOW_UP, DEAD_LETTERS[CASEWORK]):
        done = CliRunner().invoke(app, ["topics", "read", topic.name])
        assert done.exit_code == 0, done.exception
        assert all(json.loads(line) for line in done.output.splitlines())
    assert "would be replayed" in said("replay", CASEWORK, "--all")
    assert "would be replayed" in said("replay", CASEWORK, "--key", r"\x00")
    said("unblock", CASEWORK, "--key", r"\x00")


def letter(what: str, at: int, reason: str = "behind", topic: Topic = FOLLOW_UP) -> DeadLetter:
    original = OriginalMessage(topic.name, 3, KEY, (), what.encode() or None)
    return DeadLetter(CASEWORK, 0, at, SUBMITTED, original, at, reason, "")


@pytest.mark.parametrize(
    ("waiting", "on_topic", "expected"),
    [
        ([letter("a", 1), letter("b", 2), letter("a", 3)], "", "REPLAY REPLAY DUPLICATE"),
        ([letter("a", 1), letter("b", 2)], ".ab.a", "REPLAYED REPLAY"),
        ([letter("a", 1), letter("b", 2), letter("b", 4)], ".abab", "REPLAYED REPLAY DUPLICATE"),
        ([letter("a", 1, topic=CONTENT), letter("b", 2, topic=CONTENT)], ".ab", "SUPERSEDED REPLAY"),
        ([letter("a", 1, topic=CONTENT), letter("b", 2, topic=CONTENT)], "....b", "SUPERSEDED REPLAYED"),
        ([letter("a", 1, topic=CONTENT)], "", "SUPERSEDED"),  # cleared away, and so is the tombstone behind it
        ([letter("", 1, topic=CONTENT)], "", "REPLAY"),
        ([letter("", 1)], "", "REPLAY"),
        ([letter("a", 1, topic=REPORT_ROUTED), letter("a", 1, topic=DEAD_LETTERS[CASEWORK])], "", "REFUSED REPLAY"),
    ],
)
def test_what_stands_on_the_topic_says_what_is_to_be_replayed(
    waiting: list[DeadLetter], on_topic: str, expected: str
) -> None:
    topic = waiting[0].original.topic
    there = [(at, OriginalMessage(topic, 3, KEY, (), what.encode())) for at, what in enumerate(on_topic) if what != "."]
    found = decisions(waiting, {waiting[0].original.partition_key: there})
    assert [decision.name for decision in found.values()] == expected.split()


def test_what_is_done_with_is_deleted_and_what_stands_behind_what_waits_is_kept(service: RefusingService) -> None:
    with service.running():
        service.publish(supported("f"), supported("a"), supported("b"))
        eventually(lambda: len(service.reasons()) == 3)
        assert "0 of 3 would be deleted" in said("discard", CASEWORK)
        said("replay", CASEWORK, "--all", "--skip-first", "--yes")
        eventually(lambda: service.effects() == ["a", "b"])
        behind = kmzb("discard", CASEWORK, "--yes")
        assert (behind.exit_code, behind.output.count("stands behind one that was never replayed")) == (3, 2)
        assert len(service.reasons()) == 3
        assert "3 of 3 would be deleted" in said("discard", CASEWORK, "--key", KEY)
        assert len(service.reasons()) == 3
        deleted = json.loads(said("discard", CASEWORK, "--key", KEY, "--yes", "--json"))
        assert [each["what"] for each in deleted["letters"]] == ["DELETE"] * 3
    assert service.reasons() == []
    assert "has no dead letters" in refusal("discard", CASEWORK)

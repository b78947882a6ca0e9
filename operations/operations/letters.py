"""Dead letters: reading them, judging which are to be played again, playing them, and the keys that wait behind them.

Nothing is written down about what was played. A letter counts as played when its message (key, headers, value) stands
on its topic again, behind the place it was set aside from; if that copy could not be used either, it has a letter of
its own, and its message is to be played once more. Where copies have expired, a letter may be played twice: that is
harmless, because every effect is recognised by its own key.

On a compacted topic only the newest message of a key counts. So an older one is never played, nor any behind which
something newer was said: it would put back what was replaced, or words that were erased.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from chassis.kafka.client import KafkaException, producer, topic_name
from chassis.kafka.messages import original_headers
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, KafkaError, Message
from contracts.topics import BY_NAME, DEAD_LETTERS, OPERATORS
from deploy.stack.process import StackError

from operations.log import messages_from

STORY = "kmzb_dlq_"
BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Original:
    """A message as it stood on its topic (the registry's name). Two that are equal say the same."""

    topic: str
    partition: int
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None

    @property
    def type(self) -> str:
        """The event's type as people say it."""
        name = dict(self.headers).get("ce_type", b"").decode(errors="replace")
        if not name:
            return "tombstone" if self.value is None else "no event"
        return name.removeprefix("pl.policja.kmzb.").removesuffix(".v1")

    @property
    def queue(self) -> "Queue":
        return self.topic, self.partition, self.key


Queue = tuple[str, int, str]
"""(topic, partition, key): what has an order."""
Standing = Mapping[Queue, Sequence[tuple[int, Original]]]
"""What stands on the topics under some keys, each with its offset, in order."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter. `at` is the offset the original had; `partition` and `offset` are the letter's own."""

    service: str
    partition: int
    offset: int
    written_at: datetime
    original: Original
    at: int
    reason: str
    detail: str

    @property
    def playable(self) -> bool:
        """Whether the service reads the topic it came from, and it can be written there as it was."""
        topic = BY_NAME.get(self.original.topic)
        if topic is None or self.service not in topic.readers or self.at < 0:
            return False
        return self.original.partition in range(topic.partitions) and "\ufffd" not in self.original.key


class Fate(StrEnum):
    """What playing again means for a letter."""

    PLAY = "to play"
    REPEATED = "same message as a letter before it"
    PLAYED = "played already: it stands on its topic again"
    OVERTAKEN = "not to be played: something newer was said under its key, and only the newest counts there"
    CULPRIT = "skipped: it could not be used itself"
    REFUSED = "refused: not from a topic the service reads, or its key was no text"


def read_letters(settings: Settings, services: Iterable[str]) -> list[Letter]:
    """What stands on the services' dead-letter topics, in the order of the originals. Raises StackError."""
    owners = {topic_name(settings, DEAD_LETTERS[service].name): service for service in services}
    starts = {
        (name, number): OFFSET_BEGINNING
        for name, service in owners.items()
        for number in range(DEAD_LETTERS[service].partitions)
    }
    found = [_letter(owners[str(each.topic())], each) for each in messages_from(settings.kafka_bootstrap, starts)]
    return sorted(found, key=lambda each: (each.service, each.original.topic, each.original.partition, each.at))


def find(settings: Settings, service: str, partition: int, offset: int) -> Message:
    """One letter by its own place. Raises StackError when there is none."""
    topic = DEAD_LETTERS[service]
    if partition in range(topic.partitions) and offset >= 0:
        starts = {(topic_name(settings, topic.name), partition): offset}
        for message in messages_from(settings.kafka_bootstrap, starts):
            if message.offset() == offset:
                return message
            break
    raise StackError(f"{service} has no dead letter {partition} {offset}; `kmzb dead-letters list` shows those it has")


def standing(settings: Settings, letters: Sequence[Letter]) -> Standing:
    """What stands on the letters' topics under their keys, from the first of them on. Raises StackError."""
    starts: dict[tuple[str, int], int] = {}
    stands: dict[Queue, list[tuple[int, Original]]] = {}
    for letter in letters:
        if letter.playable:
            place = topic_name(settings, letter.original.topic), letter.original.partition
            starts[place] = min(letter.at, starts.get(place, letter.at))
            stands[letter.original.queue] = []
    for message in messages_from(settings.kafka_bootstrap, starts):
        topic = str(message.topic()).removeprefix(settings.namespace)
        original = _original(topic, message.partition() or 0, message)
        if original.queue in stands:
            stands[original.queue].append((message.offset() or 0, original))
    return stands


def judge(letters: Sequence[Letter], stands: Standing, *, skip_culprits: bool = False) -> dict[Letter, Fate]:
    """What is to be done with each letter, in the order of the originals. `letters` are all of each key."""
    fates: dict[Letter, Fate] = {}
    newest: dict[Queue, Letter] = {}
    last: dict[Original, Letter] = {}
    ordered = sorted(letters, key=lambda each: (each.original.topic, each.original.partition, each.at))
    for letter in ordered:
        newest[letter.original.queue] = last[letter.original] = letter
    seen: set[Original] = set()
    for letter in ordered:
        original = letter.original
        fate = _fate(last[original], newest[original.queue], stands.get(original.queue, ()))
        if fate is Fate.PLAY and skip_culprits and last[original].reason != BEHIND:
            fate = Fate.CULPRIT
        if fate is Fate.PLAY and original in seen:
            fate = Fate.REPEATED
        seen.add(original)
        fates[letter] = fate
    return fates


def _fate(last: Letter, newest: Letter, stands: Sequence[tuple[int, Original]]) -> Fate:
    """Of a message, by its last letter, the newest letter under its key, and what stands there."""
    if not last.playable:
        return Fate.REFUSED
    later = [original for offset, original in stands if offset > last.at]
    if not BY_NAME[last.original.topic].compacted:
        return Fate.PLAYED if last.original in later else Fate.PLAY
    if later and later[-1] == last.original:
        return Fate.PLAYED
    # Where nothing stands, what replaced it was cleared away itself: then it was erased, unless it erases.
    gone = last.original.value is not None and all(offset != last.at for offset, _ in stands)
    return Fate.OVERTAKEN if later or gone or last.original != newest.original else Fate.PLAY


def play(settings: Settings, letters: Iterable[Letter]) -> int:
    """Publish the originals again, each to its partition, one after the other; gives how many. Raises StackError."""
    to_log = producer(settings, OPERATORS)
    played = 0
    refused: list[KafkaError] = []

    def on_delivery(error: KafkaError | None, _: Message) -> None:
        refused.extend([error] if error is not None else [])

    for letter in letters:
        original = letter.original
        try:
            to_log.produce(
                topic_name(settings, original.topic),
                key=original.key.encode(),
                value=original.value,
                headers=list(original.headers),
                partition=original.partition,
                on_delivery=on_delivery,
            )
            to_log.flush()  # what follows one that was refused must not be written
        except KafkaException as failed:
            refused.append(failed.args[0])
        if refused:
            raise StackError(f"{played} played, then {original.topic} refused: {refused[0].str()}. Run it again.")
        played += 1
    return played


def _letter(service: str, message: Message) -> Letter:
    """A message of a dead-letter topic; what its story lacks is empty, and its offset then -1."""
    headers = dict(original_headers(message))
    names = ("topic", "partition", "offset", "reason", "detail")
    topic, partition, offset, reason, detail = (
        headers.get(STORY + name, b"").decode(errors="replace") for name in names
    )
    return Letter(
        service=service,
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        written_at=datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC),
        original=_original(topic, int(partition) if partition.isdecimal() else -1, message),
        at=int(offset) if offset.isdecimal() else -1,
        reason=reason,
        detail=detail,
    )


def _original(topic: str, partition: int, message: Message) -> Original:
    headers = tuple((name, raw) for name, raw in original_headers(message) if not name.startswith(STORY))
    key, value = message.key() or b"", message.value()
    return Original(
        topic,
        partition,
        key if isinstance(key, str) else key.decode("utf-8", "replace"),
        headers,
        value.encode() if isinstance(value, str) else value,
    )

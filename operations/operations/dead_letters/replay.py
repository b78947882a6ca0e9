"""Replaying dead letters: which of them are to be published again, and publishing them.

Nothing is written down about what was replayed. A dead letter counts as replayed when its message (key, headers, value)
stands on its topic again, behind the offset it was set aside from; if that copy could not be used either, it has a dead
letter of its own, and its message is to be replayed once more. Where copies have expired, one may be replayed twice:
that is harmless, because every effect is recognised by its own key.

On a compacted topic only the newest message of a key counts. So an older one is never replayed, nor any behind which
something newer was said: it would put back what was replaced, or words that were erased.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from chassis.kafka.client import KafkaException, producer, topic_name
from chassis.settings import Settings
from confluent_kafka import KafkaError, Message
from contracts.topics import OPERATORS, topic_named
from deploy.stack.process import StackError

from operations.dead_letters.records import BEHIND, DeadLetter, OriginalMessage, PartitionKey, original_message
from operations.topic_reader import TopicPartition, read_partitions

TopicMessages = Mapping[PartitionKey, Sequence[tuple[int, OriginalMessage]]]
"""What stands on the topics under some keys, each with its offset, in order."""


class Decision(StrEnum):
    """What a replay does with a dead letter."""

    REPLAY = "to be replayed"
    DUPLICATE = "same message as a dead letter before it"
    REPLAYED = "replayed already: it stands on its topic again"
    SUPERSEDED = "not to be replayed: something newer was said under its key, and only the newest counts there"
    SKIPPED = "skipped: it could not be used itself"
    REFUSED = "refused: not from a topic the service reads, or the letter does not hold all of it"


def read_topic_messages(settings: Settings, letters: Iterable[DeadLetter]) -> TopicMessages:
    """What stands on the letters' topics under their keys, from the first of them on. Raises StackError."""
    starts: dict[TopicPartition, int] = {}
    found: dict[PartitionKey, list[tuple[int, OriginalMessage]]] = {}
    for letter in letters:
        if letter.replayable:
            partition = topic_name(settings, letter.original.topic), letter.original.partition
            starts[partition] = min(letter.original_offset, starts.get(partition, letter.original_offset))
            found[letter.original.partition_key] = []
    for message in read_partitions(settings, starts):
        topic = str(message.topic()).removeprefix(settings.namespace)
        original = original_message(topic, message.partition() or 0, message)
        if original.partition_key in found:
            found[original.partition_key].append((message.offset() or 0, original))
    return found


def decisions(
    letters: Iterable[DeadLetter], on_topics: TopicMessages, *, skip_first: bool = False
) -> dict[DeadLetter, Decision]:
    """What is to be done with each dead letter, in the order of the originals. `letters` are all of each key.

    `skip_first` leaves out what could not be used itself, for what only came behind it.
    """
    found: dict[DeadLetter, Decision] = {}
    newest: dict[PartitionKey, DeadLetter] = {}
    last: dict[OriginalMessage, DeadLetter] = {}
    ordered = sorted(
        letters, key=lambda letter: (letter.original.topic, letter.original.partition, letter.original_offset)
    )
    for letter in ordered:
        newest[letter.original.partition_key] = last[letter.original] = letter
    seen: set[OriginalMessage] = set()
    for letter in ordered:
        original = letter.original
        decision = _decision(last[original], newest[original.partition_key], on_topics.get(original.partition_key, ()))
        if decision is Decision.REPLAY and skip_first and last[original].reason != BEHIND:
            decision = Decision.SKIPPED
        if decision is Decision.REPLAY and original in seen:
            decision = Decision.DUPLICATE
        seen.add(original)
        found[letter] = decision
    return found


def _decision(last: DeadLetter, newest: DeadLetter, on_topic: Sequence[tuple[int, OriginalMessage]]) -> Decision:
    """On a message, by its last dead letter, the newest one under its key, and what stands on its topic."""
    if not last.replayable:
        return Decision.REFUSED
    later = [original for offset, original in on_topic if offset > last.original_offset]
    topic = topic_named(last.original.topic)
    if topic is None or not topic.compacted:
        return Decision.REPLAYED if last.original in later else Decision.REPLAY
    if later and later[-1] == last.original:
        return Decision.REPLAYED
    # Where nothing stands, what replaced it was cleared away itself: then it was erased, unless it erases.
    gone = last.original.value is not None and all(offset != last.original_offset for offset, _ in on_topic)
    return Decision.SUPERSEDED if later or gone or last.original != newest.original else Decision.REPLAY


def publish_originals(settings: Settings, originals: Iterable[OriginalMessage]) -> int:
    """Publish the originals again, each to its partition, one after the other; gives how many. Raises StackError."""
    to_topics = producer(settings, OPERATORS)
    published = 0
    refused: list[KafkaError] = []

    def on_delivery(error: KafkaError | None, _: Message) -> None:
        refused.extend([error] if error is not None else [])

    for original in originals:
        try:
            to_topics.produce(
                topic_name(settings, original.topic),
                key=original.raw_key,
                value=original.value,
                headers=list(original.headers),
                partition=original.partition,
                on_delivery=on_delivery,
            )
            to_topics.flush()  # what follows one that was refused must not be written
        except KafkaException as failed:
            refused.append(failed.args[0])
        if refused:
            problem = f"{published} published, then {original.topic} refused: {refused[0].str()}. Run it again."
            raise StackError(problem)
        published += 1
    return published

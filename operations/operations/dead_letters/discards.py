"""Deleting dead letters that are done with: the log deletes a partition's oldest messages, and nothing in between."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from chassis.kafka.client import client_settings, topic_name
from chassis.settings import Settings
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from contracts.topics import DEAD_LETTERS, OPERATORS
from deploy.stack.process import StackError

from operations.dead_letters.records import DeadLetter
from operations.dead_letters.replay import Decision

# No duplicate: while one that says the same waits, that one is judged by the newest of them.
_DONE = (Decision.REPLAYED, Decision.SUPERSEDED)
_SECONDS = 30.0


class Discard(StrEnum):
    """What a discard does with a dead letter."""

    DELETE = "to be deleted"
    WAITS = "kept: it was never replayed"
    BEHIND = "kept: it stands behind one that was never replayed"


def discards(decided: Mapping[DeadLetter, Decision], given_up: Collection[DeadLetter]) -> dict[DeadLetter, Discard]:
    """What becomes of a service's dead letters, all of them, in the order in which they stand on its topic."""
    found: dict[DeadLetter, Discard] = {}
    closed: set[int] = set()
    for letter in sorted(decided, key=lambda letter: (letter.partition, letter.offset)):
        if letter not in given_up and decided[letter] not in _DONE:
            closed.add(letter.partition)
            found[letter] = Discard.WAITS
        else:
            found[letter] = Discard.BEHIND if letter.partition in closed else Discard.DELETE
    return found


def delete_letters(settings: Settings, service: str, planned: Mapping[DeadLetter, Discard]) -> None:
    """Delete them from the service's dead-letter topic, for good. Raises StackError."""
    ends: dict[int, int] = {}
    for letter, discard in planned.items():
        if discard is Discard.DELETE:
            ends[letter.partition] = max(letter.offset + 1, ends.get(letter.partition, 0))
    name = topic_name(settings, DEAD_LETTERS[service].name)
    admin = AdminClient(client_settings(settings, OPERATORS))  # answers come for as long as it lives
    wanted = [TopicPartition(name, partition, end) for partition, end in ends.items()]
    for answer in admin.delete_records(wanted, request_timeout=_SECONDS).values() if wanted else ():
        try:
            answer.result()
        except KafkaException as refused:
            raise StackError(f"{name}: not deleted: {refused.args[0].str()}") from refused

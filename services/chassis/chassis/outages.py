"""Which errors say that PostgreSQL or the brokers are away for a while, and waiting for their return."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

import structlog
from confluent_kafka import KafkaError, KafkaException

log = structlog.get_logger()
Answer = TypeVar("Answer")
# The client joins the group again by itself after these, and reads on from what is committed.
_MEMBERSHIP_ERRORS = {
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError.STALE_MEMBER_EPOCH,
    KafkaError.FENCED_MEMBER_EPOCH,
    KafkaError.UNRELEASED_INSTANCE_ID,
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError._NO_OFFSET,
    KafkaError._MAX_POLL_EXCEEDED,
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._WAIT_COORD,
    KafkaError._ASSIGNMENT_LOST,
}
# What a client meets as well while a broker is being restarted; what it does then is to be done anew.
_BROKERS_AWAY = {KafkaError._DESTROY_BROKER, KafkaError._MSG_TIMED_OUT, KafkaError._UNKNOWN_PARTITION}
_ASKED_SECONDS = 25.0  # twice for each assignment: less than a worker may stand (chassis.run)


def patiently(ask: Callable[[], Answer]) -> Answer:
    """What the brokers answer, asked again while one of them is being restarted. Raises KafkaException in the end."""
    deadline = monotonic() + _ASKED_SECONDS
    while True:
        try:
            return ask()
        except KafkaException as failed:
            if monotonic() > deadline or not server_is_away(failed):
                raise
            log.warning("brokers asked again", error=str(failed.args[0]))
            threading.Event().wait(0.2)


def passes(error: KafkaError) -> bool:
    """Whether an error is over once the member has joined again or the brokers are back: no reason to end."""
    return not error.fatal() and (error.retriable() or error.code() in _MEMBERSHIP_ERRORS)


def server_is_away(error: BaseException) -> bool:
    """Whether whoever met this error may begin again; not after what a Kafka client calls fatal, which ends it."""
    if isinstance(error, KafkaException):
        cause = error.args[0] if error.args else None
        return isinstance(cause, KafkaError) and (passes(cause) or cause.code() in _BROKERS_AWAY)
    import psycopg  # here, since every service runs workers, and intake has no database

    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)

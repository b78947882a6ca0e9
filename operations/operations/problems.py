"""What `kmzb` says when something it needs can't be had: one line, whatever the command, with what to do about it."""

import os
import socket
from typing import Any

import psycopg
from boundaries.published import TopicError
from chassis.kafka.client import connection
from chassis.settings import Settings
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS
from deploy.stack.process import StackError
from redis.exceptions import RedisError

EXPECTED = (StackError, TopicError, KafkaException, psycopg.Error, RedisError, OSError)
"""What may go wrong though the program is right; anything else is a fault of ours and ends in a traceback."""

ANSWER_SECONDS = 5.0
_REFUSALS = {
    KafkaError._AUTHENTICATION: "It does not know us: are KMZB_KAFKA_USER and KMZB_KAFKA_PASSWORD right?",
    KafkaError._SSL: "Its certificate is not believed: is KMZB_KAFKA_CA the authority that signed it?",
    KafkaError._TRANSPORT: "It breaks off: it may want TLS and a name, KMZB_KAFKA_CA, _USER and _PASSWORD",
}


def in_words(problem: BaseException) -> str:
    """One of the expected problems, as an operator reads it."""
    match problem:
        case KafkaException():
            error = problem.args[0] if problem.args else problem
            said = error.str() if isinstance(error, KafkaError) else str(error)
            return f"Kafka does not answer{_at(KAFKA)}: {said}. {_what_to_do(KAFKA)}"
        case psycopg.OperationalError():
            return f"PostgreSQL does not answer: {_first_line(problem)}. {_what_to_do(POSTGRES)}"
        case psycopg.Error():
            return f"PostgreSQL refuses: {_first_line(problem)}"
        case RedisError():
            return f"Redis does not answer{_at(REDIS)}: {_first_line(problem)}. {_what_to_do(REDIS)}"
        case OSError() if problem.filename:
            return f"{problem.filename}: {problem.strerror}"
        case _:
            return str(problem) or type(problem).__name__


def require_kafka(settings: Settings) -> None:
    """Raises StackError when no broker answers us there within some seconds: every later wait would be longer."""
    bootstrap, said = settings.kafka_bootstrap, list[int]()
    # The client would try for all these seconds also where nobody listens.
    if not any(map(_reachable, bootstrap.split(","))):
        raise StackError(f"Kafka does not answer at {bootstrap}. {_what_to_do(KAFKA)}")
    heard: dict[str, Any] = {"log_level": 0, "error_cb": lambda error: said.append(error.code())}
    client = AdminClient({**connection(settings), **heard})
    try:
        client.list_topics(timeout=ANSWER_SECONDS)
    except KafkaException as away:
        client.poll(0)
        why = next((refusal for code, refusal in _REFUSALS.items() if code in said), _what_to_do(KAFKA))
        raise StackError(f"Kafka does not answer at {bootstrap}. {why}") from away


def _reachable(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def require_postgres(dsn: str) -> None:
    """Raises psycopg.Error when no server answers there within some seconds, or the DSN is none."""
    psycopg.connect(dsn, connect_timeout=int(ANSWER_SECONDS)).close()


def _at(variable: str) -> str:
    # A Redis address may hold a password.
    address = os.environ.get(variable, "").rpartition("@")[2]
    return f" at {address}" if address else ""


def _what_to_do(variable: str) -> str:
    if os.environ.get(variable):
        return f"Is it running, and is {variable} right?"
    return f"Bring the stack up (kmzb up; kmzb status says what runs), or set {variable}"


def _first_line(problem: BaseException) -> str:
    return " ".join(str(problem).split("\n")[0].split()).rstrip(".")

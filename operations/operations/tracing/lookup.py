"""Which report is meant: by its id, its receipt or its case's number, in the stores where they can be asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import LiteralString
from uuid import UUID

import msgspec
import psycopg
from casework.domain.case_number import is_mistyped
from chassis.kafka.client import topic_name
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING
from contracts.topic import REPORT_KEY
from contracts.topics import CASE_CHANGED, REPORT_SUBMITTED, Topic
from deploy.stack.process import StackError

from operations.topic_reader import read_partitions

_RECEIPT = re.compile(r"[A-Za-z0-9_-]{22}")
_NUMBER = re.compile(r"[A-Z]{3}-\d{2}-\d{6,9}-[0-9A-Z]")
_CASEWORK, _PUBLIC_MAP = "KMZB_CASEWORK_POSTGRES_DSN", "KMZB_PUBLIC_MAP_POSTGRES_DSN"
_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A report, and when it was submitted, where a store could say that: then no topic is read from its beginning."""

    report_id: UUID
    submitted_at: datetime | None


class _Submitted(msgspec.Struct):
    report_id: UUID
    submitted_at: datetime
    receipt_sha256: str = ""


class _Numbered(msgspec.Struct):
    report_id: UUID
    submitted_at: datetime
    case_number: str = ""


def find(settings: Settings, addresses: Mapping[str, str], wanted: str) -> Found:
    """The report that is meant. Raises StackError for what is none of the three, or of no report."""
    text = wanted.strip()
    if re.fullmatch(REPORT_KEY, text.lower()):
        report_id = UUID(text)
        query: LiteralString = "select report_id, submitted_at from report where report_id = %s"
        return _in_store(addresses, _PUBLIC_MAP, query, report_id) or Found(report_id, None)
    if _NUMBER.fullmatch(text.upper()):
        return _by_number(settings, addresses, text.upper())
    if _RECEIPT.fullmatch(text):
        return _by_receipt(settings, addresses, sha256(text.encode()).hexdigest())
    raise StackError(f"{wanted!r} is no report's id, no receipt (22 characters) and no case number (OPO-26-004123-K)")


def _by_number(settings: Settings, addresses: Mapping[str, str], number: str) -> Found:
    if is_mistyped(number):
        raise StackError(f"{number} is mistyped: its last character does not fit")
    query: LiteralString = "select report_id, submitted_at from cases where number = %s"
    if found := _in_store(addresses, _CASEWORK, query, number):
        return found
    for value in _values(settings, CASE_CHANGED, number):
        said = msgspec.json.decode(value, type=_Numbered)
        if said.case_number == number:
            return Found(said.report_id, said.submitted_at)
    raise StackError(f"no case has the number {number}")


def _by_receipt(settings: Settings, addresses: Mapping[str, str], digest: str) -> Found:
    query: LiteralString = "select report_id, submitted_at from report where receipt_sha256 = %s"
    if found := _in_store(addresses, _PUBLIC_MAP, query, digest):
        return found
    for value in _values(settings, REPORT_SUBMITTED, digest):
        said = msgspec.json.decode(value, type=_Submitted)
        if said.receipt_sha256 == digest:
            return Found(said.report_id, said.submitted_at)
    raise StackError("no report has this receipt: it is mistyped, or its report never was on the log")


def _in_store(addresses: Mapping[str, str], variable: str, query: LiteralString, value: object) -> Found | None:
    """What a service's own store says; None where it says nothing or can't be asked: the log can."""
    if not addresses.get(variable):
        return None
    try:
        with psycopg.connect(addresses[variable], connect_timeout=_SECONDS) as connection:
            row = connection.execute(query, (value,)).fetchone()
    except psycopg.Error:
        return None
    return Found(*row) if row else None


def _values(settings: Settings, topic: Topic, text: str) -> list[bytes]:
    """What on a topic holds a text, from its beginning on."""
    starts = {(topic_name(settings, topic.name), number): OFFSET_BEGINNING for number in range(topic.partitions)}
    raw = text.encode()
    messages = read_partitions(settings, starts)
    return [value for message in messages if isinstance(value := message.value(), bytes) and raw in value]

"""The ledger of a run: one JSON line for everything that was asked, answered, said, mailed, injected or measured."""

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="what", tag=str.lower):
    """Something that happened. Times are of this machine's one clock, unless a field says whose they are."""


class Began(Line, frozen=True, kw_only=True):
    """The run and what it was told."""

    at: datetime
    seed: int
    rate: float
    seconds: float
    terms: str


class Sent(Line, frozen=True, kw_only=True):
    """A citizen begins to send a report."""

    at: datetime
    number: int
    longitude: float
    latitude: float


class Answered(Line, frozen=True, kw_only=True):
    """One attempt of a citizen to send a report. `status` 0: no answer. `repeat`: it had been accepted before."""

    at: datetime
    number: int
    attempt: int
    status: int
    seconds: float
    repeat: bool = False
    report_id: UUID | None = None
    receipt: str | None = None
    submitted_at: datetime | None = None
    take_up_by: datetime | None = None
    detail: str = ""


class GaveUp(Line, frozen=True, kw_only=True):
    """A citizen was never answered: the report may exist or not."""

    at: datetime
    number: int


class Changed(Line, frozen=True, kw_only=True):
    """One attempt of an officer to change a case. `due_at`: the deadline they worked under. `status` 0: no answer."""

    at: datetime
    report_id: UUID
    change: str
    asked_version: int
    asked_at: datetime
    due_at: datetime
    status: int
    version: int | None = None
    changed_at: datetime | None = None
    detail: str = ""


class Message(Line, frozen=True, kw_only=True):
    """A message of any topic. `at`: when the broker appended it; `arrived`: when it was read here.

    `event` is the event's class, None for what is no event; `body` is left out of what is large or a citizen's.
    """

    topic: str
    partition: int
    offset: int
    at: datetime
    arrived: datetime
    key: str
    id: str | None = None
    event: str | None = None
    time: str | None = None
    sha: str | None = None
    body: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Mail(Line, frozen=True, kw_only=True):
    """A mail as it arrived. `reports` and `cases` are the ids and numbers that stand in it; `sha` is of its text."""

    at: datetime
    message_id: str
    to: str
    subject: str
    sha: str
    reports: tuple[UUID, ...] = ()
    cases: tuple[str, ...] = ()


class Injected(Line, frozen=True, kw_only=True):
    """A fault, from its beginning to its end. `ready_seconds`: until the target was ready again after the end."""

    number: int
    kind: str
    target: str
    began: datetime
    ended: datetime
    ready_seconds: float | None = None
    detail: str = ""


class Restarted(Line, frozen=True, kw_only=True):
    """The supervisor started a program, whether a fault had ended it or it had ended itself."""

    at: datetime
    program: str


class Failed(Line, frozen=True, kw_only=True):
    """A worker of a service ended with an error, which ends the service."""

    at: datetime
    program: str
    worker: str
    error: str


class Committed(Line, frozen=True, kw_only=True):
    """A change of a case: `at` is the time it carries, `committed_at` when casework's database committed it."""

    report_id: UUID
    version: int
    at: datetime
    committed_at: datetime


class Claim(msgspec.Struct, frozen=True):
    """What the SLA monitor claimed of a partition, at `written_at`: everything until `until` has taken effect."""

    topic: str
    partition: int
    until: datetime
    written_at: datetime | None


class Fired(Line, frozen=True, kw_only=True):
    """The SLA monitor decided that a deadline was missed, by its database's clock, and what it claimed just then."""

    report_id: UUID
    clock: str
    cycle: int
    at: datetime
    claims: tuple[Claim, ...]


class ReceiptRead(Line, frozen=True, kw_only=True):
    """What the receipt page says at the end. `status` 0: no answer."""

    report_id: UUID
    status: int
    submitted_at: datetime | None = None
    take_up_by: datetime | None = None
    unit: str | None = None


class Ended(Line, frozen=True, kw_only=True):
    """The end of the run. `waiting`: notices not delivered yet; `settled`: nothing moved any more when it ended."""

    at: datetime
    settled: bool
    waiting: int
    trace: bool


Any = (
    Began
    | Sent
    | Answered
    | GaveUp
    | Changed
    | Message
    | Mail
    | Injected
    | Restarted
    | Failed
    | Committed
    | Fired
    | ReceiptRead
    | Ended
)


class Ledger:
    """Writes lines, from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._encoder = msgspec.json.Encoder()
        self._file = path.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with self._lock:
            self._file.close()

    def write(self, *lines: Line) -> None:
        raw = b"".join(self._encoder.encode(line) + b"\n" for line in lines)
        with self._lock:
            if not self._file.closed:
                self._file.write(raw)


def read(path: Path) -> Iterator[Any]:
    """The lines of a ledger in the order they were written. Raises msgspec.MsgspecError for what is none."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Any)
    with path.open("rb") as file:
        for raw in file:
            yield decoder.decode(raw)

"""The shape of an example: of which kind, what a stranger sends, and what must come back."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import httpx
from chassis.kafka.messages import original_headers
from confluent_kafka import Message
from contracts.topics import DEAD_LETTERS, Topic
from journeys.strangers.stage import Stage
from operations.cli import app
from operations.problems import EXPECTED
from support.chassis.raw_producer import RawRecord
from support.wait import eventually
from typer.testing import CliRunner

Headers = Sequence[tuple[bytes, bytes | None]]


class Sent(Protocol):
    """What is sent; calling it sends it, and gives what came."""

    def __call__(self, stage: Stage) -> Any: ...


class Back(Protocol):
    """What must come back. Raises AssertionError for anything else."""

    def __call__(self, stage: Stage, came: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a kind; `slow` ones are left out of the short journey."""

    kind: int | str
    name: str
    sent: Sent
    back: Back
    slow: bool = False

    def play(self, stage: Stage) -> str:
        """Send it and look at what comes; in words what is wrong, "" where nothing is."""
        try:
            self.back(stage, self.sent(stage))
        except (AssertionError, httpx.HTTPError) as wrong:
            return f"{self.kind} {self.name}: {type(wrong).__name__} {wrong}"
        return ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `{case}` in the path is a case that Opole's coordinator took up, `{version}` in a header its version.

    To casework it goes with that officer's token, and from a sender of its own, unless headers say otherwise.
    """

    service: str
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, stage: Stage) -> httpx.Response:
        case, headers = stage.case, {**stage.journey.new_sender(), **self.headers}
        if self.service == "casework":
            headers = {**stage.coordinator, "If-Match": stage.version(case), **headers}
        content = self.body if isinstance(self.body, bytes) else None if self.body is None else json.dumps(self.body)
        return stage.journey.http.request(
            self.method,
            stage.journey.url(self.service, self.path.replace("{case}", str(case))),
            content=content,
            headers={"Content-Type": "application/json", **headers},
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a status, with words in it, by its body and headers, and others not."""

    status: int
    words: Sequence[str] = ()
    without: Sequence[str] = ()

    def __call__(self, stage: Stage, came: httpx.Response) -> None:
        lines = "".join(f"{name}: {value}\n" for name, value in came.headers.items())
        said = f"{came.status_code}\n{lines}\n{came.text}"
        assert came.status_code == self.status, said[:600]
        assert came.status_code < 400 or came.headers["content-type"] == "application/problem+json", said[:600]
        assert all(word in said for word in self.words), said[:2000]
        assert not any(word in said for word in self.without), said[:2000]


@dataclass(frozen=True, slots=True)
class Record:
    """A message, as bytes; it gives how many letters each service had before."""

    topic: Topic
    key: bytes
    headers: Headers
    value: bytes | None

    def __call__(self, stage: Stage) -> tuple["Record", dict[str, int]]:
        before = {service: len(letters(stage, service)) for service in DEAD_LETTERS}
        name = stage.journey.settings.namespace + self.topic.name
        stage.journey.write_raw(RawRecord(name, self.key, self.headers, self.value))
        return self, before


@dataclass(frozen=True, slots=True)
class Letter:
    """The message is set aside by each of these services, as it came, for a reason."""

    services: Sequence[str]
    reason: str

    def __call__(self, stage: Stage, came: tuple[Record, dict[str, int]]) -> None:
        record, before = came
        for service in self.services:
            eventually(partial(self._is_set_aside, stage, record, service, before[service]), what=service)

    def _is_set_aside(self, stage: Stage, record: Record, service: str, before: int) -> bool:
        new = letters(stage, service)[before:]
        found = [letter for letter in new if (letter.key(), letter.value()) == (record.key, record.value)]
        reasons = [dict(original_headers(letter))["kmzb_dlq_reason"] for letter in found]
        assert not found or reasons == [self.reason.encode()], reasons
        return bool(found)


def letters(stage: Stage, service: str) -> list[Message]:
    """What a service set aside by now."""
    return stage.journey.messages(DEAD_LETTERS[service])


@dataclass(frozen=True, slots=True)
class Command:
    """`kmzb` with these words, as an operator types it on this system; `{file}` is a map file of these features."""

    words: str
    features: Callable[[], Sequence[Mapping[str, Any]]] | None = None
    members: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, stage: Stage) -> tuple[int, str]:
        file = stage.folder / "districts.geojson"
        if self.features:
            document = {"type": "FeatureCollection", **self.members, "features": list(self.features())}
            file.write_text(json.dumps(document), "utf-8")
        words = [word.replace("{file}", str(file)).replace("{root}", str(stage.folder)) for word in self.words.split()]
        done = CliRunner().invoke(app, words, env={**stage.journey.addresses, **self.environ})
        assert done.exception is None or isinstance(done.exception, (*EXPECTED, SystemExit)), repr(done.exception)
        return done.exit_code, f"{done.output}\n{done.exception or ''}"


@dataclass(frozen=True, slots=True)
class Exit:
    """The command's exit code, and words of what it says."""

    code: int
    words: Sequence[str] = ()

    def __call__(self, stage: Stage, came: tuple[int, str]) -> None:
        assert came[0] == self.code, came
        assert all(word in came[1] for word in self.words), came


@dataclass(frozen=True, slots=True)
class Gives:
    """What a story that takes more than one message comes to."""

    result: Any

    def __call__(self, stage: Stage, came: Any) -> None:
        assert came == self.result, came

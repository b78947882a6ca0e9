"""Citizens who post reports as fast as so many connections let them, or at a rate whatever the answers do."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from time import time
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.core.cpu import MeasurementError
from bench.stand.reports import Posted

_PATH = "/v1/reports"
_MOST_CONNECTIONS = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, when its request was planned to be sent and when it was answered (seconds since 1970)."""

    status: int
    planned: float
    answered: float
    body: bytes

    @property
    def report_id(self) -> str:
        """The id of the report it promises."""
        return str(msgspec.json.decode(self.body)["report_id"])


class _Connection:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, planned: float) -> Answer:
        """Send a request and read the answer. Raises OSError, EOFError."""
        self._streams = self._streams or await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        body = await reader.readexactly(length)
        return Answer(int(lines[0].split()[1]), planned, time(), body)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


def post_closed(url: str, posts: Iterable[Posted], connections: int) -> list[Answer]:
    """Post them all, each of the connections as soon as it is answered. Raises MeasurementError unless with 201."""
    return _answered(_closed(url, _requests(url, posts), connections))


def post_at(url: str, posts: Iterable[Posted], per_second: float) -> list[Answer]:
    """Post them at a rate, late answers or not. Raises MeasurementError unless all are answered 201."""
    return _answered(_open(url, _requests(url, posts), per_second))


async def _closed(url: str, requests: Sequence[bytes], connections: int) -> list[Answer]:
    waiting = iter(requests)
    answers: list[Answer] = []

    async def one(connection: _Connection) -> None:
        for request in waiting:
            answers.append(await connection.ask(request, time()))
        connection.close()

    await asyncio.gather(*(one(_connection(url)) for _ in range(min(connections, len(requests)))))
    return answers


async def _open(url: str, requests: Sequence[bytes], per_second: float) -> list[Answer]:
    loop, began, at_first = asyncio.get_running_loop(), asyncio.get_running_loop().time(), time()
    idle: list[_Connection] = []
    room = asyncio.Semaphore(_MOST_CONNECTIONS)

    async def one(number: int) -> Answer:
        after = number / per_second
        moment = loop.create_future()
        loop.call_at(began + after, moment.set_result, None)
        await moment
        async with room:
            connection = idle.pop() if idle else _connection(url)
            answer = await connection.ask(requests[number], at_first + after)
            idle.append(connection)
        return answer

    answers = await asyncio.gather(*map(one, range(len(requests))))
    for connection in idle:
        connection.close()
    return answers


def _connection(url: str) -> _Connection:
    address = urlsplit(url)
    return _Connection(address.hostname or "", address.port or 0)


def _requests(url: str, posts: Iterable[Posted]) -> list[bytes]:
    host = urlsplit(url).netloc
    return [
        f"POST {_PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(post.body)}\r\nX-Forwarded-For: {post.address}\r\n"
        f"Idempotency-Key: {post.key}\r\n\r\n".encode()
        + post.body
        for post in posts
    ]


def _answered(posting: Coroutine[None, None, list[Answer]]) -> list[Answer]:
    try:
        answers = uvloop.run(posting)
    except (OSError, EOFError) as broken:
        raise MeasurementError(f"a connection broke: {broken!r}") from broken
    statuses = Counter(answer.status for answer in answers)
    if set(statuses) - {201}:
        wrong = next(answer for answer in answers if answer.status != 201)
        raise MeasurementError(f"answered {dict(statuses)}, for one: {wrong.body[:300].decode(errors='replace')}")
    return answers

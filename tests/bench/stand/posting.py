"""Citizens who post reports as fast as so many connections let them, or at a rate whatever the answers do."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from time import time
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.core.cpu import MeasurementError
from bench.stand.reports import Posted

_PATH = "/v1/reports"
_MOST_CONNECTIONS = 1_000
_BREATHER = 20
_TRIES, _REPEAT = 5, 503


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
        """Send a request and read the answer; on a new connection where the server closed the idle one meanwhile.

        Raises OSError, EOFError.
        """
        if self._streams is not None:
            with suppress(OSError, EOFError):
                return await self._ask(self._streams, request, planned)
        self._streams = await asyncio.open_connection(self._host, self._port)
        return await self._ask(self._streams, request, planned)

    @staticmethod
    async def _ask(
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes, planned: float
    ) -> Answer:
        reader, writer = streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
        if length is None:
            raise OSError(f"an answer without its length: {head.decode()}")
        body = await reader.readexactly(length)
        return Answer(int(lines[0].split()[1]), planned, time(), body)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


def post_closed(url: str, posts: Iterable[Posted], connections: int) -> list[Answer]:
    """Post them all, each of the connections as soon as it is answered; once more where that is asked for (503).

    Raises MeasurementError unless all are answered 201 in the end.
    """
    return _answered(_closed(url, _requests(url, posts), connections))


def post_at(
    url: str, posts: Iterable[Posted], per_second: float, told: Callable[[Answer], object] | None = None
) -> list[Answer]:
    """Post them at a rate, late answers or not; each answer is `told` as it comes.

    Raises MeasurementError unless all are answered 201.
    """
    return _answered(_open(url, _requests(url, posts), per_second, told or (lambda _: None)))


async def _closed(url: str, requests: Iterator[bytes], connections: int) -> list[Answer]:
    waiting = requests
    answers: list[Answer] = []

    async def one(connection: _Connection) -> None:
        for request in waiting:
            for _ in range(_TRIES):
                answer = await connection.ask(request, time())
                if answer.status != _REPEAT:
                    break
            answers.append(answer)
        connection.close()

    await asyncio.gather(*(one(_connection(url)) for _ in range(connections)))
    return answers


async def _open(
    url: str, requests: Iterator[bytes], per_second: float, told: Callable[[Answer], object]
) -> list[Answer]:
    loop, began, at_first = asyncio.get_running_loop(), asyncio.get_running_loop().time(), time()
    idle: list[_Connection] = []
    answers: list[Answer] = []
    broken: list[Exception] = []
    room = asyncio.Semaphore(_MOST_CONNECTIONS)

    async def one(request: bytes, planned: float) -> None:
        async with room:
            connection = idle.pop() if idle else _connection(url)
            try:
                answer = await connection.ask(request, planned)
            except (OSError, EOFError) as failed:
                broken.append(failed)
                return
            idle.append(connection)
        told(answer)
        answers.append(answer)

    async with asyncio.TaskGroup() as tasks:
        for number, request in enumerate(requests):
            if broken:
                break
            after = number / per_second
            # When it is late, too, the answers are to be read from time to time.
            if began + after > loop.time() or number % _BREATHER == 0:
                moment = asyncio.Event()
                loop.call_at(began + after, moment.set)
                await moment.wait()
            tasks.create_task(one(request, at_first + after))
    for connection in idle:
        connection.close()
    if broken:
        raise broken[0]
    return answers


def _connection(url: str) -> _Connection:
    address = urlsplit(url)
    return _Connection(address.hostname or "", address.port or 0)


def _requests(url: str, posts: Iterable[Posted]) -> Iterator[bytes]:
    host = urlsplit(url).netloc
    return (
        f"POST {_PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(post.body)}\r\nX-Forwarded-For: {post.address}\r\n"
        f"Idempotency-Key: {post.key}\r\n\r\n".encode()
        + post.body
        for post in posts
    )


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

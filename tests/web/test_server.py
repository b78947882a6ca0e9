"""The server on real sockets: slow ones are cut off, many at once, while ordinary requests go on."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic

import httpx
import pytest
import uvicorn
from chassis.health import Health
from fastapi import Request
from support.stack.ports import free_port
from support.wait import eventually
from web.application import create_api
from web.guard import unauthorised
from web.server import server

LARGE = 36_000_000


@contextmanager
def served() -> Iterator[int]:
    """The port of a server of one route, which needs a token."""

    def believe(token: str) -> str:
        if token != "good":
            raise unauthorised("no")
        return token

    api = create_api("a service", "for tests", Health(), authenticate=believe)

    @api.post("/v1/things")
    async def add(request: Request) -> int:
        return len(await request.body())

    port, stop = free_port(), threading.Event()
    thread = threading.Thread(target=server(api, f"http://127.0.0.1:{port}"), args=(stop,))
    thread.start()
    try:
        eventually(lambda: answers(port))
        yield port
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).is_success
    except httpx.TransportError:
        return False


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(65536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def trickle(connection: socket.socket, byte: bytes) -> bool:
    """One byte more; says whether the other side has ended it."""
    try:
        connection.send(byte)
    except OSError:
        return True
    return is_closed(connection)


@pytest.mark.parametrize(
    ("beginning", "byte"),
    [
        (b"", b"\n"),
        (b"GET /livez HTTP/1.1\r\nX-Slow: ", b"x"),
        (b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (
            b"POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Length: 1000\r\n\r\n",
            b"x",
        ),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", b"\n"),
    ],
    ids=["nothing", "header", "body of nothing", "body", "after an answer"],
)
def test_trickling_sockets_are_closed_while_others_are_served(
    beginning: bytes, byte: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.server.HEADER_SECONDS", 1.0)
    monkeypatch.setattr("web.server.BODY_SECONDS", 1.0)
    with served() as port, ExitStack() as open_ones:
        slow = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(100)]
        for connection in slow:
            connection.setblocking(False)
            connection.send(beginning)

        def next_round() -> bool:
            slow[:] = [connection for connection in slow if not trickle(connection, byte)]
            assert answers(port) or pytest.fail("an ordinary request was not served")
            return not slow

        eventually(next_round, deadline=20)


def test_whoever_trickles_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.server.max_connections", lambda: 5)
    with served() as port, ExitStack() as open_ones:
        slow = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(30)]
        assert answers(port)
        for connection in slow:
            connection.setblocking(False)
        eventually(lambda: sum(map(is_closed, slow)) >= 25)
        assert answers(port)


def test_who_waits_in_a_body_makes_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.server.max_connections", lambda: 5)
    with served() as port, ExitStack() as open_ones:
        for _ in range(12):
            held = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            held.sendall(
                b"POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Length: 9\r\n\r\nx"
            )
            assert answers(port)


def test_what_follows_a_body_is_no_header_and_takes_no_room() -> None:
    head = b"POST /v1/things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    with served() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head + b"Authorization: Bearer good\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 401")
        before = resident()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10) as endless:
            endless.sendall(head + b"a:b\r\n" * 2_000_000)
        assert resident() - before < 36
        assert answers(port)


def resident() -> float:
    """Megabytes of this process, in which the server runs."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def test_headers_without_end_are_cut_off() -> None:
    with served() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        with suppress(OSError):  # cut off while it is still being sent
            connection.sendall(b"GET /livez HTTP/1.1\r\n" + b"X-Long: x\r\n" * 1_000_000)
        assert is_closed(connection)
        assert answers(port)


def test_what_is_no_http_is_answered_with_a_problem() -> None:
    with served() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"hello\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert b" 400 " in answer.splitlines()[0]
    assert b"application/problem+json" in answer


@pytest.mark.parametrize("length", [f"Content-Length: {LARGE}", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize(("token", "status"), [("bad", 401), ("good", 413)])
def test_a_large_body_is_refused_before_it_is_there(length: str, token: str, status: int) -> None:
    head = f"POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{length}\r\n\r\n"
    body: Callable[[int], bytes] = bytes if length.startswith("C") else lambda n: b"%x\r\n%s\r\n" % (n, bytes(n))
    with served() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode() + body(64 * 1024))
        if (status, length[0]) == (413, "T"):
            connection.sendall(body(300 * 1024))
        assert connection.recv(100).startswith(b"HTTP/1.1 %d" % status)


def test_a_request_that_is_running_when_the_service_ends_is_answered_as_a_problem() -> None:
    begun, done, stop, port = threading.Event(), threading.Event(), threading.Event(), free_port()
    api, said = create_api("a service", "for tests", Health()), list[httpx.Response]()

    @api.post("/v1/things")
    def add() -> None:
        begun.set()
        done.wait(20)

    def ask() -> None:
        said.append(httpx.post(f"http://127.0.0.1:{port}/v1/things", timeout=20, trust_env=False))

    serving = threading.Thread(target=server(api, f"http://127.0.0.1:{port}"), args=(stop,))
    asking = threading.Thread(target=ask)
    serving.start()
    try:
        eventually(lambda: answers(port))
        asking.start()
        assert begun.wait(10)
        stop.set()
        asking.join(15)
    finally:
        done.set()
        serving.join(15)
    [answer] = said
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Look whether your change was made" in answer.json()["detail"]


def test_an_idle_server_looks_up_once_a_second_and_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[float] = []
    tick = uvicorn.Server.on_tick

    async def noted(self: uvicorn.Server, counter: int) -> bool:
        ticks.append(monotonic())
        return await tick(self, counter)

    monkeypatch.setattr(uvicorn.Server, "on_tick", noted)
    with served():
        eventually(lambda: len(ticks) >= 3)
        asked_to_end = monotonic()
    assert ticks[2] - ticks[0] >= 1.9
    assert monotonic() - asked_to_end < 0.9

"""Servers for tests that follow a script of their own: what they say to each line, when, and when they hang up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_HEARD_WITHIN_SECONDS = 5.0


@contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """A server on loopback that holds this talk with everyone who connects; gives its port.

    A talk whose other side has hung up hears all that was said before this ends; what goes on after that is cut off.
    """
    loop = asyncio.new_event_loop()
    talks = set[asyncio.Task[None]]()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            talks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = loop.run_until_complete(asyncio.start_server(hold, "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server, talks), loop).result(_HEARD_WITHIN_SECONDS + 5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server, talks: set[asyncio.Task[None]]) -> None:
    server.close()
    if not talks:
        return
    # Last words may lie in a socket unread when their sender, who waits for no answer, is gone.
    _, going_on = await asyncio.wait(talks, timeout=_HEARD_WITHIN_SECONDS)
    for talk in going_on:
        talk.cancel()
    await asyncio.gather(*talks)


async def trickle_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say one byte, then hear for a moment whether the other side has hung up. Raises ConnectionResetError when so."""
    writer.write(b"2")
    await writer.drain()
    with suppress(TimeoutError):
        if not await asyncio.wait_for(reader.read(1), 0.05):
            raise ConnectionResetError


async def commands(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """Each command of a mail client, its verb in capitals; MAIL for a whole message after DATA is called END."""
    while line := await reader.readline():
        verb = line[:4].decode("ascii", "replace").upper().strip()
        yield verb
        if verb == "DATA":
            await reader.readuntil(b"\r\n.\r\n")
            yield "END"


def mail_talk(*, at: str = "", say: bytes = b"", trickle: bool = False) -> Talk:
    """A mail server that says yes, but `say` at one step (GREET, EHLO, MAIL, RCPT, DATA, END); b"" hangs up there.

    With `trickle` its words at that step come byte by byte, without an end.
    """
    usual = {"GREET": b"220 ready", "EHLO": b"250 here", "DATA": b"354 go on"}

    async def answer(step: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if step == at and trickle:
            while True:
                await trickle_byte(reader, writer)
        words = say if step == at else usual.get(step, b"250 OK")
        if not words:
            raise ConnectionResetError
        writer.write(words + b"\r\n")
        await writer.drain()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer("GREET", reader, writer)
        async for step in commands(reader):
            await answer(step, reader, writer)

    return talk

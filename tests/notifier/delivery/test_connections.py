"""A connection to the mail server is kept from mail to mail, and its end is no mail's fault."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.mail_server import MailServer, parse_mail_server
from support.notifier.mail import Ended, ScriptedMailServer, mailing
from support.notifier.trickling import Talk, talking

SENT = AttemptResult(Outcome.SENT)
MAIL = "From: mapa@kmzb.example\nTo: a@policja.example\n\n{}\n"


Says = Callable[[int, int, str, str], bytes | None]
"""What a server answers: by the number of the connection, of the mail on it, the step, and the line. None: as usual."""


class Server:
    """A mail server that answers as `says` has it; b"" hangs up. With a `farewell` it ends the first connection after a
    mail, saying that.

    `handed_over` are the bodies it was given, `taken` those it said yes to, `lines` the commands of each connection.
    """

    def __init__(
        self,
        says: Says = lambda connection, mail, step, line: None,
        extension: bytes = b"HELP",
        farewell: bytes | None = None,
    ) -> None:
        self._says, self._extension, self._farewell = says, extension, farewell
        self.handed_over: list[str] = []
        self.taken: list[str] = []
        self.lines: list[list[str]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold a talk."""
        lines, mails, begun = list[str](), 0, False
        connection = len(self.lines)
        self.lines.append(lines)
        usual = {"EHLO": b"250-here\r\n250 " + self._extension, "DATA": b"354 go on"}
        writer.write(b"220 ready\r\n")
        while line := (await reader.readline()).decode().strip():
            lines.append(line)
            step = line[:4]
            mails += step == "MAIL"
            words = self._says(connection, mails, step, line)
            if words is None:
                words = b"503 5.5.1 begun already" if begun and step == "MAIL" else usual.get(step, b"250 OK")
            _say(writer, words)
            begun = (begun or step == "MAIL" and words.startswith(b"2")) and step != "RSET"
            if step == "DATA" and words.startswith(b"3"):
                body = (await reader.readuntil(b"\r\n.\r\n")).decode().split("\r\n\r\n")[1].split("\r\n")[0]
                self.handed_over.append(body)
                words = self._says(connection, mails, "END", "")
                words = b"250 OK" if words is None else words
                if words.startswith(b"2"):
                    self.taken.append(body)
                _say(writer, words)
                begun = False
                if self._farewell is not None and connection == 0:
                    writer.write(self._farewell)
                    return


def _say(writer: asyncio.StreamWriter, words: bytes) -> None:
    if not words:
        raise ConnectionResetError
    writer.write(words + b"\r\n")


def sent(talk: Talk, count: int, to: Callable[[int], str] = lambda number: "a@policja.example") -> list[Ended]:
    """How so many mails end that are handed in one after another."""
    with talking(talk) as port, mailing(parse_mail_server(f"smtp://127.0.0.1:{port}", "x")) as send:
        return [send(MAIL.format(number).encode(), to(number), lambda: None) for number in range(count)]


def test_many_mails_go_on_one_connection(smtp: ScriptedMailServer, free_port: int) -> None:
    with mailing(parse_mail_server(f"smtp://127.0.0.1:{free_port}", "kmzb.example")) as send:
        assert [send(MAIL.format(n).encode(), f"u{n}@policja.example", lambda: None) for n in range(20)] == [SENT] * 20
    assert [to for _, (to,) in smtp.envelopes] == [f"u{number}@policja.example" for number in range(20)]
    assert len(smtp.clients) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    limit=st.integers(1, 6),
    beyond=st.sampled_from(
        [b"", b"421 4.7.0 too many", b"451 4.7.1 later", b"452 4.5.3 too many", b"554 5.7.0 no more"]
    ),
    count=st.integers(1, 14),
)
def test_a_servers_limit_for_a_connection_costs_no_mail_an_attempt(limit: int, beyond: bytes, count: int) -> None:
    server = Server(lambda _, mail, step, line: beyond if step == "MAIL" and mail > limit else None)
    assert sent(server, count) == [SENT] * count
    assert server.taken == [str(number) for number in range(count)]


@pytest.mark.parametrize(("said", "connections"), [(b"LIMITS MAILMAX=3 RCPTMAX=1", 4), (b"LIMITS RCPTMAX=9", 1)])
def test_a_limit_that_is_said_beforehand_is_kept(said: bytes, connections: int) -> None:
    server = Server(extension=said)
    assert sent(server, 10) == [SENT] * 10
    assert len(server.lines) == connections
    assert all(lines[-1] == "QUIT" for lines in server.lines)


def test_a_refused_recipient_is_reset_and_the_next_goes_on_the_same_connection() -> None:
    server = Server(lambda _, mail, step, line: b"550 5.1.1 nobody" if "TO:<nobody" in line else None)
    ended = sent(server, 6, lambda number: "nobody@x.example" if number in (1, 3, 4) else "a@policja.example")
    refused = AttemptResult(Outcome.REFUSED, "RCPT 550 5.1.1")
    assert ended == [SENT, refused, SENT, refused, refused, SENT]
    assert server.taken == ["0", "2", "5"]
    (lines,) = server.lines
    assert lines.count("RSET") == 3


@pytest.mark.parametrize("idle_server_says", [b"", b"421 4.4.2 idle for too long\r\n", b"250 OK\r\n"])
def test_a_connection_that_was_ended_while_nothing_was_sent_is_replaced(idle_server_says: bytes) -> None:
    server = Server(farewell=idle_server_says)
    assert sent(server, 3) == [SENT] * 3
    assert len(server.lines) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    at=st.sampled_from(["RSET", "MAIL", "RCPT", "DATA", "END"]),
    say=st.one_of(st.just(b""), st.integers(200, 599).map(lambda code: str(code).encode() + b" x")),
    which=st.integers(1, 3),
)
def test_whatever_is_said_on_a_kept_connection_nothing_is_handed_over_twice(at: str, say: bytes, which: int) -> None:
    server = Server(lambda n, mail, step, line: say if (n, mail, step) == (0, which, at) else None)
    handed_over: list[int] = []
    with talking(server) as port, mailing(parse_mail_server(f"smtp://127.0.0.1:{port}", "x")) as send:
        ended = [
            send(MAIL.format(number).encode(), "a@policja.example", lambda number=number: handed_over.append(number))
            for number in range(5)
        ]
    assert server.handed_over == [str(number) for number in handed_over]
    assert len(handed_over) == len(set(handed_over))
    assert [str(number) for number, result in enumerate(ended) if result == SENT] == server.taken
    assert sum(result != SENT for result in ended) <= 1
    for number, result in enumerate(ended):
        if not isinstance(result, AttemptResult) or result.outcome is Outcome.UNCERTAIN:
            assert at in ("END", "DATA") or number not in handed_over


def test_no_connection_is_kept_where_a_mail_must_not_be_handed_over(smtp: ScriptedMailServer, free_port: int) -> None:
    def no() -> None:
        raise PermissionError

    server: MailServer = parse_mail_server(f"smtp://127.0.0.1:{free_port}", "kmzb.example")
    with mailing(server) as send:
        ended = [send(b"\n", "a@policja.example", hand_over) for hand_over in (lambda: None, no, lambda: None)]
    assert [ended[0], ended[2]] == [SENT, SENT]
    assert isinstance(ended[1], PermissionError)
    assert len(smtp.clients) == 2
    assert len(smtp.mails) == 2

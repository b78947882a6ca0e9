"""Mail that came back is found, counted as not told, and told on; what anybody else puts into the mailbox is not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from chassis.health import Health
from chassis.postgres import Database
from contracts.events.cases import CaseOpened
from contracts.events.clocks import DeadlineMissed
from notifier.contacts.return_paths import delivery_of, return_path
from notifier.delivery.bounces.reports import Bounce, read_bounce
from notifier.delivery.bounces.returned import returned_mail, take_bounces
from notifier.delivery.results import record_returned
from notifier.settings import Settings
from support.agencies import AGENCIES
from support.effects import running
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service, clock
from support.stack.databases import Clone
from support.wait import eventually

KEY = bytes(16)
PATH = "bounces@kmzb.example"
ID = UUID(int=7)
REPORT = """\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 2 Nov 2026 10:00:00 +0100 (CET)

Final-Recipient: rfc822; kmp-1661@policja.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <kmp-1661@policja.example>: user unknown

--=_b
Content-Type: message/rfc822

From: nie-odpowiadaj@kmzb.example
Subject: anything

--=_b--
"""


def report(to: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A report as a mail server writes it."""
    return REPORT.format(to=to, action=action, status=status).encode()


def test_a_return_path_is_an_address_of_its_own_for_each_delivery_and_only_ours_are_believed() -> None:
    path = return_path(PATH, KEY, ID)
    assert len(path.partition("@")[0]) <= 64, "RFC 5321, 4.5.3.1.1"
    assert path != return_path(PATH, KEY, UUID(int=8))
    assert delivery_of(f"<{path.upper()}>", KEY) == ID
    assert delivery_of(path, b"another key 1234") is None
    other = return_path(PATH, KEY, UUID(int=8))
    forged = path[:34] + other[34:]  # the id of one with the proof of another
    assert delivery_of(forged, KEY) is None
    assert delivery_of(PATH, KEY) is None


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (report(return_path(PATH, KEY, ID)), Bounce(ID, "5.1.1")),
        (report(return_path(PATH, KEY, ID), status="5.2.2 (mailbox full)"), Bounce(ID, "5.2.2")),
        (report(return_path(PATH, KEY, ID), action="delayed", status="4.4.1"), None),
        (report(return_path(PATH, KEY, ID), action="delivered", status="2.0.0"), None),
        (report(return_path(PATH, b"not our key 1234", ID)), None),
        (report(PATH), None),
        (f"To: {return_path(PATH, KEY, ID)}\nSubject: Urlop\n\nJestem na urlopie.".encode(), None),
        (b"", None),
        (b"\xff\x00" * 500, None),
        (report(return_path(PATH, KEY, ID))[:400], None),
    ],
    ids=["failed", "full", "delayed", "delivered", "forged", "unmarked", "on leave", "empty", "bytes", "cut off"],
)
def test_what_came_back_is_taken_for_what_it_says(mail: bytes, expected: Bounce | None) -> None:
    assert read_bounce(mail, KEY) == expected


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """The Maildir of the address that bounces go to."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / name).mkdir(parents=True)
    return tmp_path / "bounces"


def put(maildir: Path, mail: bytes) -> None:
    (maildir / "new" / f"{uuid4().hex}.mx").write_bytes(mail)


def test_a_bounce_is_deleted_once_it_is_written_down_and_all_else_is_left_for_a_person(maildir: Path) -> None:
    put(maildir, report(return_path(PATH, KEY, ID)))
    put(maildir, b"Subject: Urlop\n\nJestem na urlopie.")
    recorded: list[Bounce] = []

    def refuse(bounce: Bounce) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        take_bounces(maildir, KEY, refuse)
    assert take_bounces(maildir, KEY, recorded.append) == 1
    assert recorded == [Bounce(ID, "5.1.1")]
    assert list((maildir / "new").iterdir()) == []
    [left] = (maildir / "cur").iterdir()
    assert b"urlopie" in left.read_bytes()


@pytest.fixture
def told(clone: Clone, make_settings: Callable[..., Settings], maildir: Path) -> Iterator[Service]:
    """A notifier whose mails have return paths of their own."""
    store = Database(clone.service)
    yield Service(make_settings(bounces_to=PATH, bounces=maildir), store)
    store.close()


def come_back(told: Service, maildir: Path, path: str) -> None:
    """What the worker does with a report to a return path."""
    put(maildir, report(path))
    key = told.settings.link_key

    def record(bounce: Bounce) -> None:
        with told.database.transaction() as connection:
            record_returned(connection, told.settings, AGENCIES, bounce.delivery_id, bounce.status)

    assert take_bounces(maildir, key, record) == 1


def test_a_missed_deadline_that_came_back_is_told_above_and_its_unit_was_not_told(
    told: Service, smtp: ScriptedMailServer, maildir: Path
) -> None:
    life = Life(1).then(CaseOpened, 1)
    told.handle(*life.events)
    told.execute("delete from notice")
    told.handle(DeadlineMissed(**clock(life)))
    told.send_due()
    [(path, to)] = smtp.envelopes
    assert to == ["kmp-1661@policja.example"]
    come_back(told, maildir, path)
    told.send_due()
    assert told.ledger() == [
        ("deadline-missed/email", "KMP-1661", "failed"),
        ("miss-undelivered/email", "OPO", "sent"),
    ]
    assert told.query("select reason from ledger where state = 'failed'") == [{"reason": "came back 5.1.1"}]
    assert ("NoticeFailed", 1) in told.announced()
    come_back(told, maildir, path)  # mail servers repeat themselves
    assert told.send_due() == 0
    assert "dyzurny.opo@policja.example" in {mail["To"] for mail in smtp.mails}


def test_a_mailbox_that_fails_is_told_above_once_a_day_and_headquarters_own_to_nobody(
    told: Service, smtp: ScriptedMailServer
) -> None:
    smtp.rcpt_answer = "550 5.1.1"
    for number in (1, 2):
        told.handle(*Life(number).then(CaseOpened, 1).events)
        told.send_due()
    failed = sorted({(kind, recipient) for kind, recipient, state in told.ledger() if state == "failed"})
    assert failed == [
        ("case-opened/email", "KMP-1661"),
        ("mailbox-fails/email", "OPO"),
    ]
    assert sum(kind == "mailbox-fails/email" for kind, _, _ in told.ledger()) == 1


def test_without_a_maildir_the_return_path_is_as_it_was(
    clone: Clone, make_settings: Callable[..., Settings], smtp: ScriptedMailServer
) -> None:
    store = Database(clone.service)
    service = Service(make_settings(bounces_to=PATH), store)
    service.handle(*Life(1).then(CaseOpened, 1, routed=False).events)
    service.send_due()
    assert [path for path, _ in smtp.envelopes] == [PATH]
    store.close()


def test_a_maildir_that_is_none_and_an_address_too_long_are_named(
    make_settings: Callable[..., Settings], maildir: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="is no Maildir"):
        make_settings(bounces_to=PATH, bounces=tmp_path)
    with pytest.raises(ValueError, match="bounces needs bounces_to, of at most 24 characters"):
        make_settings(bounces=maildir)
    with pytest.raises(ValueError, match="bounces needs bounces_to, of at most 24 characters"):
        make_settings(bounces_to=f"{'b' * 25}@kmzb.example", bounces=maildir)


def test_the_worker_takes_what_comes_back_while_the_service_runs(
    told: Service, smtp: ScriptedMailServer, maildir: Path
) -> None:
    told.handle(*Life(1).then(CaseOpened, 1).events)
    told.send_due()
    put(maildir, report(smtp.envelopes[0][0]))
    [worker] = returned_mail(told.settings, told.database, AGENCIES, Health()).values()
    with running(worker) as failures:
        eventually(lambda: failures or not list((maildir / "new").iterdir()), 20)
    assert failures == []
    assert ("case-opened/email", "KMP-1661", "failed") in told.ledger()

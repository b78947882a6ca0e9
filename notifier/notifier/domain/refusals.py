"""Whether a refusal is for now or for good, by what the other side says of its cause; and who is told instead."""

import re
from dataclasses import replace
from datetime import date
from uuid import UUID

from contracts.base import HEADQUARTERS
from contracts.envelope import follows
from contracts.events.notices import Audience

from notifier.domain.deliveries import Outcome
from notifier.domain.notices import UNDELIVERED, Details, Notice, NoticeKind

_MAILBOXES = UUID("3f3c1d1e-6a4b-5d0e-9b57-0b8b4c1f2a90")

# RFC 3463: what trying again does not change about a recipient (1, but for our own sender's 7 and 8; disabled: 2.1) or
# about this message (too long: 2.3, 3.4; its content: 6). A full mailbox (2.2), trouble of the system and the network
# (3, 4), and policy (7), which greylists and block lists answer with, pass or are mended.
_FINAL = re.compile(r"5\.(1\.(?![78]$)|2\.[13]$|3\.4$|6\.)")
_UNDEFINED = "5.0.0"
# Where a server gives no such code: no such mailbox, not here, no such name (RFC 5321, 4.2.2).
_NO_SUCH_MAILBOX = (550, 551, 553)


def smtp_outcome(command: str, code: int, enhanced: str | None) -> Outcome:
    """What a mail server's no to a command makes of an attempt; `command` is DATA for the mail itself too.

    Only what is said of the recipient or of this one mail is for good: the rest is the server's trouble, or ours.
    """
    if not 500 <= code < 600 or command not in ("RCPT", "DATA"):
        return Outcome.DEFERRED
    if enhanced and enhanced != _UNDEFINED:
        final = bool(_FINAL.match(enhanced))
    else:
        final = command == "RCPT" and code in _NO_SUCH_MAILBOX
    return Outcome.REFUSED if final else Outcome.DEFERRED


def webhook_outcome(code: int) -> Outcome:
    """What an answer makes of an attempt, as Standard Webhooks has it: 2xx is a yes, 410 is for good, all else passes.

    A redirection is no yes: what is signed for one recipient goes nowhere else.
    """
    if 200 <= code < 300:
        return Outcome.SENT
    return Outcome.REFUSED if code == 410 else Outcome.DEFERRED


def next_above(notice: Notice) -> Notice | None:
    """What the next in the chain of command is given where a notice that has to be read doesn't reach who it is for.

    None for other notices, and above headquarters. It has the cause of the notice, so that a withdrawal holds for it.
    """
    if notice.kind not in UNDELIVERED or (above := _above(notice)) is None:
        return None
    audience, recipient = above
    return replace(notice, kind=UNDELIVERED[notice.kind], audience=audience, recipient=recipient, escalation=None)


def mailbox_fails(notice: Notice, on: date) -> Notice | None:
    """What the next in the chain of command is told of a mailbox that takes no mail, once on a day (UTC).

    `notice` is one that was not told by it. None above headquarters, and of this itself: each mailbox is told of once.
    """
    if notice.kind is NoticeKind.MAILBOX_FAILS or (above := _above(notice)) is None:
        return None
    audience, recipient = above
    return Notice(
        cause=follows(_MAILBOXES, f"{notice.audience}/{notice.recipient}/{on}"),
        report_id=notice.report_id,
        kind=NoticeKind.MAILBOX_FAILS,
        audience=audience,
        recipient=recipient,
        digest=False,
        version=0,
        details=Details(unit_name=notice.recipient, garrison=notice.details.garrison),
    )


def _above(notice: Notice) -> tuple[Audience, str] | None:
    garrison = notice.details.garrison
    if notice.audience is Audience.UNIT and garrison and garrison != HEADQUARTERS.unit:
        return Audience.GARRISON, garrison
    if notice.audience in (Audience.UNIT, Audience.GARRISON):
        return Audience.HEADQUARTERS, HEADQUARTERS.unit
    return None

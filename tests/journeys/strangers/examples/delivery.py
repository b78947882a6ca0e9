"""Who is told, and what becomes of an attempt: kinds 5 to 7. The slow ones go on while the others are sent."""

from collections.abc import Sequence
from uuid import uuid4

from contracts.events.notices import NoticeSent
from contracts.topics import NOTICE
from journeys.strangers.difficult import FULL, KATOWICE, LODZ, RZESZOW, SLOW, TORUN, UNKNOWN
from journeys.strangers.shape import Example, Gives
from journeys.strangers.stage import Stage
from support.wait import eventually


def _slow_webhook(stage: Stage) -> str:
    """The next unit's mail does not wait for a webhook that answers byte by byte."""
    stage.opened(place=KATOWICE)
    eventually(lambda: stage.difficult.webhook.calls)
    return _told_at_once(stage)


def _slow_mail_server(stage: Stage) -> str:
    """Nor for a mailbox whose server does."""
    stage.opened(place=LODZ)
    eventually(lambda: SLOW in stage.difficult.mail.refused)
    return _told_at_once(stage)


def _told_at_once(stage: Stage) -> str:
    address = f"{uuid4().hex}@citizens.example"
    stage.opened(contact={"email": address})
    eventually(lambda: stage.mails_to(address))
    return "told"


def _full_mailbox(stage: Stage) -> str:
    """A full mailbox gets its notice once it has room."""
    stage.difficult.mail.refused.clear()
    stage.difficult.mail.is_full = True
    receipt = stage.opened(place=RZESZOW)
    eventually(lambda: FULL in stage.difficult.mail.refused)
    stage.difficult.mail.is_full = False
    [sent] = eventually(lambda: stage.events(NOTICE, NoticeSent, receipt.report_id), 30)
    return "sent" if sent.attempt > 1 else "at the first try"


def _miss_refused(stage: Stage) -> list[str]:
    """A missed deadline whose notice is refused for good goes to the garrison."""
    receipt = stage.opened(place=TORUN, category="drinking")
    # That the mailbox fails is told, too, whichever notice it was.
    sent = eventually(
        lambda: [
            notice
            for notice in stage.events(NOTICE, NoticeSent, receipt.report_id)
            if notice.kind == "miss-undelivered"
        ],
        30,
    )
    assert UNKNOWN in stage.difficult.mail.refused
    return [f"{notice.kind} to {notice.recipient}" for notice in sent]


def _six_reports(stage: Stage) -> str:
    """Six reports from six senders name one mailbox, which is asked twice at most."""
    address = f"{uuid4().hex}@citizens.example"
    for _ in range(6):
        stage.opened(contact={"email": address})
    eventually(lambda: stage.mails_to(address))
    _told_at_once(stage)
    return "few" if len(stage.mails_to(address)) <= 2 else "many"


DELIVERY: Sequence[Example] = (
    Example(6, "a webhook that trickles", _slow_webhook, Gives("told"), slow=True),
    Example(6, "a mail server that trickles", _slow_mail_server, Gives("told"), slow=True),
    Example(7, "552 5.2.2, mailbox full", _full_mailbox, Gives("sent")),
    Example(7, "a miss that nobody takes", _miss_refused, Gives(["miss-undelivered to BYD"])),
    Example(5, "six reports name one victim", _six_reports, Gives("few")),
)
"""A channel changed in the directory needs a restart: `tests/notifier/store/test_ledger.py` has that one."""

"""A drill in the notifier's own ledger: its notices go out as all others do, and it says what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from chassis.postgres import Connection, database_time
from contracts.events.notices import Audience, Channel
from notifier.domain.notices import Details, Notice, NoticeKind, ScheduledNotice
from notifier.store.notices import insert_notices
from notifier.store.reports import lock_reports

from operations.drills.recipients import Recipients

CHANNELS = (Channel.EMAIL, Channel.WEBHOOK)
_RUNNING = ("waiting", "pending", "sending")


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of one message. `state` as the ledger has it: sent, failed, uncertain, pending, sending, waiting."""

    audience: str
    recipient: str
    channel: str
    state: str
    attempts: int
    reason: str | None

    @property
    def reached(self) -> bool:
        """Whether the other side has taken it, and has not sent it back by now."""
        return self.state == "sent"

    @property
    def running(self) -> bool:
        """Whether its first attempt has not ended."""
        return self.state in _RUNNING and not (self.state == "pending" and self.attempts)


def begin_drill(connection: Connection, drill_id: UUID, recipients: Recipients) -> None:
    """Enter a notice to each by each channel; the notifier leaves away the channels that its directory has not."""
    lock_reports(connection, [drill_id])
    at = database_time(connection)
    notices = [
        Notice(drill_id, drill_id, NoticeKind.DRILL, audience, code, digest=False, version=0, details=Details())
        for audience, code in recipients
    ]
    insert_notices(connection, [ScheduledNotice(notice, channel, at) for notice in notices for channel in CHANNELS])


def read_drill(connection: Connection, drill_id: UUID) -> list[Reached]:
    """What became of a drill by now, by recipient; of one whose every channel is closed, that."""
    rows = connection.execute(
        "select audience, recipient, channel, state, attempts, reason from ledger"
        " where report_id = %s and kind = 'drill' order by audience, recipient, channel",
        (drill_id,),
    ).fetchall()
    found = [Reached(**row) for row in rows]
    return [each for each in found if each.state != "cancelled" or not _open(found, each.audience, each.recipient)]


def _open(found: Iterable[Reached], audience: str, recipient: str) -> bool:
    return any(each.state != "cancelled" and (each.audience, each.recipient) == (audience, recipient) for each in found)


def audiences(recipients: Recipients) -> dict[Audience, int]:
    """How many there are of each kind."""
    return {audience: sum(each is audience for each, _ in recipients) for audience in Audience}

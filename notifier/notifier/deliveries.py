"""What the notifier asks its own tables about messages on their way. Functions take a connection and never commit.

A message is claimed in one transaction, delivered outside of any, and its fate recorded in another.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import msgspec
from chassis.postgres import Connection
from contracts.notices import Audience, Channel
from contracts.statuses import Language

from notifier.attempts import Fate
from notifier.domain import OF_THE_OWNER
from notifier.notices import Facts, Matter

_FACTS = msgspec.json.Decoder(Facts)
# A message a person still reads; the rest follows in the next.
_DIGEST_SIZE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One notice of a message, with what is known of the report by now."""

    matter: Matter
    report_id: UUID
    facts: Facts


@dataclass(frozen=True, slots=True)
class Message:
    """A message somebody has to be sent: `attempt` counts from 1. `sealed` is a citizen's contact, None if erased."""

    id: UUID
    channel: Channel
    audience: Audience
    recipient: str | None
    report_id: UUID | None
    matter: str
    attempt: int
    lines: tuple[Line, ...] = ()
    sealed: str | None = None
    language: Language = "pl"


def gather(connection: Connection) -> None:
    """Make messages of the notices whose time has come: what can wait, one for each recipient."""
    # Whoever drops notices holds the same lock shared: the two would otherwise wait for each other's rows.
    connection.execute("select pg_advisory_xact_lock(hashtext('gather'))")
    _supersede(connection)
    connection.execute(
        "with placed as ("
        "  select *, min(due_at) over same <= now() as due,"
        "   case when digest then first_value(notice_id) over in_order else notice_id end as part_of,"
        "   row_number() over in_order as place"
        "  from notice where delivery_id is null and dropped is null"
        "  window same as (partition by channel, audience, recipient, digest),"
        "   in_order as (partition by channel, audience, recipient, digest order by due_at, notice_id)"
        "), chosen as ("
        "  select * from placed where case when digest then due and place <= %s else due_at <= now() end"
        "), made as ("
        "  insert into delivery (delivery_id, channel, audience, recipient, report_id, matter)"
        "  select part_of, min(channel), min(audience), min(recipient),"
        "   case when count(distinct report_id) = 1 then (array_agg(report_id))[1] end,"
        "   case when count(distinct matter) = 1 then min(matter) else 'digest' end"
        "  from chosen group by part_of"
        ") update notice set delivery_id = chosen.part_of from chosen where notice.notice_id = chosen.notice_id",
        (_DIGEST_SIZE,),
    )


def _supersede(connection: Connection) -> None:
    """Drop what is another unit's affair by now, and the citizen's news that later news overtook."""
    connection.execute(
        "update notice set dropped = 'superseded' from report"
        " where notice.delivery_id is null and notice.dropped is null and report.report_id = notice.report_id"
        " and notice.audience in ('unit', 'headquarters') and notice.matter = any(%b::text[])"
        " and report.unit <> notice.recipient and report.version > notice.version",
        (sorted(matter.value for matter in OF_THE_OWNER),),
    )
    connection.execute(
        "update notice set dropped = 'superseded' where delivery_id is null and dropped is null"
        " and audience = 'citizen' and exists (select from notice as newer where newer.report_id = notice.report_id"
        " and newer.audience = 'citizen' and newer.version > notice.version)"
    )
    # Also what was refused for now and waits for its next try; what is being sent goes out.
    connection.execute(
        "update delivery set state = 'dropped', ended_at = now(), reason = 'superseded' from notice"
        " where delivery.state = 'pending' and delivery.audience = 'citizen'"
        " and notice.delivery_id = delivery.delivery_id and exists (select from notice as newer"
        " where newer.report_id = notice.report_id and newer.audience = 'citizen' and newer.version > notice.version)"
    )


def claim(connection: Connection, channel: Channel, lease: timedelta) -> Message | None:
    """Take the message that waited longest; until the lease ends nobody else does. None when none is due."""
    row = connection.execute(
        "update delivery set state = 'sending', attempt = attempt + 1, lease_until = now() + %s where delivery_id = ("
        " select delivery_id from delivery where channel = %s and state = 'pending' and due_at <= now()"
        " order by due_at limit 1 for update skip locked)"
        " returning delivery_id as id, audience, recipient, report_id, matter, attempt",
        (lease, channel.value),
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute(
        "select notice.report_id, notice.matter, notice.facts, report.case_number, report.category, report.unit_name,"
        " report.contact_sealed, report.contact_language"
        " from notice join report using (report_id) where delivery_id = %s order by notice.due_at, notice_id",
        (row["id"],),
    ).fetchall()
    known = _message(row, channel)
    lines = tuple(Line(Matter(each["matter"]), each["report_id"], _facts(each)) for each in rows)
    if known.audience is not Audience.CITIZEN:
        return replace(known, lines=lines)
    return replace(known, lines=lines, sealed=rows[0]["contact_sealed"], language=rows[0]["contact_language"])


def left_behind(connection: Connection) -> list[Message]:
    """Messages whose lease ended while they were being sent: the process that sent them died. Locked."""
    rows = connection.execute(
        "select delivery_id as id, channel, audience, recipient, report_id, matter, attempt from delivery"
        " where state = 'sending' and lease_until < now() order by delivery_id limit 100 for update skip locked"
    ).fetchall()
    return [_message(row, Channel(row["channel"])) for row in rows]


def record(connection: Connection, message: Message, fate: Fate, maybe_arrived: bool, reason: str | None) -> bool:
    """Write down what became of an attempt; False when its lease had ended and somebody else has decided that."""
    done = connection.execute(
        "update delivery set state = %s, due_at = coalesce(%s, due_at), maybe_arrived = maybe_arrived or %s,"
        " lease_until = null, reason = %s, ended_at = case when %s = 'pending' then null else now() end"
        " where delivery_id = %s and state = 'sending' and attempt = %s",
        (fate.state, fate.due_at, maybe_arrived, reason, fate.state, message.id, message.attempt),
    )
    return done.rowcount == 1


def waiting(connection: Connection) -> dict[Channel, tuple[int, float]]:
    """For each channel, how many messages should have left by now and the seconds the oldest of them waits."""
    rows = connection.execute(
        "select channel, count(*) as count, extract(epoch from now() - min(created_at))::float as oldest"
        " from delivery where state in ('pending', 'sending') group by channel"
    )
    found = {Channel(row["channel"]): (row["count"], row["oldest"]) for row in rows}
    return {channel: found.get(channel, (0, 0.0)) for channel in Channel}


def _message(row: dict[str, object], channel: Channel) -> Message:
    return Message(**{**row, "channel": channel, "audience": Audience(row["audience"])})  # type: ignore[arg-type]


def _facts(row: dict[str, str]) -> Facts:
    """What the event said; where it did not, what is known of the report."""
    facts = _FACTS.decode(row["facts"])
    return replace(
        facts,
        case_number=facts.case_number or row["case_number"],
        category=facts.category or row["category"],
        unit_name=facts.unit_name or row["unit_name"],
    )

"""The notifier's ledger, from the backup to what had been sent by the end: `notice` says what was sent to whom."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

import notifier.app as notifier
from chassis.kafka.messages import Received
from chassis.postgres import Connection
from chassis.settings import Settings
from contracts.envelope import Unusable
from contracts.events.notices import Channel, NoticeEvent, NoticeFailed, NoticeSent
from contracts.policy.terms import policy
from contracts.topics import NOTICE, NOTIFIER
from deploy.agencies.registry import read_registry
from deploy.stack.process import StackError
from notifier.domain.effects import Configuration
from notifier.settings import Settings as NotifierSettings
from psycopg.errors import DataError, IntegrityError

from operations.backups.folder import Places
from operations.backups.gap import delete_said, read_since, usable
from operations.consumption.groups import positions
from operations.rebuilding.batching import ordered_batches
from operations.rebuilding.plans import Handle
from operations.target import Target


def configuration_of(target: Target) -> Configuration:
    """Who is told what, as the notifier is told it. Raises StackError naming the settings it lacks; KafkaException."""
    try:
        settings = NotifierSettings.from_variables(target.addresses)
        terms = policy(Path(told) if (told := target.addresses.get("KMZB_TERMS_FILE")) else None)
    except (OSError, ValueError) as wrong:
        raise StackError(f"to know whom the notifier has told, its settings are needed here: {wrong}") from wrong
    return Configuration(
        terms, settings.recipients, read_registry(target.settings), settings.confirm_within, region=settings.region
    )


def catch_up(
    connection: Connection, settings: Settings, configuration: Configuration, read: Places, ends: Places
) -> str:
    """Bring the ledger to what the notifier had decided and sent, sending nothing; gives how much, in words.

    What it had read since the backup it decides again, to the same notices by the same ids; those `notice` says were
    sent count as sent, and so does what waited for a digest that was. Raises StackError, KafkaException.
    """
    said = _outcomes(settings, ends)
    _note_sent(connection, said)
    written, unusable = _decide_again(connection, settings, configuration, read)
    _note_digests(connection, written)
    _note_confirmations(connection, said)
    delete_said(connection, settings, NOTIFIER, ends)
    row = connection.execute(
        "select count(*) as number from notice where delivery_id is null and cancelled is null"
    ).fetchone()
    waiting = row["number"] if row else 0
    return (
        f"{len(said)} outcomes of notices were taken from {NOTICE.name}; {waiting} notices wait to be sent; {unusable}"
        " messages could not be used, and are dead letters"
    )


def _outcomes(settings: Settings, ends: Places) -> list[NoticeEvent]:
    """What this instance said of its own notices."""
    read = [(m.envelope, m.event) for m in usable(read_since(settings, [NOTICE], ends))]
    return [
        event
        for envelope, event in read
        if envelope and isinstance(event, NoticeEvent) and settings.region.is_said_here(envelope.source, NOTIFIER)
    ]


def _decide_again(
    connection: Connection, settings: Settings, configuration: Configuration, read: Places
) -> tuple[dict[UUID, int], int]:
    """When each event was written that the notifier had read since, by its id; the notices that follow are there. And
    how many messages could not be used.
    """
    found = positions(settings, settings.region.member(NOTIFIER), notifier.TOPICS)
    until = {(each.topic.name, each.partition): each.next for each in found}
    since = read_since(settings, notifier.TOPICS, read)
    had_read = [raw for raw in since if raw.offset < until[raw.topic.name, raw.partition]]
    written, unusable = dict[UUID, int](), 0
    for batch in ordered_batches(usable(had_read)):
        written.update({m.envelope.id: m.raw.written_ms for m in batch if m.envelope})
        unusable += _handle(connection, partial(notifier.handle, configuration), batch)
        _link_sent(connection)  # now, since whoever was told of a miss is told when that was none
    return written, unusable


def _handle(connection: Connection, handle: Handle, batch: Sequence[Received]) -> int:
    """How many can't be used, which were set aside then; they are found as the notifier finds them, one by one."""
    try:
        with connection.transaction():
            handle(connection, batch)
            return 0
    except (Unusable, DataError, IntegrityError):
        return sum(_handle(connection, handle, [message]) for message in batch) if len(batch) > 1 else 1


def _note_sent(connection: Connection, said: Sequence[NoticeEvent]) -> None:
    """Enter the outcomes as deliveries, but for those by an agency's topic: whoever decides these delivers them."""
    last = {event.notice_id: event for event in said if event.channel is not Channel.TOPIC}
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into delivery (delivery_id, channel, audience, recipient, report_id, kind, state, attempt,"
            " ended_at, reason, maybe_arrived) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (delivery_id) do update set state = excluded.state, attempt = excluded.attempt,"
            " ended_at = excluded.ended_at, reason = excluded.reason, maybe_arrived = excluded.maybe_arrived,"
            " lease_until = null",
            [
                (event.notice_id, event.channel.value, event.audience.value, event.recipient, event.report_id)
                + (event.kind, _state(event), event.attempt, event.at)
                + (getattr(event, "reason", None), _state(event) == "uncertain")
                for event in last.values()
            ],
        )
    _link_sent(connection)


def _link_sent(connection: Connection) -> None:
    """Notices whose id a delivery has are of that delivery."""
    connection.execute(
        "update notice set delivery_id = notice_id from delivery"
        " where delivery.delivery_id = notice_id and notice.delivery_id is null"
    )


def _state(event: NoticeEvent) -> str:
    return {NoticeSent: "sent", NoticeFailed: "failed"}.get(type(event), "uncertain")


def _note_digests(connection: Connection, written: dict[UUID, int]) -> None:
    """A digest takes along what waits for its recipient, and `notice` names the first of it alone: what had been
    decided before a digest was sent went with the first one that was.
    """
    connection.execute("create temporary table decided (cause uuid primary key, at timestamptz) on commit drop")
    connection.execute(
        "insert into decided select cause, to_timestamp(ms / 1000.0)"
        " from unnest(%b::uuid[], %b::bigint[]) as new (cause, ms)",
        (list(written), list(written.values())),
    )
    connection.execute(
        "update notice set delivery_id = (select delivery.delivery_id from delivery"
        "  join notice as first on first.notice_id = delivery.delivery_id and first.digest"
        "  where delivery.channel = notice.channel and delivery.audience = notice.audience"
        "  and delivery.recipient = notice.recipient and delivery.state in ('sent', 'uncertain')"
        "  and delivery.ended_at >= coalesce((select at from decided where decided.cause = notice.cause),"
        "   notice.created_at)"
        "  order by delivery.ended_at limit 1)"
        " where digest and delivery_id is null and cancelled is null"
    )


def _note_confirmations(connection: Connection, said: Sequence[NoticeEvent]) -> None:
    """Whoever was written to about a report had said yes to that, in a click no topic tells of."""
    told = {event.report_id: event.at for event in said if event.recipient is None and event.kind != "confirm-address"}
    connection.execute(
        "update report set contact_confirmed_at = new.at"
        " from unnest(%b::uuid[], %b::timestamptz[]) as new (report_id, at)"
        " where report.report_id = new.report_id and contact_sealed is not null and contact_confirmed_at is null",
        (list(told), list(told.values())),
    )

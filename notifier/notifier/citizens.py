"""What the citizen of a report may change, and the end of their contact: row emptied, mail stopped, topic told."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from chassis import outbox
from chassis.postgres import Connection
from contracts.envelope import tombstone
from contracts.notices import Channel
from contracts.statuses import Language
from contracts.topics import CONTACT

from notifier import store
from notifier.notices import Addressed
from notifier.reports import erased, in_time, owed


class Standing(StrEnum):
    """Where a citizen and we stand."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    ERASED = "erased"
    GONE = "gone"


def standing(connection: Connection, report_id: UUID, confirm_within: timedelta) -> tuple[Standing, Language]:
    """Where we stand, and the language to say it in."""
    contact = store.reports(connection, [report_id])[report_id].contact
    if contact is None or contact.erased:
        return Standing.GONE, contact.language if contact else "pl"
    if contact.confirmed_at is not None:
        return Standing.CONFIRMED, contact.language
    asked = in_time(contact, store.now(connection), confirm_within)
    return (Standing.ASKED if asked else Standing.GONE), contact.language


def confirm(connection: Connection, report_id: UUID, confirm_within: timedelta) -> tuple[Standing, Language]:
    """The citizen said yes: what is news by now is told at once. A second yes changes nothing."""
    found, language = standing(connection, report_id, confirm_within)
    report, now = store.reports(connection, [report_id])[report_id], store.now(connection)
    if found is not Standing.ASKED or report.contact is None:
        return found, language
    confirmed = replace(report, contact=replace(report.contact, confirmed_at=now))
    store.save(connection, [confirmed])
    store.tell(connection, [Addressed(each, Channel.EMAIL, now) for each in owed(confirmed, now, confirm_within)])
    return Standing.CONFIRMED, language


def refuse(connection: Connection, report_id: UUID) -> tuple[Standing, Language]:
    """The citizen said no, before or after a yes."""
    contact = store.reports(connection, [report_id])[report_id].contact
    if contact is None or contact.erased:
        return Standing.GONE, contact.language if contact else "pl"
    erase(connection, [report_id])
    return Standing.ERASED, contact.language


def erase(connection: Connection, ids: Iterable[UUID]) -> int:
    """Erase contacts, here and on the topic, also one that is still to be read. Returns how many were not before."""
    wanted = list(ids)
    if not wanted:
        return 0
    known = store.reports(connection, wanted)
    kept = {report_id: report for report_id, report in known.items() if not (report.contact and report.contact.erased)}
    store.save(connection, [erased(report) for report in kept.values()])
    store.drop_citizens(connection, kept)
    outbox.put(connection, [tombstone(CONTACT, str(report_id)) for report_id in sorted(kept)])
    return len(kept)

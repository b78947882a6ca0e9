"""The citizen's yes or no: whether we may write, written down with the notice that follows from it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from chassis.postgres import Connection, database_time
from contracts.events.notices import Channel
from contracts.statuses import Language

from notifier.contacts.erasures import erase_contacts
from notifier.domain.notices import ScheduledNotice
from notifier.domain.reports import ConfirmationState, citizen_notices, confirmation_state
from notifier.store.notices import insert_notices
from notifier.store.reports import lock_reports, update_reports

Answer = tuple[ConfirmationState, Language]
"""Whether the citizen may be written to by now, and the language to say so in."""


def find_confirmation(connection: Connection, report_id: UUID, confirm_within: timedelta) -> Answer:
    """How it stands; changes nothing."""
    contact = lock_reports(connection, [report_id])[report_id].contact
    state = confirmation_state(contact, database_time(connection), confirm_within)
    return state, contact.language if contact else "pl"


def confirm(connection: Connection, report_id: UUID, confirm_within: timedelta) -> Answer:
    """The citizen said yes: the newest notice there is leaves at once. A second yes changes nothing."""
    report, now = lock_reports(connection, [report_id])[report_id], database_time(connection)
    contact = report.contact
    state = confirmation_state(contact, now, confirm_within)
    if contact is None or state is not ConfirmationState.ASKED:
        return state, contact.language if contact else "pl"
    confirmed = replace(report, contact=replace(contact, confirmed_at=now))
    update_reports(connection, [confirmed])
    newest = citizen_notices(confirmed, now, confirm_within)
    insert_notices(connection, [ScheduledNotice(notice, Channel.EMAIL, now) for notice in newest])
    return ConfirmationState.CONFIRMED, contact.language


def refuse(connection: Connection, report_id: UUID) -> Answer:
    """The citizen said no, before or after a yes: the contact is erased."""
    contact = lock_reports(connection, [report_id])[report_id].contact
    if contact is None or contact.erased:
        return ConfirmationState.NOT_FOUND, contact.language if contact else "pl"
    erase_contacts(connection, [report_id])
    return ConfirmationState.ERASED, contact.language

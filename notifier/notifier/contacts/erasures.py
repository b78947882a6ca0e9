"""The end of a contact: the row emptied, mail cancelled, and the topic told to forget it."""

from collections.abc import Iterable
from uuid import UUID

from chassis import outbox
from chassis.postgres import Connection
from contracts.envelope import tombstone
from contracts.topics import CONTACT

from notifier.domain.reports import without_contact
from notifier.store.notices import update_citizen_notices_cancelled
from notifier.store.reports import lock_reports, update_reports


def erase_contacts(connection: Connection, report_ids: Iterable[UUID]) -> None:
    """Erase contacts, also of reports whose contact is still to be read. One erased before is left alone."""
    wanted = list(report_ids)
    if not wanted:
        return
    reports = lock_reports(connection, wanted).values()
    kept = [report for report in reports if not (report.contact and report.contact.erased)]
    update_reports(connection, [without_contact(report) for report in kept])
    update_citizen_notices_cancelled(connection, [report.report_id for report in kept])
    outbox.append(connection, [tombstone(CONTACT, str(report.report_id)) for report in kept])

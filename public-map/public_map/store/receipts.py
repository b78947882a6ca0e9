"""What is known for the holder of a receipt."""

from chassis.postgres import Connection, database_time

from public_map.domain.receipts import Receipt
from public_map.store.clocks import list_clocks
from public_map.store.reports import find_report
from public_map.store.timelines import list_timeline_entries


def find_receipt(connection: Connection, receipt_sha256: str) -> Receipt | None:
    """What the holder of a receipt may know, by its SHA-256 in hexadecimal; None where nobody knows it (yet)."""
    report = find_report(connection, receipt_sha256)
    if report is None:
        return None
    assert report.submission is not None  # it brought the receipt
    return Receipt(
        report,
        report.submission,
        list_timeline_entries(connection, report.report_id),
        list_clocks(connection, [report.report_id]),
        database_time(connection),
    )

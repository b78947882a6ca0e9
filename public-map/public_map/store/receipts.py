"""What is known for the holder of a receipt."""

from chassis.postgres import Connection, database_time

from public_map.domain.receipts import Receipt
from public_map.store.clocks import list_clocks
from public_map.store.reports import report_of
from public_map.store.timelines import list_timeline_entries


def find_receipt(connection: Connection, receipt_sha256: str) -> Receipt | None:
    """The report of a receipt, by the SHA-256 of it in hexadecimal; None where there is none (yet)."""
    row = connection.execute("select * from report where receipt_sha256 = %b", (receipt_sha256,)).fetchone()
    if row is None:
        return None
    report = report_of(row)
    assert report.submission is not None  # it brought the receipt
    return Receipt(
        report,
        report.submission,
        list_timeline_entries(connection, report.report_id),
        list_clocks(connection, [report.report_id]),
        database_time(connection),
    )

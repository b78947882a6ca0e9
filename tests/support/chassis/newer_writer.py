"""Writes what only the next release of the contracts can say; run with that release.

python newer_writer.py BOOTSTRAP NAMESPACE
"""

import sys
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from chassis.kafka.client import Publisher
from chassis.settings import Settings
from contracts.base import HEADQUARTERS, Event
from contracts.envelope import Outgoing, encode, tombstone
from contracts.events import cases, reports
from contracts.statuses import Status
from contracts.topics import CONTENT

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
FIRST, SECOND = (uuid5(NAMESPACE_OID, f"report {number}") for number in (1, 2))


def change(kind: Any, version: int, status: str, **more: Any) -> Event:
    state = {"report_id": FIRST, "version": version, "changed_at": AT, "status": Status(status), "submitted_at": AT}
    place = {"category": "parking", "longitude": 17.9, "latitude": 50.7, "owner": HEADQUARTERS}
    event: Event = kind(case_number="KGP-26-000001-A", **state, **place, **more)
    return event


def message(event: Event) -> Outgoing:
    return encode(event, source="next", at=AT, event_id=uuid5(NAMESPACE_OID, repr(event)))


def main() -> None:
    bootstrap, namespace = sys.argv[1:]
    Publisher(Settings(kafka_bootstrap=bootstrap, namespace=namespace), "next").publish(
        [
            message(change(cases.CaseOpened, 1, "new", routed=False)),
            message(change(vars(cases)["CaseSealed"], 2, "verification", until=AT)),
            message(change(cases.CaseTasked, 3, "verification", executor=cases.Executor("drone"), due_at=AT)),
            message(change(cases.CaseSupported, 4, "archived")),
            message(change(cases.CaseTransferred, 5, "verification", previous=HEADQUARTERS)),
            message(vars(reports)["ReportPraised"](report_id=FIRST, said_at=AT, why="gone")),
            message(reports.ReportSupported(report_id=FIRST, said_at=AT, sender="0" * 64)),
            *(message(vars(reports)["PhotoAdded"](report_id=report_id, photo="7")) for report_id in (FIRST, SECOND)),
            tombstone(CONTENT, str(SECOND)),
        ]
    )


if __name__ == "__main__":
    main()

"""What citizens say after sending: what counts, what is only remarked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from casework.upkeep import forget_unknown
from chassis.postgres import Database
from contracts.events.reports import ReportContested
from support.casework.officers import Officer
from support.casework.openings import routed, submitted, supported
from support.events import received, report_id

Consume = Callable[..., None]
Outbox = Callable[[], list[Any]]


def test_a_support_of_a_closed_or_hidden_report_is_remarked_and_not_counted(
    consume: Consume, outbox: Outbox, service: Database
) -> None:
    consume(received(submitted(1)), received(routed(1)), received(submitted(2, "drug-use")), received(routed(2)))
    with service.transaction() as connection:
        connection.execute("update cases set status = 'rejected' where report_id = %s", (report_id(1),))
    consume(received(supported(1, "a")), received(supported(2, "a")))
    consume(received(supported(1, "a")), received(supported(2, "a")))
    assert len(outbox()) == 2
    with service.transaction() as connection:
        remarked = connection.execute("select detail from history where what = 'ReportSupported'").fetchall()
    assert remarked == [{"detail": {"counted": False}}] * 2


def test_a_support_of_a_case_that_ended_counts_on_the_one_that_goes_on(
    consume: Consume, outbox: Outbox, service: Database
) -> None:
    consume(*(received(event) for number in (1, 2) for event in (submitted(number), routed(number))))
    with service.transaction() as connection:
        connection.execute("update cases set merged_into = %s where report_id = %s", (report_id(2), report_id(1)))
    for _ in range(2):
        consume(received(supported(1, "a")))
    assert [(message.data.report_id, message.data.supporters) for message in outbox()[2:]] == [(report_id(2), 1)]


def contest(said_at: datetime) -> ReportContested:
    return ReportContested(report_id=report_id(1), said_at=said_at)


def remarks(coordinator: Officer) -> list[bool]:
    """Of each contest in the history, whether it counted."""
    entries = [entry for entry in coordinator.detail()["history"] if entry["what"] == "ReportContested"]
    return [entry["detail"].get("counted", True) for entry in entries]


def test_a_contest_counts_against_the_decision_that_stood_once(
    coordinator: Officer, open_cases: Callable[..., None], consume: Consume
) -> None:
    open_cases(1)
    before = datetime.now(UTC)
    for _ in range(3):  # of a case nobody has decided: a remark, however often
        consume(received(contest(before)))
        before += timedelta(microseconds=1)
    coordinator.change("reject")
    assert (coordinator.detail()["contested"], remarks(coordinator)) == (False, [False])
    consume(received(contest(before)))  # said before the decision, read after it
    assert coordinator.detail()["contested"] is False
    for contested in (1, 2):
        said = contest(datetime.now(UTC))
        consume(received(said), received(said))
        consume(received(contest(datetime.now(UTC))))
        assert coordinator.detail()["contested"] is True
        assert remarks(coordinator).count(True) == contested
        coordinator.change("reopen")
        assert coordinator.detail()["contested"] is False
        coordinator.change("confirm", "eliminate")
        assert coordinator.detail()["contested"] is False


def test_what_is_said_of_a_report_that_never_was_is_forgotten(
    consume: Consume, service: Database, open_cases: Callable[..., None]
) -> None:
    open_cases(1)
    early = supported(3, "a")
    consume(
        *(received(supported(number, "a")) for number in (1, 2)), received(submitted(4)), received(supported(4, "a"))
    )
    consume(received(msgspec.structs.replace(early, said_at=datetime.now(UTC))))
    assert forget_unknown(service) == 1
    with service.transaction() as connection:
        left = connection.execute("select report_id from follow_up order by report_id").fetchall()
        reports = connection.execute("select report_id from report order by report_id").fetchall()
    expected = sorted(report_id(number) for number in (1, 3, 4))
    assert [row["report_id"] for row in left] == [row["report_id"] for row in reports] == expected

"""What citizens say after sending: what counts, what is only remarked."""

from collections.abc import Callable
from typing import Any

from chassis.postgres import Database
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

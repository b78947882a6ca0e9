"""`kmzb drill` on a running notifier's database: whom it writes to, and what it says of whom it reached."""

from collections.abc import Callable, Iterator

import pytest
from chassis.postgres import Database
from contracts.events.districts import District, Level
from contracts.events.notices import Audience
from deploy.stack.process import StackError
from operations.drills.ledger import begin_drill, read_drill
from operations.drills.recipients import recipients_of
from support.events import report_id
from support.stack.databases import Clone


def district(garrison: str, code: str, level: Level) -> District:
    return District(garrison=garrison, version="1", code=code, level=level, name=code)


CURRENT = {
    "OPO": [district("OPO", "KMP-1661", Level.UNIT), district("OPO", "KPP-1609", Level.UNIT),
            district("OPO", "R1", Level.BEAT)],
    "KRA": [district("KRA", "KMP-1261", Level.UNIT)],
}  # fmt: skip


def test_everybody_is_every_unit_and_garrison_and_headquarters() -> None:
    assert recipients_of(CURRENT, (), ()) == [
        (Audience.UNIT, "KMP-1261"), (Audience.UNIT, "KMP-1661"), (Audience.UNIT, "KPP-1609"),
        (Audience.GARRISON, "KRA"), (Audience.GARRISON, "OPO"), (Audience.HEADQUARTERS, "KGP"),
    ]  # fmt: skip


def test_some_are_those_named_and_what_there_is_none_of_is_refused() -> None:
    assert recipients_of(CURRENT, ["KRA"], ["KPP-1609"]) == [
        (Audience.UNIT, "KMP-1261"), (Audience.UNIT, "KPP-1609"), (Audience.GARRISON, "KRA"),
    ]  # fmt: skip
    with pytest.raises(StackError, match="KMP-1661"):
        recipients_of(CURRENT, (), ["KMP-1666"])
    with pytest.raises(StackError, match="garrison"):
        recipients_of(CURRENT, ["OPL"], ())


@pytest.fixture
def ledger(database: Callable[[str], Clone]) -> Iterator[Database]:
    store = Database(database("notifier").service, size=1)
    yield store
    store.close()


def test_a_drill_is_in_the_ledger_once_and_closed_channels_are_left_out(ledger: Database) -> None:
    recipients = recipients_of(CURRENT, ["KRA"], ())
    with ledger.transaction() as connection:
        begin_drill(connection, report_id(1), recipients)
        begin_drill(connection, report_id(1), recipients)
        found = read_drill(connection, report_id(1))
        assert [(each.recipient, each.channel) for each in found] == [
            ("KRA", "email"), ("KRA", "webhook"), ("KMP-1261", "email"), ("KMP-1261", "webhook"),
        ]  # fmt: skip
        assert all(each.running and not each.reached for each in found)
        connection.execute("update notice set cancelled = 'no webhook' where channel = 'webhook'")
        assert {each.channel for each in read_drill(connection, report_id(1))} == {"email"}
        connection.execute("update notice set cancelled = 'no email' where recipient = 'KRA'")
        closed = [each for each in read_drill(connection, report_id(1)) if each.recipient == "KRA"]
        assert closed
        assert not any(each.reached for each in closed), "who has no channel at all is not reached"
        assert read_drill(connection, report_id(2)) == []

"""What holds of a system of one's own once it rests, whatever ran and however often: everything is there, and once."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import psycopg
from contracts.events.cases import CaseChange, CaseOpened, CaseTakenUp
from contracts.events.clocks import ClockStarted
from contracts.topics import CASE_CHANGED, CLOCK, NOTICE, PUBLIC_REPORT, REPORT_ROUTED, REPORT_SUBMITTED
from deploy.mailbox import messages
from journeys.journey import Journey
from support.operations.command import Kmzb
from support.wait import eventually


def everything_once(journey: Journey, kmzb: Kmzb, sent: Sequence[UUID], *, repeats: float = 0) -> int:
    """Of reports that were sent and taken up: each has its case, clocks and notice, once. Gives how many mails left.

    `repeats`: so much of a topic may stand there once more under the same id, by which its readers know it. At least
    once on the log, exactly once in effect: a relay that was stopped before it heard that the log has something says it
    again.
    """
    eventually(lambda: kmzb("lag", "--over", "1"), 120)  # how far casework is, is said four times a second
    eventually(lambda: kmzb("reconcile", "--since", "1h", "--settled", "0"), 120)
    journey.settle(REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK, NOTICE, PUBLIC_REPORT)
    assert len(set(sent)) == len(sent)
    opened = Counter(e.report_id for e in journey.events(CASE_CHANGED) if isinstance(e, CaseOpened))
    taken = Counter(e.report_id for e in journey.events(CASE_CHANGED) if isinstance(e, CaseTakenUp))
    started = Counter(e.report_id for e in journey.events(CLOCK) if isinstance(e, ClockStarted))
    assert opened == taken == Counter(sent)
    assert started == Counter(dict.fromkeys(sent, 2))  # take-up, then verification
    each_once(journey, repeats)
    return eventually(lambda: told_once(journey, len(sent)), 60)


def each_once(journey: Journey, repeats: float) -> None:
    """No message of any topic is there twice beyond those repeats, and no version of a case under two ids."""
    for topic in (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK, NOTICE):
        ids = [each.id for each in journey.envelopes(topic)]
        twice = len(ids) - len(set(ids))
        assert twice <= repeats * len(ids), (topic.name, twice, len(ids))
    changes = [event for event in journey.events(CASE_CHANGED) if isinstance(event, CaseChange)]
    versions = Counter((event.report_id, event.version) for event in changes)
    assert set(versions.values()) == {1}


def told_once(journey: Journey, reports: int) -> int:
    """Each report is in one mail to its unit, by the ledger, and as many mails arrived; gives how many."""
    with psycopg.connect(journey.addresses["KMZB_NOTIFIER_POSTGRES_DSN"]) as connection:
        opened = "select report_id, count(*) from ledger where kind = 'case-opened' and state = 'sent' group by 1"
        notices: dict[UUID, int] = dict(connection.execute(opened).fetchall())
        mails = connection.execute("select count(*) from delivery where channel = 'email' and state = 'sent'")
        [sent] = mails.fetchone() or [0]
    assert set(notices.values()) == {1}
    assert len(notices) == reports
    assert len(list(messages(journey.system.root / "mail"))) == sent
    return int(sent)

"""What holds of a system of one's own once it rests, whatever ran and however often: everything is there, and once.

And what stands where, to be compared with what stands there after databases were lost.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from chassis.kafka.messages import original_headers
from contracts.events.cases import CaseChange, CaseOpened, CaseTakenUp
from contracts.events.clocks import ClockStarted
from contracts.policy.regions import NATIONAL
from contracts.topics import CASE_CHANGED, CLOCK, NOTICE, PUBLIC_REPORT, REPORT_ROUTED, REPORT_SUBMITTED, Topic
from deploy.mailbox import messages
from deploy.stack.databases import of_instance
from deploy.stack.infrastructure import POSTGRES
from journeys.journey import Journey
from operations.backups.taking import name_of
from psycopg import sql
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


def rests(kmzb: Kmzb, *instances: Mapping[str, str]) -> bool:
    """Whether everything that was said was read, nothing waits to be said or sent, and nothing is due for a while."""
    return all(map(_rests, instances)) and kmzb.code("lag", "--over", "0") == 0


def _rests(addresses: Mapping[str, str]) -> bool:
    with psycopg.connect(addresses["KMZB_NOTIFIER_POSTGRES_DSN"]) as connection:
        waits = "select from ledger where state not in ('sent', 'failed', 'uncertain', 'cancelled')"
        notices = connection.execute(waits).fetchone()
        own = connection.execute("select from outbox").fetchone()
    with psycopg.connect(addresses["KMZB_SLA_MONITOR_POSTGRES_DSN"]) as connection:
        due = connection.execute("select from clock where next_at < now() + interval '2 minutes'").fetchone()
    return not notices and not own and not due


def lose_databases(addresses: Mapping[str, str]) -> None:
    """All databases of an instance."""
    with psycopg.connect(addresses[POSTGRES], autocommit=True) as connection:
        for database in of_instance(addresses.get("KMZB_INSTANCE", NATIONAL)):
            name = sql.Identifier(name_of(database, addresses))
            connection.execute(sql.SQL("drop database {}").format(name))


def said(journey: Journey, topics: Sequence[Topic]) -> dict[str, Counter[str]]:
    """How often each event and tombstone stands on each topic, by its key and id."""
    journey.settle(*topics)
    return {
        topic.name: Counter(
            f"{(message.key() or b'').decode()} {dict(original_headers(message)).get('ce_id', b'').decode()}"
            for message in journey.messages(topic)
        )
        for topic in topics
    }


def mails(journey: Journey) -> Counter[str]:
    """What arrived where, by the id of the notice and the address."""
    return Counter(
        f"{mail['Message-ID'].strip('<').partition('@')[0]} {mail['X-RcptTo']}"
        for mail in messages(journey.system.root / "mail")
    )


def ledger(addresses: Mapping[str, str]) -> set[tuple[str, ...]]:
    """Who was told of what, as an instance's ledger has it."""
    with psycopg.connect(addresses["KMZB_NOTIFIER_POSTGRES_DSN"]) as connection:
        rows = connection.execute(
            "select report_id::text, notice_id::text, kind, audience, coalesce(recipient, ''), channel, state"
            " from ledger"
        )
        return {tuple(row) for row in rows}


def without(value: Any, names: set[str]) -> Any:
    """A document without some of its fields, however deep they lie."""
    match value:
        case dict():
            return {name: without(each, names) for name, each in value.items() if name not in names}
        case list():
            return [without(each, names) for each in value]
        case _:
            return value

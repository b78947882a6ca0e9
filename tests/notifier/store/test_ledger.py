"""What the ledger holds after events in any order, how often they come: each notice once, each wrong one taken back."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from contracts.base import HEADQUARTERS, Owner
from contracts.events.cases import (
    CaseConfirmed,
    CaseOpened,
    CaseReferred,
    CaseReopened,
    CaseReturned,
    CaseTakenUp,
    CaseTransferred,
    CaseUnconfirmed,
)
from contracts.events.clocks import (
    Clock,
    ClockStarted,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
    Step,
    step_id,
)
from contracts.events.notices import NoticeSent
from contracts.events.referrals import ReferralMade
from support.events import OPOLE, SUBMITTED, received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service, clock

BRZEG = Owner(garrison="OPO", unit="KPP-1601", unit_name="Komenda Powiatowa Policji w Brzegu")


def miss(life: Life, owner: Owner = OPOLE) -> list[Any]:
    about = clock(life, owner)
    return [
        DeadlineApproaching(**about),
        DeadlineMissed(**about),
        DeadlineEscalated(**about, to="garrison"),
        DeadlineEscalated(**about, to="headquarters"),
    ]


def stopped(life: Life, *, withdraws: bool) -> ClockStopped:
    outcome: Any = "met" if withdraws else "missed"
    return ClockStopped(**clock(life), stopped_at=SUBMITTED, outcome=outcome, withdraws_miss=withdraws)


def test_everybody_in_the_table_is_told_once_and_agencies_on_their_topic(
    service: Service, smtp: ScriptedMailServer
) -> None:
    life = Life(1).then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3).then(CaseReferred, 4)
    life.then(CaseReturned, 5, declined=True)
    service.handle(*life.events, *miss(life))
    service.send_due()
    assert service.ledger() == [
        ("case-opened/email", "KMP-1661", "sent"),
        ("case-referred/email", "road-manager", "sent"),
        ("case-referred/topic", "road-manager", "sent"),
        ("case-returned/email", "KMP-1661", "sent"),
        ("deadline-approaching/email", "KMP-1661", "sent"),
        ("deadline-escalated/email", "KGP", "sent"),
        ("deadline-escalated/email", "OPO", "sent"),
        ("deadline-missed/email", "KMP-1661", "sent"),
    ]
    (referral,) = [e.data for e in service.published() if isinstance(e.data, ReferralMade)]
    assert referral.acknowledge_by == life.changes[3].changed_at + timedelta(seconds=15)
    assert sorted(to for to, _ in smtp.summaries) == [
        "dyzurny.kgp@policja.example",
        "dyzurny.opo@policja.example",
        "kmp-1661@policja.example",  # the miss
        "kmp-1661@policja.example",  # what could wait
        "road-manager@agencja.example",
    ]
    before = service.published()
    service.handle(*life.events, *miss(life))
    service.handle(*reversed([*life.events, *miss(life)]))
    assert service.send_due() == 0
    assert service.published() == before


def test_what_nobody_answers_for_goes_to_headquarters_at_once(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1, owner=HEADQUARTERS).then(CaseOpened, 1, routed=False)
    service.handle(*life.events, *miss(life, HEADQUARTERS)[1:])
    service.send_due()
    assert {recipient for _, recipient, _ in service.ledger()} == {"KGP"}
    assert {to for to, _ in smtp.summaries} == {"dyzurny.kgp@policja.example"}
    # One escalation, though their own case takes the steps to the garrison and to headquarters.
    assert sorted(kind for kind, _, _ in service.ledger()) == [
        "case-unrouted/email",
        "deadline-escalated/email",
        "deadline-missed/email",
    ]


def test_a_digest_tells_of_many_reports_in_one_message(service: Service, smtp: ScriptedMailServer) -> None:
    lives = [Life(number).then(CaseOpened, 1) for number in range(5)]
    service.handle(*[event for life in lives for event in life.events])
    assert service.send_due() == 1
    assert smtp.summaries == [("kmp-1661@policja.example", "[KMZB] 5 spraw czeka")]
    (sent,) = [e.data for e in service.published() if isinstance(e.data, NoticeSent)]
    assert (sent.report_id, sent.kind, sent.recipient) == (None, "case-opened", "KMP-1661")
    assert {row["state"] for row in service.query("select state from ledger")} == {"sent"}


def test_a_digest_waits_for_its_time_and_then_takes_all_there_is(service: Service, smtp: ScriptedMailServer) -> None:
    first, second = Life(1).then(CaseOpened, 1), Life(2).then(CaseOpened, 1)
    service.handle(*first.events, *second.events)
    service.execute("update notice set due_at = now() + interval '5 minutes'")
    assert service.send_due() == 0
    service.execute("update notice set due_at = now() where report_id = %s", first.id)
    assert service.send_due() == 1
    assert {row["state"] for row in service.query("select state from ledger")} == {"sent"}


def test_a_case_handed_on_before_the_digest_is_told_to_its_new_unit_only(
    service: Service, smtp: ScriptedMailServer
) -> None:
    life = Life(1).then(CaseOpened, 1)
    life.owner = BRZEG
    life.then(CaseTransferred, 2, previous=OPOLE)
    for order in permutations(life.events):
        service.handle(*order)
    service.send_due()
    assert service.ledger() == [
        ("case-opened/email", "KMP-1661", "cancelled"),
        ("case-transferred/email", "KPP-1601", "sent"),
    ]


def test_a_miss_that_was_wrong_is_corrected_to_exactly_those_told(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1).then(CaseOpened, 1)
    approaching, missed, garrison, headquarters = miss(life)
    service.handle(*life.events, approaching, missed, garrison)
    service.send_due()
    service.handle(headquarters, stopped(life, withdraws=True))
    service.send_due()
    rows = [row for row in service.ledger() if row[0] != "case-opened/email"]
    assert rows == [
        ("deadline-approaching/email", "KMP-1661", "sent"),
        ("deadline-escalated/email", "KGP", "cancelled"),
        ("deadline-escalated/email", "OPO", "sent"),
        ("deadline-missed/email", "KMP-1661", "sent"),
        ("miss-withdrawn/email", "KMP-1661", "sent"),
        ("miss-withdrawn/email", "OPO", "sent"),
    ]
    service.handle(stopped(life, withdraws=True))
    assert service.send_due() == 0


def test_a_wrong_miss_whose_end_is_known_first_is_never_told(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1).then(CaseOpened, 1)
    service.handle(stopped(life, withdraws=True))
    service.handle(*life.events, *miss(life))
    service.send_due()
    assert [mail for mail in smtp.summaries if "TERMIN" in mail[1] or "ESKALACJA" in mail[1]] == []
    assert "miss-withdrawn/email" not in {row[0] for row in service.ledger()}


def test_a_miss_that_was_true_is_told_though_the_clock_stopped(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1).then(CaseOpened, 1)
    service.handle(*life.events, *miss(life), stopped(life, withdraws=False))
    service.send_due()
    kinds = {row[0]: row[2] for row in service.ledger()}
    assert kinds["deadline-missed/email"] == "sent"
    assert kinds["deadline-approaching/email"] == "cancelled"


def test_a_step_is_known_by_what_it_is(service: Service) -> None:
    life = Life(1)
    service.handle(
        received(miss(life)[1]), received(miss(life)[1], event_id=step_id(life.id, Clock.TAKE_UP, 1, Step.MISSED))
    )
    assert len(service.ledger()) == 1


def _batches(events: list[Any], seed: int) -> Iterator[list[Any]]:
    chance = random.Random(seed)
    shuffled = [*events, *chance.sample(events, len(events) // 2)]
    chance.shuffle(shuffled)
    while shuffled:
        size = chance.randint(1, 5)
        yield [shuffled.pop() for _ in range(min(size, len(shuffled)))]


@pytest.mark.parametrize("seed", range(12))
def test_any_order_and_any_repeats_give_the_same_notices_once(
    service: Service, smtp: ScriptedMailServer, seed: int
) -> None:
    first = Life(1).then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3).then(CaseReferred, 4)
    second = Life(2).then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseUnconfirmed, 3).then(CaseReopened, 4)
    events = [
        *first.events,
        *second.events,
        ClockStarted(**clock(first)),
        *miss(first),
        *miss(second),
        stopped(first, withdraws=False),
        stopped(second, withdraws=True),
    ]
    for batch in _batches(events, seed):
        service.handle(*batch)
    service.send_due()
    assert service.ledger() == [
        ("case-opened/email", "KMP-1661", "sent"),
        ("case-opened/email", "KMP-1661", "sent"),
        ("case-referred/email", "road-manager", "sent"),
        ("case-referred/topic", "road-manager", "sent"),
        ("case-reopened/email", "KMP-1661", "sent"),
        ("deadline-approaching/email", "KMP-1661", "cancelled"),
        ("deadline-approaching/email", "KMP-1661", "cancelled"),
        ("deadline-escalated/email", "KGP", "cancelled"),
        ("deadline-escalated/email", "KGP", "sent"),
        ("deadline-escalated/email", "OPO", "cancelled"),
        ("deadline-escalated/email", "OPO", "sent"),
        ("deadline-missed/email", "KMP-1661", "cancelled"),
        ("deadline-missed/email", "KMP-1661", "sent"),
    ]
    published = service.published()
    assert len({envelope.id for envelope in published}) == len(published)
    assert len(smtp.mails) == 5

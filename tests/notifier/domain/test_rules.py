"""The table alone: who is given which notice."""

from typing import Any

import msgspec
import pytest
from contracts.base import HEADQUARTERS, Event
from contracts.envelope import Envelope
from contracts.events.cases import (
    CaseChange,
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CaseReferred,
    CaseRejected,
    CaseReopened,
    CaseReturned,
    CasesMerged,
    CaseSupported,
    CaseTakenUp,
    CaseTransferred,
    CaseUnconfirmed,
    CheckRecorded,
    DecisionUpheld,
    QuestionAsked,
    Role,
)
from contracts.events.clocks import Clock, ClockStarted, DeadlineApproaching, DeadlineEscalated, DeadlineMissed
from contracts.events.notices import Audience, Channel
from contracts.events.routing import ReportRouted
from contracts.topics import EVENTS
from notifier.domain.notices import NoticeKind, notice_id
from notifier.domain.rules import RULES, notices
from support.events import OPOLE, SUBMITTED, received, report_id
from support.histories import Life, terms_in_seconds

TERMS = terms_in_seconds()
UNIT, GARRISON, HQ = Audience.UNIT, Audience.GARRISON, Audience.HEADQUARTERS
AGENCY, CITIZEN = Audience.AGENCY, Audience.CITIZEN
STEP: dict[str, Any] = {
    "report_id": report_id(1),
    "cycle": 1,
    "owner": OPOLE,
    "started_at": SUBMITTED,
    "due_at": SUBMITTED,
    "terms": "seconds",
}


def given(event: Event) -> set[tuple[str, Audience, str | None, bool]]:
    """Kind, audience, recipient and digest of each notice an event gives rise to."""
    envelope = received(event).envelope
    assert isinstance(envelope, Envelope)
    return {(notice.kind, notice.audience, notice.recipient, notice.digest) for notice in notices(envelope, TERMS)}


def last(*kinds: type[CaseChange], **more: Any) -> CaseChange:
    """The last of some changes of a case; `more` are fields of that one."""
    life = Life(1)
    for number, kind in enumerate(kinds):
        life.then(kind, number, **(more if kind is kinds[-1] else {}))
    return life.changes[-1]


def urgent(routed: ReportRouted) -> ReportRouted:
    return msgspec.structs.replace(routed, emergency_like=True)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (last(CaseOpened), {("case-opened", UNIT, "KMP-1661", True)}),
        (last(CaseOpened, routed=False, owner=HEADQUARTERS), {("case-unrouted", HQ, "KGP", False)}),
        (last(CaseOpened, QuestionAsked), {("question", CITIZEN, None, False)}),
        (last(CaseOpened, CaseRejected, DecisionUpheld), set()),
        (Life(1).routed, set()),
        (urgent(Life(1).routed), {("emergency", UNIT, "KMP-1661", False)}),
        (last(CaseOpened, CaseTransferred), {("case-transferred", UNIT, "KMP-1661", True)}),
        (last(CaseOpened, CaseTakenUp), {("taken-up", CITIZEN, None, False)}),
        (last(CaseOpened, CaseRejected), {("rejected", CITIZEN, None, False)}),
        (last(CaseOpened, CaseTakenUp, CaseConfirmed), {("confirmed", CITIZEN, None, False)}),
        (last(CaseOpened, CaseTakenUp, CaseUnconfirmed), {("unconfirmed", CITIZEN, None, False)}),
        (
            last(CaseOpened, CaseTakenUp, CaseConfirmed, CaseReferred),
            {("case-referred", AGENCY, "road-manager", False), ("referred", CITIZEN, None, False)},
        ),
        (
            last(CaseOpened, CaseTakenUp, CaseConfirmed, CaseReferred, CaseReturned, declined=True),
            {("case-returned", UNIT, "KMP-1661", True)},
        ),
        (
            last(CaseOpened, CaseTakenUp, CaseConfirmed, CaseReferred, CaseReturned),
            {("referral-withdrawn", AGENCY, "road-manager", False)},
        ),
        (
            last(CaseOpened, CaseTakenUp, CaseConfirmed, CaseReferred, CaseEliminated, actor=Role.COORDINATOR),
            {("referral-withdrawn", AGENCY, "road-manager", False), ("eliminated", CITIZEN, None, False)},
        ),
        (
            last(CaseOpened, CaseTakenUp, CaseConfirmed, CaseReferred, CaseEliminated, actor=Role.AGENCY),
            {("eliminated", CITIZEN, None, False)},
        ),
        (last(CaseOpened, CaseTakenUp, CaseConfirmed, CaseEliminated), {("eliminated", CITIZEN, None, False)}),
        (last(CaseOpened, CaseRejected, CaseReopened), {("case-reopened", UNIT, "KMP-1661", True)}),
        (last(CaseOpened, CasesMerged), {("merged", CITIZEN, None, False)}),
        (last(CaseOpened, CaseSupported), set()),
        (last(CaseOpened, CaseTakenUp, CheckRecorded), set()),
        (ClockStarted(**STEP, clock=Clock.TAKE_UP), set()),
        (DeadlineApproaching(**STEP, clock=Clock.TAKE_UP), {("deadline-approaching", UNIT, "KMP-1661", True)}),
        (DeadlineApproaching(**STEP, clock=Clock.REVIEW), {("review-due", UNIT, "KMP-1661", True)}),
        (DeadlineMissed(**STEP, clock=Clock.TAKE_UP), {("deadline-missed", UNIT, "KMP-1661", False)}),
        (
            DeadlineEscalated(**STEP, clock=Clock.TAKE_UP, to="garrison"),
            {("deadline-escalated", GARRISON, "OPO", False)},
        ),
        (
            DeadlineEscalated(**STEP, clock=Clock.TAKE_UP, to="headquarters"),
            {("deadline-escalated", HQ, "KGP", False)},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_table_says_who_is_given_which_notice(event: Event, expected: set[Any]) -> None:
    assert given(event) == expected


def test_every_rule_is_about_an_event_of_the_registry_and_no_matter_is_without_a_rule() -> None:
    assert {rule.event for rule in RULES} <= set(EVENTS.values())
    assert set(NoticeKind) - {rule.kind for rule in RULES} == {
        NoticeKind.LETTER_TO_PRINT,
        NoticeKind.CONFIRM_ADDRESS,
        NoticeKind.EMERGENCY_UNDELIVERED,
        NoticeKind.MISS_UNDELIVERED,
        NoticeKind.MISS_WITHDRAWN,
        NoticeKind.ESCALATION_WITHDRAWN,
        NoticeKind.MAILBOX_FAILS,
        NoticeKind.DRILL,
    }


def test_a_notice_has_one_id_for_a_cause_a_recipient_and_a_channel() -> None:
    cause, other = report_id(1), report_id(2)
    ids = {
        notice_id(*parts)
        for parts in [
            (cause, "KMP-1661", Channel.EMAIL),
            (cause, "KMP-1661", Channel.LOG),
            (cause, None, Channel.EMAIL),
            (other, "KMP-1661", Channel.EMAIL),
        ]
    }
    assert len(ids) == 4
    assert notice_id(cause, None, Channel.EMAIL) in ids

"""The rules alone: who is told what, what becomes of an attempt, what a link proves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from contracts.base import HEADQUARTERS
from contracts.cases import (
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
)
from contracts.clocks import Clock, ClockStarted, DeadlineApproaching, DeadlineEscalated, DeadlineMissed
from contracts.envelope import Envelope
from contracts.notices import Audience, Channel
from contracts.topics import EVENTS
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey
from notifier.attempts import Outcome, fate, retry_at
from notifier.domain import RULES, notices
from notifier.notices import Matter, notice_id
from support.events import OPOLE, SUBMITTED, received, report_id
from support.histories import Life, seconds
from support.notifying import contact

from notifier import contacts

TERMS = seconds()
UNIT, GARRISON, HQ, AGENCY, CITIZEN = (
    Audience(each) for each in ("unit", "garrison", "headquarters", "agency", "citizen")
)
STEP: dict[str, Any] = {
    "report_id": report_id(1),
    "cycle": 1,
    "owner": OPOLE,
    "started_at": SUBMITTED,
    "due_at": SUBMITTED,
    "terms": "seconds",
}


def told(event: Any) -> set[tuple[str, Audience, str | None, bool]]:
    envelope = received(event).envelope
    assert isinstance(envelope, Envelope)
    return {(each.matter, each.audience, each.recipient, each.digest) for each in notices(envelope, TERMS)}


def last(*kinds: Any, **more: Any) -> Any:
    life = Life(1)
    for number, kind in enumerate(kinds):
        life.then(kind, number, **(more if kind is kinds[-1] else {}))
    return life.changes[-1]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (last(CaseOpened), {("case-opened", UNIT, "KMP-1661", True)}),
        (last(CaseOpened, routed=False, owner=HEADQUARTERS), {("case-unrouted", HQ, "KGP", False)}),
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
        (last(CaseOpened, CaseTakenUp, CaseConfirmed, CaseReferred, CaseReturned), set()),
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
def test_the_table_says_who_is_told(event: Any, expected: set[Any]) -> None:
    assert told(event) == expected


def test_every_rule_is_about_an_event_of_the_registry_and_no_matter_is_without_a_rule() -> None:
    assert {rule.event for rule in RULES} <= set(EVENTS.values())
    assert set(Matter) - {rule.matter for rule in RULES} == {Matter.CONFIRM_ADDRESS, Matter.MISS_WITHDRAWN}


def test_a_notice_has_one_id_for_a_cause_a_recipient_and_a_channel() -> None:
    cause, other = report_id(1), report_id(2)
    ids = {
        notice_id(*each)
        for each in [
            (cause, "KMP-1661", Channel.EMAIL),
            (cause, "KMP-1661", Channel.LOG),
            (cause, None, Channel.EMAIL),
            (other, "KMP-1661", Channel.EMAIL),
        ]
    }
    assert len(ids) == 4
    assert notice_id(cause, None, Channel.EMAIL) in ids


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize(
    ("outcome", "attempt", "state", "tell"),
    [
        (Outcome.SENT, 1, "sent", True),
        (Outcome.REFUSED, 1, "failed", True),
        (Outcome.DROPPED, 1, "dropped", False),
        (Outcome.DEFERRED, 1, "pending", False),
        (Outcome.DEFERRED, 25, "failed", True),
        (Outcome.UNCERTAIN, 1, "pending", True),
        (Outcome.UNCERTAIN, 25, "uncertain", True),
    ],
)
def test_what_becomes_of_an_attempt(outcome: Outcome, attempt: int, state: str, tell: bool, audience: Audience) -> None:
    first = timedelta(seconds=10)
    became = fate(outcome, audience, attempt=attempt, now=SUBMITTED, first=first, jitter=0)
    if outcome is Outcome.UNCERTAIN and audience is Audience.CITIZEN:
        state = "uncertain"
    assert (became.state, became.tell) == (state, tell)
    assert (became.due_at is not None) == (state == "pending")


@given(attempt=st.integers(1, 24), jitter=st.floats(0, 1))
def test_waits_grow_to_an_hour_and_scatter_by_a_quarter(attempt: int, jitter: float) -> None:
    wait = (retry_at(SUBMITTED, attempt, timedelta(seconds=10), jitter) or SUBMITTED) - SUBMITTED
    plain = min(timedelta(seconds=10 * 2 ** (attempt - 1)), timedelta(hours=1))
    assert plain <= wait <= plain * 1.25
    assert retry_at(SUBMITTED, 25, timedelta(seconds=10), jitter) is None


@given(st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")) | st.text(max_size=80))
def test_a_token_nobody_wrote_proves_nothing(text: str) -> None:
    assert contacts.report_of(text, b"secret" * 4) is None


@given(st.uuids(), st.integers(0, 41), st.sampled_from("AZaz09-_"))
def test_a_token_is_for_one_report_under_one_secret(number: UUID, place: int, letter: str) -> None:
    token = contacts.token(number, b"secret" * 4)
    assert contacts.report_of(token, b"secret" * 4) == number
    assert contacts.report_of(token, b"another" * 4) is None
    changed = token[:place] + letter + token[place + 1 :]
    assert contacts.report_of(changed, b"secret" * 4) == (number if changed == token else None)


@given(st.text(max_size=200))
def test_a_sealed_contact_that_is_none_is_not_opened(text: str) -> None:
    key = PrivateKey(bytes(range(32)))
    assert contacts.opened(text, key) is None
    assert contacts.opened(contact(Life(1), "a.b+c@żółw.example").sealed, key) == "a.b+c@xn--w-uga1v8h.example"

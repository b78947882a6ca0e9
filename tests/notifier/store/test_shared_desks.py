"""Whoever answers at one address for several recipients is told of a step once there, and corrected if told at all."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any, NamedTuple

import pytest
from chassis.postgres import Database
from contracts.events.clocks import Clock, ClockStopped, DeadlineEscalated, DeadlineMissed, Step, step_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notifier.delivery.dispatcher import group_due
from notifier.domain.notices import DEADLINE_KINDS, NoticeKind
from notifier.settings import Settings
from support.events import SUBMITTED
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import DIRECTORY, Service, clock
from support.stack.databases import Clone

CORRECTIONS = {NoticeKind.MISS_WITHDRAWN, NoticeKind.ESCALATION_WITHDRAWN}
STEPS = {"missed": Step.MISSED, "garrison": Step.GARRISON, "headquarters": Step.HEADQUARTERS}
DESKS = ("a@policja.example", "b@policja.example", "c@policja.example")
NUMBERS = count(1)
Desks = Callable[..., Service]


class Mail(NamedTuple):
    """A message that may have got through: where to, and the notice in it."""

    to: str
    kind: str
    cause: Any
    escalation: Any


@pytest.fixture
def desks(clone: Clone, make_settings: Callable[..., Settings]) -> Iterator[Desks]:
    """A service whose unit, garrison and headquarters are notified at these addresses."""
    database = Database(clone.service)

    def made(unit: str, garrison: str, headquarters: str, **more: Any) -> Service:
        directory = DIRECTORY.replace("{code}@policja.example", unit, 1)
        for desk in (garrison, headquarters):
            directory = directory.replace("dyzurny.{code}@policja.example", desk, 1)
        patient = {"send_timeout": timedelta(seconds=15), "lease": timedelta(seconds=40)}  # also on a busy machine
        return Service(make_settings(directory, **patient, **more), database)

    yield made
    database.close()


def step(life: Life, name: Any) -> Any:
    """A step of the report's clock."""
    if name == "missed":
        return DeadlineMissed(**clock(life))
    return DeadlineEscalated(**clock(life), to=name)


def stop(life: Life, *escalations: str) -> ClockStopped:
    """The end of the clock that takes back the miss, or these escalations alone."""
    return ClockStopped(
        **clock(life),
        stopped_at=SUBMITTED,
        outcome="missed" if escalations else "met",
        withdraws_miss=not escalations,
        withdraws_escalations=escalations,  # type: ignore[arg-type]
    )


def mails(service: Service, smtp: ScriptedMailServer, life: Life) -> list[Mail]:
    """What may have got through about a report, each message once however often it was sent."""
    rows = service.query(
        "select delivery_id, kind, cause, escalation from notice where report_id = %s and kind = any(%s)",
        life.id,
        sorted(DEADLINE_KINDS),
    )
    notices = {f"<{row['delivery_id']}@kmzb.example>": row for row in rows}
    return [
        Mail(to, row["kind"], row["cause"], row["escalation"])
        for to, message_id in smtp.told
        if (row := notices.get(message_id))
    ]


def test_a_desk_that_is_the_garrisons_and_headquarters_is_told_of_one_escalation(
    desks: Desks, smtp: ScriptedMailServer
) -> None:
    service, life = desks("u@policja.example", "Desk@policja.example", "desk@Policja.example"), Life(1)
    service.handle(step(life, "garrison"))
    service.send_due()
    service.handle(step(life, "headquarters"))
    service.send_due()
    assert len(smtp.mails) == 1
    assert service.ledger() == [
        ("deadline-escalated/email", "KGP", "cancelled"),
        ("deadline-escalated/email", "OPO", "sent"),
    ]
    service.handle(stop(life, "headquarters"))  # what the desk was told stands
    assert service.send_due() == 0


@pytest.mark.parametrize("shared", [("x", "x", "h"), ("x", "g", "x"), ("x", "x", "x")], ids="".join)
def test_a_desk_of_several_is_corrected_once(
    desks: Desks, smtp: ScriptedMailServer, shared: tuple[str, str, str]
) -> None:
    service, life = desks(*(f"{desk}@policja.example" for desk in shared)), Life(1)
    for name in STEPS:
        service.handle(step(life, name))
        service.send_due()
    service.handle(stop(life))
    service.send_due()
    found = Counter(mail.to for mail in mails(service, smtp, life) if mail.kind in CORRECTIONS)
    assert found == {f"{desk}@policja.example": 1 for desk in set(shared)}


def test_a_raise_to_the_same_desk_is_no_second_message(desks: Desks, smtp: ScriptedMailServer) -> None:
    service, life = desks("x@policja.example", "x@policja.example", "h@policja.example"), Life(1)
    smtp.data_answer = "451 4.3.0"
    service.handle(step(life, "missed"))
    group_due(service.database)
    for _ in range(7):
        assert service.send_one()
    assert [recipient for _, recipient, _ in service.ledger()] == ["KMP-1661", "OPO"]
    smtp.data_answer = None
    service.send_due()
    assert len(smtp.told) == 1
    assert sorted(state for _, _, state in service.ledger()) == ["cancelled", "sent"]


def test_who_may_have_been_told_before_it_failed_is_corrected(desks: Desks, smtp: ScriptedMailServer) -> None:
    service, life = desks(*DESKS), Life(1)
    service.handle(step(life, "missed"))
    group_due(service.database)
    smtp.disconnects = True
    assert service.send_one()
    smtp.disconnects, smtp.rcpt_answer = False, "550 5.1.1"
    assert service.send_one()
    assert ("deadline-missed/email", "KMP-1661", "failed") in service.ledger()
    smtp.rcpt_answer = None
    service.handle(stop(life))
    service.send_due()
    assert [mail.to for mail in mails(service, smtp, life) if mail.kind in CORRECTIONS] == [DESKS[0]]


TROUBLES = st.sampled_from(["", "", "rcpt 550 5.1.1", "rcpt 450", "data 451", "data 554 5.6.0", "hangs up"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    addresses=st.lists(st.sampled_from(DESKS), min_size=3, max_size=3),
    told=st.integers(0, 3),
    troubles=st.lists(st.tuples(TROUBLES, st.integers(0, 4)), max_size=6),
    withdrawn=st.sampled_from([(), ("headquarters",), ("garrison", "headquarters")]),
)
def test_an_address_is_told_of_a_step_once_and_corrected_exactly_when_told(
    desks: Desks,
    smtp: ScriptedMailServer,
    addresses: list[str],
    told: int,
    troubles: list[tuple[str, int]],
    withdrawn: tuple[str, ...],
) -> None:
    service, life = desks(*addresses), Life(next(NUMBERS))
    steps = [step(life, name) for name in list(STEPS)[:told]]
    for trouble, sent in troubles:
        smtp.rcpt_answer = trouble.removeprefix("rcpt ") if trouble.startswith("rcpt") else None
        smtp.data_answer = trouble.removeprefix("data ") if trouble.startswith("data") else None
        smtp.disconnects = trouble == "hangs up"
        service.handle(*steps[:1])
        steps = steps[1:]
        group_due(service.database)
        for _ in range(sent):
            service.send_one()
    smtp.rcpt_answer, smtp.data_answer, smtp.disconnects = None, None, False
    before = mails(service, smtp, life)
    service.handle(stop(life, *withdrawn))
    service.send_due()

    after = mails(service, smtp, life)
    assert all(times == 1 for times in Counter((mail.to, mail.cause) for mail in after).values())
    escalations = Counter((mail.to, mail.escalation) for mail in after if mail.escalation)
    assert all(times == 1 for times in escalations.values())
    wrong = {step_id(life.id, Clock.TAKE_UP, 1, STEPS[name]) for name in withdrawn or STEPS}
    owed = {mail.to for mail in before if mail.cause in wrong}
    assert {mail.to for mail in after if mail.kind in CORRECTIONS} == owed

"""One step of a clock is told at one address once, and what a transfer's mail says of the deadline."""

from datetime import timedelta

import pytest
from contracts.base import HEADQUARTERS, Owner
from contracts.events.cases import CaseOpened, CaseTakenUp, CaseTransferred
from contracts.events.clocks import ClockStopped, DeadlineEscalated, DeadlineMissed
from support.events import OPOLE, SUBMITTED
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service, clock
from web.texts.phrases import instant_phrase

OF_HEADQUARTERS = Owner(unit="KMP-9999", unit_name="Unit", garrison=HEADQUARTERS.unit)


def told(service: Service, smtp: ScriptedMailServer) -> list[str]:
    service.send_due()
    return [to for envelope in smtp.envelopes for to in envelope[1]]


@pytest.mark.parametrize("owner", [HEADQUARTERS, OF_HEADQUARTERS], ids=lambda owner: owner.unit)
def test_headquarters_that_is_the_garrison_too_is_told_of_an_escalation_once(
    service: Service, smtp: ScriptedMailServer, owner: Owner
) -> None:
    steps = [DeadlineEscalated(**clock(Life(1), owner), to=to) for to in ("garrison", "headquarters")]
    service.handle(steps[0])
    told(service, smtp)
    service.handle(steps[1])
    assert told(service, smtp) == ["dyzurny.kgp@policja.example"]


def test_an_escalation_of_headquarters_own_case_stands_while_its_first_step_does(
    service: Service, smtp: ScriptedMailServer
) -> None:
    life = Life(1)
    service.handle(*(DeadlineEscalated(**clock(life, HEADQUARTERS), to=to) for to in ("garrison", "headquarters")))
    stop = ClockStopped(
        **clock(life, HEADQUARTERS),
        stopped_at=SUBMITTED + timedelta(seconds=15),
        outcome="missed",
        withdraws_escalations=("headquarters",),
    )
    assert told(service, smtp) == ["dyzurny.kgp@policja.example"]
    service.handle(stop)
    assert told(service, smtp) == ["dyzurny.kgp@policja.example"]


def test_a_raise_to_somebody_told_of_the_step_is_not_told_again(service: Service, smtp: ScriptedMailServer) -> None:
    smtp.rcpt_answer = "550 5.1.1"
    service.handle(DeadlineMissed(**clock(Life(1), HEADQUARTERS)), DeadlineEscalated(**clock(Life(1)), to="garrison"))
    service.send_due()
    rows = service.query("select cause, recipient, channel, count(*) from notice group by 1, 2, 3 having count(*) > 1")
    assert rows == []


@pytest.mark.parametrize("taken_up", [False, True], ids=["new", "verification"])
def test_the_mail_after_a_transfer_names_the_deadline(
    service: Service, smtp: ScriptedMailServer, taken_up: bool
) -> None:
    life = Life(1).then(CaseOpened, 1)
    since = SUBMITTED
    if taken_up:
        since += timedelta(seconds=4)
        life.then(CaseTakenUp, 4)
    life.owner = Owner(unit="KPP-1601", unit_name="KPP Brzeg", garrison="OPO")
    life.then(CaseTransferred, 5, previous=OPOLE, running_since=since)
    service.handle(*life.events)
    service.send_due()
    body = next(mail.get_content() for mail in smtp.mails if mail["To"] == "kpp-1601@policja.example")
    due = since + timedelta(seconds=20 if taken_up else 10)
    assert instant_phrase(due, "pl") in body

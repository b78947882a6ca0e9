"""Who reported what went on under another number is told what became of that, and the address is kept until then."""

from collections.abc import Sequence
from itertools import permutations

import pytest
from contracts.base import ReportEvent
from contracts.events.cases import (
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CasesMerged,
    CaseSupported,
    CaseTakenUp,
    QuestionAsked,
)
from fastapi.testclient import TestClient
from notifier.app import keep_house
from notifier.links import Purpose, signed_link
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import ADDRESS, Service

MERGED = "Zgłoszenie OPO-26-000001-A: Połączone z innym zgłoszeniem"


def subjects(smtp: ScriptedMailServer) -> list[str]:
    return [subject for to, subject in smtp.summaries if to == ADDRESS][1:]


def goes_on(number: int, absorbed: Life) -> Life:
    """Another report's case that went on for this one; what was decided before is no news to its reporter."""
    return Life(number).then(CaseOpened, 0).then(CaseTakenUp, 1).then(CaseSupported, 3, absorbed=absorbed.id)


def say_yes(service: Service, smtp: ScriptedMailServer, web: TestClient, life: Life) -> None:
    service.send_due()
    assert web.post(signed_link("", Purpose.CONTACT, life.id, service.settings.link_key)).status_code == 200


def ended(life: Life, target: Life) -> Life:
    return life.then(CasesMerged, 3, into=target.id, into_number="OPO-26-000002-B")


def test_the_end_of_the_case_that_went_on_is_told_and_then_the_address_is_gone(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    say_yes(service, smtp, web, life)
    target = goes_on(2, life)
    service.handle(*ended(life, target).events, *target.events)
    service.send_due()
    keep_house(service.settings, service.database)
    assert subjects(smtp) == [MERGED]
    assert "usuwany" not in smtp.mails[-1].get_content()
    assert service.tombstones() == []
    for kind, after in ((CaseConfirmed, 4), (CaseEliminated, 5)):
        target.then(kind, after, case_number="OPO-26-000002-B")
        service.handle(*target.events)
        service.send_due()
    assert [subject.rpartition(": ")[2] for subject in subjects(smtp)[1:]] == [
        "Potwierdzone",
        "Potwierdzone (wyeliminowane)",
    ]
    body = smtp.mails[-1].get_content()
    assert "OPO-26-000001-A" in smtp.mails[-1]["Subject"]
    assert "OPO-26-000002-B" in body
    assert "usuwany" in body
    keep_house(service.settings, service.database)
    assert service.tombstones() == [str(life.id)]
    service.handle(*life.events, *target.events)
    assert service.send_due() == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_whatever_order_it_is_read_the_end_is_told_once(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient, order: Sequence[int]
) -> None:
    say_yes(service, smtp, web, life)
    middle = goes_on(2, life)
    last = goes_on(3, middle).then(CaseConfirmed, 5).then(CaseEliminated, 6)
    ended(middle, last)
    lives: list[list[ReportEvent]] = [ended(life, middle).events, middle.events, last.events]
    for number in order:
        service.handle(*lives[number])
    service.send_due()
    keep_house(service.settings, service.database)
    assert subjects(smtp)[-1].endswith("Potwierdzone (wyeliminowane)")
    assert len([subject for subject in subjects(smtp) if "wyeliminowane" in subject]) == 1
    assert service.tombstones() == [str(life.id)]


def test_whoever_says_yes_after_the_merger_is_told_of_the_other_case(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    target = goes_on(2, life).then(CaseConfirmed, 4)
    service.handle(*ended(life, target).events, *target.events)
    say_yes(service, smtp, web, life)
    service.send_due()
    assert subjects(smtp) == ["Zgłoszenie OPO-26-000001-A: Potwierdzone"]


def test_what_another_reporter_is_asked_is_not_told_to_this_one(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    say_yes(service, smtp, web, life)
    target = goes_on(2, life)
    service.handle(*ended(life, target).events, *target.events)
    service.send_due()
    service.handle(*target.then(QuestionAsked, 4).events)
    service.send_due()
    assert subjects(smtp) == [MERGED]
    service.handle(*target.then(CaseConfirmed, 5, case_number="OPO-26-000002-B").events)
    service.send_due()
    assert subjects(smtp)[1:] == ["Zgłoszenie OPO-26-000001-A: Potwierdzone"]

"""A citizen who left a contact: one question, nothing before a yes, the news after it, and then forgotten."""

import re
from datetime import timedelta

import pytest
from chassis.clock import now
from contracts.events.cases import (
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CaseReferred,
    CaseRejected,
    CaseTakenUp,
    QuestionAsked,
)
from contracts.events.reports import ErasureRequested
from contracts.topics import CONTACT
from fastapi.testclient import TestClient
from notifier.app import keep_house
from notifier.delivery.dispatcher import group_due
from notifier.links import Purpose, signed_link
from support.events import received, received_tombstone
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import ADDRESS, Service, contact


def path(service: Service, life: Life) -> str:
    return signed_link("", Purpose.CONTACT, life.id, service.settings.link_key)


def mail_to_citizen(smtp: ScriptedMailServer) -> list[str]:
    return [subject for to, subject in smtp.summaries if to == ADDRESS]


def test_nothing_is_sent_before_a_yes_but_one_question(service: Service, smtp: ScriptedMailServer, life: Life) -> None:
    service.handle(received(contact(life), at=now()), *life.then(CaseTakenUp, 2).then(CaseConfirmed, 3).events)
    service.send_due()
    assert mail_to_citizen(smtp) == ["Czy możemy pisać do Ciebie w sprawie zgłoszenia?"]
    body = smtp.mails[0].get_content()
    assert "112" in body
    assert path(service, life) in re.sub(r"\s", "", body)


def test_opening_the_link_changes_nothing_and_the_button_says_yes(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    service.send_due()
    asked = web.get(path(service, life))
    assert asked.status_code == 200
    assert "<button>Tak, piszcie do mnie</button>" in asked.text
    assert asked.headers["referrer-policy"] == "no-referrer"
    service.handle(*life.then(CaseTakenUp, 2).events)
    assert service.send_due() == 0
    assert web.post(path(service, life)).status_code == 200
    service.send_due()
    assert mail_to_citizen(smtp)[1:] == ["Zgłoszenie OPO-26-000001-A: Weryfikacja"]
    assert web.post(path(service, life)).status_code == 200
    assert service.send_due() == 0


def test_after_a_yes_a_question_is_told_and_none_of_its_words(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    service.send_due()
    web.post(path(service, life))
    service.handle(*life.then(QuestionAsked, 2).events)
    service.send_due()
    assert mail_to_citizen(smtp)[1:] == ["Zgłoszenie OPO-26-000001-A: pytanie do Ciebie"]
    assert "na stronie potwierdzenia" in " ".join(smtp.mails[-1].get_content().split())


def test_after_a_yes_each_change_is_told_and_after_the_last_the_address_is_gone(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    service.send_due()
    web.post(path(service, life))
    for kind, after in ((CaseTakenUp, 2), (CaseConfirmed, 3), (CaseReferred, 4), (CaseEliminated, 5)):
        service.handle(*life.then(kind, after).events)
        keep_house(service.settings, service.database)
        service.send_due()
    assert [subject.rpartition(": ")[2] for subject in mail_to_citizen(smtp)[1:]] == [
        "Weryfikacja",
        "Potwierdzone",
        "Potwierdzone (przekazane poza Policję)",
        "Potwierdzone (wyeliminowane)",
    ]
    assert "usuwany" in smtp.mails[-1].get_content()
    keep_house(service.settings, service.database)
    assert service.tombstones() == [str(life.id)]
    assert service.query("select contact_sealed from report") == [{"contact_sealed": None}]
    assert web.get(path(service, life)).status_code == 404
    # The contact comes again, as after a replay, and stays erased.
    service.handle(received(contact(life), at=now()), *life.events)
    keep_house(service.settings, service.database)
    assert service.send_due() == 0
    assert service.tombstones() == [str(life.id)]


def test_the_outcome_is_told_before_the_address_is_erased_also_when_mail_is_slow(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    web.post(path(service, life))
    service.handle(*life.then(CaseRejected, 2).events)
    keep_house(service.settings, service.database)
    assert service.tombstones() == []
    service.send_due()
    keep_house(service.settings, service.database)
    assert service.tombstones() == [str(life.id)]
    assert mail_to_citizen(smtp)[-1] == "Zgłoszenie OPO-26-000001-A: Żart lub pomyłka"


def test_overtaken_news_is_not_told(service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient) -> None:
    service.send_due()
    web.post(path(service, life))
    taken_up, confirmed = life.then(CaseTakenUp, 2).then(CaseConfirmed, 3).changes[1:]
    service.handle(confirmed)
    service.handle(taken_up)
    service.send_due()
    assert mail_to_citizen(smtp)[1:] == ["Zgłoszenie OPO-26-000001-A: Potwierdzone"]


def test_news_held_up_by_a_mail_server_gives_way_to_later_news(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    web.post(path(service, life))
    service.handle(*life.then(CaseTakenUp, 2).events)
    group_due(service.database)
    smtp.rcpt_answer = "450 4.2.0"
    assert service.send_one()
    smtp.rcpt_answer = None
    service.handle(*life.then(CaseConfirmed, 3).events)
    service.send_due()
    assert mail_to_citizen(smtp) == ["Zgłoszenie OPO-26-000001-A: Potwierdzone"]


@pytest.mark.parametrize("confirmed", [False, True])
def test_who_asks_for_erasure_is_forgotten_at_once(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient, confirmed: bool
) -> None:
    if confirmed:
        web.post(path(service, life))
        service.handle(*life.then(CaseTakenUp, 2).events)
    asked = ErasureRequested(report_id=life.id, said_at=now())
    service.handle(asked)
    service.handle(asked, received(contact(life), at=now()))
    assert service.send_due() == 0
    assert service.tombstones() == [str(life.id)]
    assert service.query("select 1 from report where contact_sealed is not null") == []
    assert web.post(path(service, life)).status_code == 404


def test_an_erasure_that_is_read_before_the_contact_wins(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1).then(CaseOpened, 1)
    service.handle(ErasureRequested(report_id=life.id, said_at=now()))
    service.handle(received(contact(life), at=now()), life.submitted)
    assert service.send_due() == 0
    assert service.tombstones() == [str(life.id)]


def test_a_tombstone_on_the_topic_erases_and_is_not_answered(
    service: Service, smtp: ScriptedMailServer, life: Life
) -> None:
    service.handle(received_tombstone(CONTACT, str(life.id)))
    assert service.send_due() == 0
    assert service.tombstones() == []
    assert service.query("select 1 from report where contact_sealed is not null") == []


def test_who_does_not_answer_in_time_is_forgotten(
    service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient
) -> None:
    service.send_due()
    service.execute("update report set contact_given_at = contact_given_at - interval '7 days'")
    assert web.get(path(service, life)).status_code == 404
    assert web.post(path(service, life)).status_code == 404
    keep_house(service.settings, service.database)
    assert service.tombstones() == [str(life.id)]
    service.handle(*life.then(CaseTakenUp, 2).events)
    assert service.send_due() == 0


def test_a_contact_from_long_ago_is_not_asked_again(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1)
    service.handle(received(contact(life), at=now() - timedelta(days=8)), life.submitted)
    assert service.send_due() == 0
    keep_house(service.settings, service.database)
    assert service.tombstones() == [str(life.id)]


def test_a_contact_without_a_report_is_not_written_to(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1)
    service.handle(received(contact(life), at=now()))
    assert service.send_due() == 0
    service.handle(life.submitted)
    assert service.send_due() == 1


def test_no_is_an_answer_too(service: Service, smtp: ScriptedMailServer, life: Life, web: TestClient) -> None:
    web.post(path(service, life))
    answer = web.post(f"{path(service, life)}/erasure")
    assert "usunięty" in answer.text
    assert service.tombstones() == [str(life.id)]
    assert web.post(f"{path(service, life)}/erasure").status_code == 404
    assert service.send_due() == 0


def test_english_is_spoken_to_those_who_chose_it(service: Service, smtp: ScriptedMailServer, web: TestClient) -> None:
    life = Life(1).then(CaseOpened, 1)
    service.handle(received(contact(life, language="en"), at=now()), life.submitted)
    service.send_due()
    assert mail_to_citizen(smtp) == ["May we write to you about your report?"]
    assert "Yes, write to me" in web.get(path(service, life)).text


def test_while_the_database_is_away_the_button_asks_to_come_back(service: Service, life: Life, web: TestClient) -> None:
    service.database.close()
    refused = web.post(path(service, life))
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0

"""The page behind the link in a mail to an agency: opening it changes nothing, its buttons answer, each once."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from chassis.clock import now
from chassis.health import Health
from chassis.postgres import Database
from contracts.agencies import AgencyChannel
from contracts.events.cases import CaseAcknowledged, CaseReturned
from contracts.events.referrals import ReferralAnswer, ReferralDeclined
from fastapi.testclient import TestClient
from notifier.api import application
from notifier.links import Purpose, signed_link, signed_token
from notifier.settings import Settings
from support.histories import Life
from support.notifier.agencies import CODE, reached_by, referred
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service
from support.stack.databases import Clone
from support.web.html import validate

ADDRESS = "drogi@gmina.example"
LANGUAGES = {"pl": "Mamy to", "en": "We have it", "uk": "", "de": "", "cs": ""}


@pytest.fixture
def service(clone: Clone, make_settings: Callable[..., Settings]) -> Iterator[Service]:
    store = Database(clone.service)
    yield Service(make_settings(), store, reached_by(AgencyChannel.EMAIL, ADDRESS))
    store.close()


@pytest.fixture
def web(service: Service) -> Iterator[TestClient]:
    with TestClient(application(service.settings, service.database, service.agencies, Health())) as client:
        yield client


@pytest.fixture
def life(service: Service) -> Life:
    life = referred()
    service.handle(*life.events)
    return life


@pytest.fixture
def path(service: Service, life: Life) -> str:
    return signed_link("", Purpose.ANSWER, life.changes[-1].referral_id, service.settings.link_key)  # type: ignore[attr-defined]


def passed_on(service: Service) -> list[ReferralAnswer]:
    return [each.data for each in service.published() if isinstance(each.data, ReferralAnswer)]


def test_the_mail_goes_to_the_agency_itself_and_carries_the_link(
    service: Service, smtp: ScriptedMailServer, path: str
) -> None:
    assert service.send_due() >= 1
    (mail,) = [mail for mail in smtp.mails if mail["To"] == ADDRESS]
    words = mail.get_content()
    assert f"{service.settings.links_url}{path}" in words.split()
    assert "OPO-26-000001-A" in words
    assert not [mail for mail in smtp.mails if "agencja.example" in mail["To"]]


def test_opening_changes_nothing_and_a_button_answers_once(service: Service, path: str, web: TestClient) -> None:
    before = service.query("select count(*) as n from outbox")
    for _ in range(2):
        shown = web.get(path)
        assert shown.status_code == 200
        assert web.head(path).status_code == 200
    assert service.query("select count(*) as n from outbox") == before
    assert service.query("select * from referral_answer") == []
    assert "OPO-26-000001-A" in shown.text
    for _ in range(2):
        answered = web.post(path, data={"answer": "ReferralAcknowledged"})
        assert answered.status_code == 200
        validate(answered.text)
    (answer,) = passed_on(service)
    assert (type(answer).__name__, answer.agency) == ("ReferralAcknowledged", CODE)
    assert 'value="ReferralAcknowledged"' in shown.text
    assert 'value="ReferralAcknowledged"' not in answered.text


def test_who_declines_names_who_answers_or_nothing_changes(service: Service, path: str, web: TestClient) -> None:
    for named in ("", "   ", "x" * 201, "a\nb"):
        refused = web.post(path, data={"answer": "ReferralDeclined", "responsible_agency": named})
        assert refused.status_code == 422
        assert 'aria-invalid="true"' in refused.text
        validate(refused.text)
    assert passed_on(service) == []
    name = 'Zarząd "Dróg" <Powiatowych>'
    done = web.post(path, data={"answer": "ReferralDeclined", "responsible_agency": f" {name} "})
    assert done.status_code == 200
    (answer,) = passed_on(service)
    assert isinstance(answer, ReferralDeclined)
    assert answer.responsible_agency == name
    assert "<form" not in done.text
    web.post(path, data={"answer": "ReferralClosed"})
    assert len(passed_on(service)) == 1


@pytest.mark.parametrize("form", ["", "answer=", "answer=Nonsense", "answer=ReferralMade", "=&&%00%ff", "a=b"])
def test_a_form_that_is_none_of_ours_changes_nothing(service: Service, path: str, web: TestClient, form: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert web.post(path, content=form, headers=headers).status_code == 422
    assert web.post(path, content="{}", headers={"content-type": "application/json"}).status_code == 415
    assert passed_on(service) == []


def test_what_casework_knows_is_shown(service: Service, path: str, life: Life, web: TestClient) -> None:
    service.handle(*life.then(CaseAcknowledged, 5).events)
    assert 'value="ReferralAcknowledged"' not in web.get(path).text
    service.handle(*life.then(CaseReturned, 6).events)
    shown = web.get(path)
    assert "<form" not in shown.text
    assert web.post(path, data={"answer": "ReferralClosed"}).status_code == 200
    assert passed_on(service) == []


def test_a_link_that_is_too_old_or_not_ours_says_so_and_no_more(
    service: Service, path: str, life: Life, web: TestClient
) -> None:
    referral_id = life.changes[-1].referral_id  # type: ignore[attr-defined]
    others = [
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        f"{path}=",
        path.replace(
            signed_token(Purpose.ANSWER, referral_id, service.settings.link_key),
            signed_token(Purpose.ANSWER, life.id, b"another key"),
        ),
        signed_link("", Purpose.ANSWER, life.id, service.settings.link_key),  # signed, of a referral long ago
        path.replace(
            signed_token(Purpose.ANSWER, referral_id, service.settings.link_key),
            signed_token(Purpose.LETTER, referral_id, service.settings.link_key),
        ),
    ]
    age = service.settings.answer_within + timedelta(days=1)
    older = referred(referral_id=life.id, changed_at=now() - age)
    service.execute("delete from referral where referral_id = %s", life.id)
    service.handle(*older.changes[-1:])
    for other in others:
        for answered in (web.get(other), web.post(other, data={"answer": "ReferralClosed"})):
            assert answered.status_code == 404
            assert "OPO-26" not in answered.text
    validate(web.get(others[0]).text)
    assert passed_on(service) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_five_languages_and_keeps_to_the_policy(path: str, web: TestClient, language: str) -> None:
    shown = web.get(f"{path}?lang={language}&utm_source=mail")
    validate(shown.text)
    assert shown.headers["content-language"] == language
    assert re.search(f'<html lang="{language}"', shown.text)
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in shown.headers
    english = {"Handed over by", "We have it", "Give it back", "It is not yours?"}
    assert {words for words in english if words in shown.text} == (english if language == "en" else set())

"""An agency that is written to on paper: the unit prints a letter, which says how to answer and carries the link to."""

import re
from collections.abc import Callable, Iterator

import pytest
from chassis.health import Health
from chassis.postgres import Database
from contracts.agencies import AgencyChannel
from contracts.events.referrals import ReferralAnswer, ReferralClosed
from fastapi.testclient import TestClient
from notifier.api import application
from notifier.settings import Settings
from support.notifier.agencies import CODE, reached_by, referred
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service
from support.stack.databases import Clone
from support.web.html import validate

HOME = "ul. Rynek 1 <parter>, 45-015 Opole"


@pytest.fixture
def service(clone: Clone, make_settings: Callable[..., Settings]) -> Iterator[Service]:
    store = Database(clone.service)
    yield Service(make_settings(), store, reached_by(AgencyChannel.LETTER, HOME))
    store.close()


@pytest.fixture
def web(service: Service) -> Iterator[TestClient]:
    with TestClient(application(service.settings, service.database, service.agencies, Health())) as client:
        yield client


def links_in(words: str, service: Service) -> list[str]:
    """The paths of links about referrals."""
    return re.findall(rf"{re.escape(service.settings.links_url)}(/v1/referral-[a-z]+/[A-Za-z0-9_-]+)", words)


def test_the_unit_prints_a_letter_whose_link_answers(
    service: Service, smtp: ScriptedMailServer, web: TestClient
) -> None:
    life = referred()
    service.handle(*life.events)
    service.handle(*life.events)
    service.send_due()
    assert not service.query("select * from notice where recipient = %s", CODE)
    kinds = service.query("select audience, recipient from notice where kind = 'letter-to-print'")
    assert kinds == [{"audience": "unit", "recipient": life.owner.unit}]
    mails = [mail for mail in smtp.mails if mail["To"] == f"{life.owner.unit.lower()}@policja.example"]
    (path,) = {link for mail in mails for link in links_in(mail.get_content(), service)}
    letter = web.get(path, headers={"accept-language": "en"})
    assert letter.status_code == 200
    validate(letter.text)
    assert letter.headers["content-language"] == "pl"
    assert "Zarząd Dróg" in letter.text
    assert "ul. Rynek 1 &lt;parter&gt;, 45-015 Opole" in letter.text
    assert "OPO-26-000001-A" in letter.text
    (answer,) = links_in(letter.text, service)
    assert service.query("select * from referral_answer") == []
    assert web.post(answer, data={"answer": "ReferralClosed"}).status_code == 200
    (said,) = [each.data for each in service.published() if isinstance(each.data, ReferralAnswer)]
    assert isinstance(said, ReferralClosed)
    assert said.agency == CODE


def test_the_link_to_a_letter_answers_nothing(service: Service, smtp: ScriptedMailServer, web: TestClient) -> None:
    service.handle(*referred().events)
    service.send_due()
    (path,) = {link for mail in smtp.mails for link in links_in(mail.get_content(), service)}
    token = path.rpartition("/")[2]
    assert web.get(f"/v1/referral-answers/{token}").status_code == 404
    assert web.post(f"/v1/referral-answers/{token}", data={"answer": "ReferralClosed"}).status_code == 404
    assert web.post(path, data={"answer": "ReferralClosed"}).status_code == 405
    for wrong in (f"{path}A", path[:-2], f"{path[:-1]}=", "/v1/referral-letters/%FF"):
        assert web.get(wrong).status_code == 404

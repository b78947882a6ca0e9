"""The page of a receipt: how the report stands, what comes next, and that its address stays a secret."""

import re

import pytest
from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseConfirmed, CaseEliminated, CaseOpened, CaseTakenUp, CaseUnconfirmed
from fastapi.testclient import TestClient
from httpx import Response
from support.public_map.public_lives import DAY, Life, feed

UNIT = "Komenda Miejska Policji w Opolu"


def page_of(reader: TestClient, life: Life) -> Response:
    page: Response = reader.get(f"/r/{life.receipt}", params={"lang": "en"})
    assert page.status_code == 200, page.text
    return page


def words(page: Response) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.text))


def test_the_address_is_kept_by_nobody(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    feed(store, [life.submitted()])
    headers = page_of(reader, life).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert "connect-src 'self' http://127.0.0.1:8101;" in headers["content-security-policy"]
    assert not re.search(r'(?:src|href)="https?://', page_of(reader, life).text)


def test_a_page_that_is_asked_for_again_says_only_what_is_new(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    feed(store, [life.submitted()])
    tag = page_of(reader, life).headers["etag"]
    address = f"/r/{life.receipt}?lang=en"
    assert reader.get(address, headers={"If-None-Match": tag}).status_code == 304
    feed(store, [life.routed()])
    assert reader.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_page_says_what_comes_next_until_when(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    feed(store, [life.submitted()])
    assert "unit that answers for the place is being found" in words(page_of(reader, life))
    feed(store, [life.routed(), life.change(CaseOpened)])
    said = words(page_of(reader, life))
    assert f"The report has reached {UNIT}" in said
    assert "What comes next: To be taken up by " in said
    assert life.number in said


def test_what_is_overdue_is_said(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now() - 4 * DAY)
    feed(store, [life.submitted(), life.routed(), life.change(CaseOpened)])
    said = words(page_of(reader, life))
    assert "superiors have been told" in said
    assert "overdue" in said


def test_a_decision_says_how_often_officers_were_there(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    feed(store, [life.submitted(), life.routed()])
    feed(store, [life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseConfirmed)])
    said = words(page_of(reader, life))
    assert "Confirmed: officers found it" in said
    assert "Officers were there 2 times." in said
    assert "It is still there" not in said


@pytest.mark.parametrize("closing", [CaseUnconfirmed, CaseEliminated])
def test_a_closed_report_can_be_contested(store: Database, reader: TestClient, closing: type) -> None:
    life = Life(1, clock.now())
    feed(store, [life.submitted(), life.routed()])
    feed(store, [life.change(kind) for kind in (CaseOpened, CaseTakenUp, closing)])
    assert 'data-say="contest"' in page_of(reader, life).text


def test_the_page_has_the_link_as_a_code(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    feed(store, [life.submitted()])
    text = page_of(reader, life).text
    assert f'value="http://127.0.0.1:8100/r/{life.receipt}"' in text
    assert "<svg" in text[text.index('class="qr"') :]


def test_who_has_just_sent_is_told_so_until_the_map_hears_of_it(store: Database, reader: TestClient) -> None:
    life = Life(1, clock.now())
    address = f"/r/{life.receipt}?lang=en&sent=1"
    page = reader.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 202  # a browser complains of 404
    assert page.headers["cache-control"] == "no-store"
    assert "The report is sent" in page.text
    assert 'data-status="unknown"' in page.text
    feed(store, [life.submitted()])
    page = reader.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert 'data-status="new"' in page.text


@pytest.mark.parametrize("receipt", ["x" * 22, "zażółć", "a", "%20"])
def test_a_receipt_nobody_knows_says_to_wait(reader: TestClient, receipt: str) -> None:
    address = f"/r/{receipt}?lang=en"
    page = reader.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "No report has this link yet" in page.text
    answer = reader.get(address)  # a program's
    assert (answer.status_code, answer.json()["title"]) == (404, "Unknown receipt")
    assert page.headers["cache-control"] == answer.headers["cache-control"] == "no-store"

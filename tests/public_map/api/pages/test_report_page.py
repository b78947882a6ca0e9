"""The form to report with, as the server renders it, and what it asks before sending."""

import re
from datetime import datetime

import pytest
from contracts.base import POLAND
from contracts.policy.categories import catalogues
from contracts.policy.emergency import emergency_words
from fastapi.testclient import TestClient


def test_the_form_offers_every_category_with_what_belongs_there(reader: TestClient) -> None:
    page = reader.get("/report?lang=en")
    assert page.status_code == 200
    for category in catalogues()[-1].category:
        assert f'value="{category.code}"' in page.text
    assert page.text.count("Not here:") == len(catalogues()[-1].category)


def test_the_form_may_speak_to_intake_and_ask_for_the_position(reader: TestClient) -> None:
    headers = reader.get("/report").headers
    assert "connect-src 'self' http://127.0.0.1:8101" in headers["content-security-policy"]
    assert "geolocation=(self)" in headers["permissions-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_the_form_says_112_first_and_has_no_ready_answers(reader: TestClient) -> None:
    page = reader.get("/report?lang=en").text
    assert page.index("tel:112") < page.index("<h1")
    assert not re.search(r'name="category"[^>]*checked', page)
    assert str(list(POLAND)) in page or '"bounds"' in page


def test_another_page_can_say_with_what_the_form_begins(reader: TestClient) -> None:
    known = "category=parking&longitude=17.9&latitude=50.6&continues=672264e1-c158-589c-ba45-b1bbb8f36a68"
    assert reader.get(f"/report?{known}").status_code == 200


def test_the_promises_are_said_before_sending(reader: TestClient) -> None:
    answer = reader.get("/v1/promises", params={"category": "parking"})
    promised = {name: datetime.fromisoformat(instant) for name, instant in answer.json().items()}
    assert (promised["verify_by"] - promised["take_up_by"]).days in (4, 5)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("category", ["", "nothing", "PARKING"])
def test_nothing_is_promised_for_what_is_no_category(reader: TestClient, category: str) -> None:
    assert reader.get("/v1/promises", params={"category": category}).status_code == 422


def test_the_browser_gets_the_lists_that_intake_uses(reader: TestClient) -> None:
    lists = reader.get("/v1/emergency-words").json()
    assert lists["version"] == emergency_words().version
    assert lists["language"]["pl"]["always"] == list(emergency_words().language["pl"].always)

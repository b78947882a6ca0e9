"""What may be reported, and what is then said of it."""

from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import msgspec
import pytest
from contracts.events.reports import ReportContent
from contracts.policy.categories import catalogue_at
from contracts.policy.terms import policy
from intake.domain.events import report_content, report_submitted
from intake.domain.field_errors import EXPECTED, InvalidForm, checked_form, decode_form
from intake.domain.forms import ReportForm
from intake.domain.receipts import receipt_answer
from support.events import report_id

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CATALOGUE = catalogue_at(AT)
REQUIRED = {"category": "speeding", "longitude": 17.9213, "latitude": 50.6751}
SECOND = timedelta(seconds=1)


def form(**more: Any) -> ReportForm:
    return decode_form(msgspec.json.encode({**REQUIRED, **more}))


def wrong_fields(**more: Any) -> list[str]:
    try:
        checked_form(form(**more), CATALOGUE, AT)
    except InvalidForm as invalid:
        return [error.field for error in invalid.errors]
    return []


def test_what_is_expected_is_written_for_every_field() -> None:
    assert set(EXPECTED) == {*ReportForm.__struct_fields__, "contact.email"}


@pytest.mark.parametrize("category", CATALOGUE.category, ids=lambda category: category.code)
def test_words_are_asked_for_where_the_category_wants_them(category: Any) -> None:
    needed = ["description"] if category.description else []
    assert wrong_fields(category=category.code) == needed
    assert wrong_fields(category=category.code, description=" \u200b\u200e\n\t\u3164 ") == needed
    assert wrong_fields(category=category.code, description="Bójki w nocy") == []


@pytest.mark.parametrize(
    ("occurred_at", "taken"),
    [
        (AT - timedelta(days=30), True),
        (AT - timedelta(days=30) - SECOND, False),
        (AT + timedelta(minutes=5), True),
        (AT + timedelta(minutes=5) + SECOND, False),
    ],
)
def test_it_happened_in_the_last_30_days_or_just_now(occurred_at: datetime, taken: bool) -> None:
    assert (wrong_fields(occurred_at=occurred_at) == []) == taken


def test_everything_that_is_wrong_is_named_at_once() -> None:
    assert wrong_fields(category="no-such", occurred_at=AT + timedelta(days=1)) == ["category", "occurred_at"]


@pytest.mark.parametrize("address", ["name@example.org\n", "=?utf-8?q??=@example.org", "Jan <name@example.org>"])
def test_a_contact_is_one_plain_address(address: str) -> None:
    assert wrong_fields(contact={"email": address}) == ["contact.email"]
    assert wrong_fields(contact={"email": "jan@żółw.pl"}) == []


def test_the_fact_holds_the_form_and_neither_words_nor_contact() -> None:
    sent = form(
        occurred_at=AT, weekdays=[7, 1, 7], time_of_day="night", description="x", contact={"email": "a@example.org"}
    )
    event = report_submitted(sent, report_id(1), "r" * 22, AT)
    assert (event.weekdays, event.time_of_day, event.occurred_at) == ((1, 7), "night", AT)
    assert event.has_content
    assert event.has_contact
    assert b"example.org" not in msgspec.json.encode(event)
    assert b"rrr" not in msgspec.json.encode(event)


def description(words: str) -> str | None:
    return checked_form(form(description=words), CATALOGUE, AT).description


def test_the_words_are_taken_in_their_one_form() -> None:
    assert description(" a\u200bb\u00adc\r\nd\u200e ") == "abc\nd"
    assert description("z\u0307o\u0301łw") == "żółw"
    assert description("\u200b\u3164 ") is None
    assert description("👩\u200d👩\u200d👧" * 400) is not None
    sent = checked_form(form(description=" \u200bx"), CATALOGUE, AT)
    assert report_content(sent, report_id(1)) == ReportContent(report_id=report_id(1), description="x")
    assert report_content(form(), report_id(1)) is None


@pytest.mark.parametrize("words", ["a\u202eb", "\u2066a\u2069", "ą" * 501])
def test_words_that_hide_something_or_are_too_many_are_refused(words: str) -> None:
    assert wrong_fields(description=words) == ["description"]


def test_the_answer_promises_what_the_policy_says() -> None:
    event = report_submitted(form(language="en"), report_id(1), "r" * 22, AT)
    category = CATALOGUE.by_code["speeding"]
    promise = policy().promise("speeding", AT)
    answer = receipt_answer(event, category, "r" * 22, promise, "https://mapa.example.org/", "call 112")
    assert (answer.take_up_by, answer.verify_by) == (AT + timedelta(days=2), AT + timedelta(days=7))
    assert answer.links.status == f"https://mapa.example.org/v1/receipts/{'r' * 22}"
    assert (answer.status, answer.status_label) == ("new", "New")
    assert answer.category_name == category.names.en
    assert answer.note == "call 112"


@pytest.mark.parametrize("part", [" - at `$.a[", "]", "`", " - at `", "[", "\\n"])
def test_words_like_those_of_an_error_are_refused_at_once(part: str) -> None:
    value = (part * 30_000)[:30_000] + "]" * 1_000
    body = f'{{"category":"speeding","longitude":17.9,"latitude":50.6,"time_of_day":"{value}"}}'.encode()
    began = process_time()
    with pytest.raises(InvalidForm) as invalid:
        decode_form(body)
    assert process_time() - began < 0.1
    assert [error.field for error in invalid.value.errors] == ["time_of_day"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"category":"speeding","category":"parking","longitude":17.9,"latitude":50.6}', "category"),
        (b'{"category":"speeding","longitude":17.9,"latitude":50.6,"c\\u0061tegory":"parking"}', "category"),
        (
            b'{"category":"speeding","longitude":17.9,"latitude":50.6,'
            b'"contact":{"email":"a@example.org","email":"b@example.org"}}',
            "contact.email",
        ),
    ],
)
def test_a_field_that_stands_there_twice_is_refused(body: bytes, field: str) -> None:
    with pytest.raises(InvalidForm) as invalid:
        decode_form(body)
    assert [error.field for error in invalid.value.errors] == [field]

"""Times, numbers and counts as people read them in each language."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from contracts.statuses import LABELS, Language, Status
from jinja2 import Environment
from web.texts import phrases
from web.texts.browser import browser_catalogue, plural_forms
from web.texts.languages import LANGUAGES, LOCALES, NAMES, chosen_language
from web.texts.templates import localise

SATURDAY = datetime(2026, 11, 28, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "deadline", "instant"),
    [
        ("pl", "do soboty 28 listopada, 14:05", "28 listopada 2026, 14:05"),
        ("en", "by Saturday 28 November, 14:05", "28 November 2026, 14:05"),
        ("uk", "до суботи 28 листопада, 14:05", "28 листопада 2026\u202fр., 14:05"),
        ("de", "bis Samstag, 28. November, 14:05 Uhr", "28. November 2026, 14:05"),
        ("cs", "do soboty 28. listopadu, 14:05", "28. listopadu 2026, 14:05"),
    ],
)
def test_a_deadline_is_said_as_people_say_it(language: Language, deadline: str, instant: str) -> None:
    assert phrases.deadline_phrase(SATURDAY, language) == deadline
    assert phrases.instant_phrase(SATURDAY, language) == instant
    assert phrases.instant_phrase(None, language) == ""


def test_a_day_of_an_instant_is_the_one_in_warsaw() -> None:
    late = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
    assert phrases.day_phrase(late, "pl") == "29 listopada 2026"
    assert phrases.deadline_phrase(late, "pl") == "do niedzieli 29 listopada, 00:30"
    assert phrases.day_phrase(date(2026, 11, 28), "pl") == "28 listopada 2026"
    assert phrases.weekday_phrase(late, "en") == "Sunday, 29 November 2026"


def test_how_far_off_and_how_many() -> None:
    assert phrases.relative_phrase(SATURDAY + timedelta(hours=3), SATURDAY, "pl") == "za 3 godziny"
    assert phrases.relative_phrase(SATURDAY - timedelta(days=5), SATURDAY, "cs") == "před 5 dny"
    assert phrases.number_phrase(12345, "pl") == "12\u00a0345"
    assert phrases.number_phrase(12345, "de") == "12.345"


def test_every_language_has_what_belongs_to_it() -> None:
    assert get_args(Language) == LANGUAGES
    assert LOCALES.keys() == NAMES.keys() == set(LANGUAGES)
    for status in Status:
        assert LABELS[status].keys() == set(LANGUAGES)
        assert all(LABELS[status].values())
    assert all("112" in phrases.emergency_phrase(language) for language in LANGUAGES)
    assert len({phrases.emergency_phrase(language) for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, None, "pl"),
        ("uk", "de", "uk"),
        ("fr", "de-AT,de;q=0.9", "de"),
        (None, "fr, cs;q=0.5, en;q=0.4", "cs"),
        (None, "en;q=0, *;q=x", "pl"),
        ("", "q=,,;;", "pl"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_preferred_one(
    asked: str | None, accepted: str | None, language: str
) -> None:
    assert chosen_language(asked, accepted) == language


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("pl", {"one": 0, "few": 1, "many": 2}),
        ("uk", {"one": 0, "few": 1, "many": 2}),
        ("cs", {"one": 0, "few": 1, "other": 2}),
        ("de", {"one": 0, "other": 1}),
        ("en", {"one": 0, "other": 1}),
    ],
)
def test_browsers_and_gettext_mean_the_same_form_by_a_number(language: Language, forms: dict[str, int]) -> None:
    assert plural_forms("web", language) == forms


def test_scripts_get_what_they_say_and_no_more() -> None:
    catalogue = json.loads(browser_catalogue("web", "pl"))
    assert catalogue["messages"]["by Saturday %(day)s, %(time)s"] == "do soboty %(day)s, %(time)s"
    assert "This is not an emergency channel. In an emergency call 112." not in catalogue["messages"]
    assert json.loads(browser_catalogue("web", "en"))["messages"] == {}


def test_templates_speak_one_language_and_escape_what_is_filled_in() -> None:
    environment = Environment(autoescape=True)
    localise(environment, "web", "uk")
    template = environment.from_string(
        "{{ at|deadline }} {{ _('by Sunday %(day)s, %(time)s', day='<b>', time='1') }} {{ language }}"
    )
    assert template.render(at=SATURDAY) == "до суботи 28 листопада, 14:05 до неділі &lt;b&gt;, 1 uk"
    assert "<" not in environment.from_string("{{ texts }}").render()

"""The words: every kind in every language, 112 for citizens."""

from datetime import UTC, date, datetime

import pytest
from contracts.events.clocks import Clock
from contracts.events.notices import Audience
from contracts.statuses import LABELS, Language, Status
from notifier.domain.deliveries import DeliveryItem
from notifier.domain.notices import Details, NoticeKind
from notifier.domain.rules import RULES
from notifier.texts.citizens import compose_citizen_text
from notifier.texts.officers import compose_agency_text, compose_officer_text
from notifier.texts.phrases import Links
from support.agencies import AGENCIES
from support.events import SUBMITTED, report_id
from web.texts.languages import LANGUAGES

DETAILS = Details(
    case_number="OPO-26-004123-K",
    category="parking",
    unit_name="Komenda Miejska Policji w Opolu",
    clock=Clock.TAKE_UP,
    due_at=datetime(2026, 11, 24, 11, 0, tzinfo=UTC),
    longitude=17.92,
    latitude=50.67,
    agency="road-manager",
    checks=2,
    found=1,
    last_check_on=date(2026, 11, 23),
    into_number="OPO-26-000007-C",
)
LINKS = Links("https://casework.example/v1/cases/", "https://mapa.example", "https://mapa.example/link")
CITIZENS = {NoticeKind.CONFIRM_ADDRESS} | {rule.kind for rule in RULES if rule.audience is Audience.CITIZEN}
OFFICERS = set(NoticeKind) - CITIZENS - {NoticeKind.DRILL}


def item(kind: NoticeKind, details: Details = DETAILS, number: int = 1) -> DeliveryItem:
    return DeliveryItem(kind, report_id(number), details)


def test_a_drill_says_that_it_is_one_and_names_no_case() -> None:
    text = compose_officer_text((item(NoticeKind.DRILL, Details()),), LINKS)
    assert text.subject == "[KMZB] ĆWICZENIE: sprawdzamy, czy nasze wiadomości do Państwa docierają"
    assert "nie trzeba nic robić" in text.body
    assert str(report_id(1)) not in text.subject + text.body


@pytest.mark.parametrize("kind", sorted(OFFICERS))
def test_officers_read_number_category_unit_deadline_and_link(kind: NoticeKind) -> None:
    text = compose_officer_text((item(kind),), LINKS)
    assert text.subject.startswith("[KMZB] ")
    assert "OPO-26-004123-K" in text.subject
    for part in (
        "Nieprawidłowe parkowanie",
        "Komenda Miejska Policji w Opolu",
        "podjąć do: 24 listopada 2026, 12:00",
        f"https://casework.example/v1/cases/{report_id(1)}",
    ):
        assert part in text.body


def test_a_report_without_a_case_yet_is_named_by_its_id() -> None:
    text = compose_officer_text(
        (item(NoticeKind.DEADLINE_MISSED, Details(clock=Clock.TAKE_UP, due_at=SUBMITTED)),), LINKS
    )
    assert str(report_id(1)) in text.subject


@pytest.mark.parametrize(("count", "words"), [(2, "2 sprawy czekają"), (5, "5 spraw czeka"), (22, "22 sprawy czekają")])
def test_polish_counts_as_polish_does(count: int, words: str) -> None:
    text = compose_officer_text(tuple(item(NoticeKind.CASE_OPENED, number=number) for number in range(count)), LINKS)
    assert text.subject == f"[KMZB] {words}"


def test_a_digest_has_a_section_for_each_matter_in_the_order_of_the_matters() -> None:
    kinds = (NoticeKind.REVIEW_DUE, NoticeKind.CASE_OPENED, NoticeKind.DEADLINE_APPROACHING, NoticeKind.CASE_OPENED)
    body = compose_officer_text(tuple(item(kind) for kind in kinds), LINKS).body
    places = [body.index(words) for words in ("NOWE ZGŁOSZENIE", "ZBLIŻA SIĘ TERMIN", "PRZYPOMNIENIE")]
    assert places == sorted(places)
    assert body.count("NOWE ZGŁOSZENIE") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(CITIZENS))
def test_every_message_to_a_citizen_says_112_and_leaves_no_gap(kind: NoticeKind, language: Language) -> None:
    text = compose_citizen_text(item(kind), language, LINKS, AGENCIES.name)
    assert "112" in text.body
    assert "%(" not in text.body + text.subject
    assert "None" not in text.body + text.subject
    assert LINKS.contact in text.body or LINKS.map in text.body


def test_status_and_agency_are_called_what_everybody_calls_them() -> None:
    assert compose_citizen_text(item(NoticeKind.REFERRED), "pl", LINKS, AGENCIES.name).subject.endswith(
        LABELS[Status.REFERRED]["pl"]
    )
    assert (
        "adresat: Zarządca drogi." in compose_citizen_text(item(NoticeKind.REFERRED), "pl", LINKS, AGENCIES.name).body
    )
    assert "adresat: road-manager." in compose_citizen_text(item(NoticeKind.REFERRED), "pl", LINKS, str).body
    english = compose_citizen_text(item(NoticeKind.UNCONFIRMED), "en", LINKS, AGENCIES.name)
    assert english.subject == "Report OPO-26-004123-K: Not confirmed"
    assert "Checked on site 2 times. Last on 23 November 2026." in english.body
    assert "24 November 2026, 12:00" in compose_citizen_text(item(NoticeKind.TAKEN_UP), "en", LINKS, AGENCIES.name).body


def test_an_agency_reads_the_place_and_until_when_to_answer() -> None:
    details = Details(
        **{**{name: getattr(DETAILS, name) for name in DETAILS.__slots__}, "clock": Clock.ACKNOWLEDGEMENT}
    )
    text = compose_agency_text(item(NoticeKind.CASE_REFERRED, details), LINKS)
    assert "50.670000 N, 17.920000 E" in text.body
    assert "potwierdzić przyjęcie do: 24 listopada 2026, 12:00" in text.body
    assert "casework" not in text.body

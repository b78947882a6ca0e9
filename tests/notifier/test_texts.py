"""The words: every matter in Polish and English, nothing untranslated, 112 for citizens, no broken header."""

from datetime import UTC, date, datetime
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from contracts.clocks import Clock
from contracts.notices import Audience, Channel
from contracts.statuses import LABELS, Status
from notifier.deliveries import Line, Message
from notifier.domain import RULES
from notifier.notices import Facts, Matter
from notifier.sender import posted, written
from notifier.settings import Settings
from support.events import SUBMITTED, report_id
from support.notifying import ADDRESS

from notifier import texts

FACTS = Facts(
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
LINKS = texts.Links("https://casework.example/v1/cases/", "https://mapa.example", "https://mapa.example/link")
CITIZENS = {Matter.CONFIRM_ADDRESS} | {rule.matter for rule in RULES if rule.audience is Audience.CITIZEN}
OFFICERS = set(Matter) - CITIZENS


def line(matter: Matter, facts: Facts = FACTS, number: int = 1) -> Line:
    return Line(matter, report_id(number), facts)


def in_code() -> list[Any]:
    package = Path(str(resources.files("notifier")))
    files = [package / "texts.py", package / "citizens.py"]
    return [message for file in files for _, message, _, _ in extract_from_file("python", file)]


def polish() -> Catalog:
    file = resources.files("notifier").joinpath("locale/pl/notifier.po")
    return read_po(BytesIO(file.read_bytes()), locale="pl")


def test_every_message_is_translated_and_no_translation_is_left_over() -> None:
    catalogue = polish()
    wanted = {message[0] if isinstance(message, tuple) else message for message in in_code()}
    there = {message.id[0] if isinstance(message.id, tuple) else message.id for message in catalogue if message.id}
    assert wanted == there
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        assert not list(message.check(catalogue)), message.id


@pytest.mark.parametrize("matter", sorted(OFFICERS))
def test_officers_read_number_category_unit_deadline_and_link(matter: Matter) -> None:
    text = texts.officers((line(matter),), LINKS)
    assert text.subject.startswith("[KMZB] ")
    assert "OPO-26-004123-K" in text.subject
    for part in (
        "Nieprawidłowe parkowanie",
        "Komenda Miejska Policji w Opolu",
        "podjąć do: 24 listopada 2026, 12:00",
        f"https://casework.example/v1/cases/{report_id(1)}",
    ):
        assert part in text.body


def test_a_report_without_a_case_yet_is_told_by_its_id() -> None:
    text = texts.officers((line(Matter.DEADLINE_MISSED, Facts(clock=Clock.TAKE_UP, due_at=SUBMITTED)),), LINKS)
    assert str(report_id(1)) in text.subject


@pytest.mark.parametrize(("count", "words"), [(2, "2 sprawy czekają"), (5, "5 spraw czeka"), (22, "22 sprawy czekają")])
def test_polish_counts_as_polish_does(count: int, words: str) -> None:
    text = texts.officers(tuple(line(Matter.CASE_OPENED, number=number) for number in range(count)), LINKS)
    assert text.subject == f"[KMZB] {words}"


def test_a_digest_has_a_section_for_each_matter_in_the_order_of_the_matters() -> None:
    matters = (Matter.REVIEW_DUE, Matter.CASE_OPENED, Matter.DEADLINE_APPROACHING, Matter.CASE_OPENED)
    body = texts.officers(tuple(line(matter) for matter in matters), LINKS).body
    places = [body.index(words) for words in ("NOWE ZGŁOSZENIE", "ZBLIŻA SIĘ TERMIN", "PRZYPOMNIENIE")]
    assert places == sorted(places)
    assert body.count("NOWE ZGŁOSZENIE") == 1


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("matter", sorted(CITIZENS))
def test_every_message_to_a_citizen_says_112_and_leaves_no_gap(matter: Matter, language: Any) -> None:
    text = texts.citizen(line(matter), language, LINKS)
    assert "112" in text.body
    assert "%(" not in text.body + text.subject
    assert "None" not in text.body + text.subject
    assert LINKS.contact in text.body or LINKS.map in text.body


def test_a_status_is_called_what_the_map_calls_it() -> None:
    assert texts.citizen(line(Matter.REFERRED), "pl", LINKS).subject.endswith(LABELS[Status.REFERRED]["pl"])
    english = texts.citizen(line(Matter.UNCONFIRMED), "en", LINKS)
    assert english.subject == "Report OPO-26-004123-K: Not confirmed"
    assert "Checked on site 2 times. Last on 23 November 2026." in english.body
    assert "24 November 2026, 12:00" in texts.citizen(line(Matter.TAKEN_UP), "en", LINKS).body


def test_an_agency_reads_the_place_and_until_when_to_answer() -> None:
    facts = Facts(**{**{name: getattr(FACTS, name) for name in FACTS.__slots__}, "clock": Clock.ACKNOWLEDGEMENT})
    text = texts.agency(line(Matter.CASE_REFERRED, facts), LINKS)
    assert "50.670000 N, 17.920000 E" in text.body
    assert "potwierdzić przyjęcie do: 24 listopada 2026, 12:00" in text.body
    assert "casework" not in text.body


def message(audience: Audience, matter: Matter, facts: Facts = FACTS) -> Message:
    lines = (line(matter, facts),)
    return Message(report_id(9), Channel.EMAIL, audience, "KMP-1661", report_id(1), matter, 1, lines, language="en")


def test_a_mail_has_what_mail_servers_and_people_look_for(own: Settings) -> None:
    mail = written(own, message(Audience.CITIZEN, Matter.TAKEN_UP), ADDRESS)
    assert mail["Message-ID"] == f"<{report_id(9)}@kmzb.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert all(len(row) < 998 and row.isascii() for row in mail.as_bytes().decode("ascii").splitlines())


def test_no_line_end_gets_into_a_header(own: Settings) -> None:
    facts = Facts(case_number="OPO\r\nBcc: all@policja.example", category="parking")
    with pytest.raises(ValueError, match="linefeed|newline"):
        written(own, message(Audience.UNIT, Matter.CASE_OPENED, facts), "kmp-1661@policja.example")


def test_a_webhook_carries_the_facts(own: Settings) -> None:
    body = posted(message(Audience.AGENCY, Matter.CASE_REFERRED), SUBMITTED)
    assert b'"type":"case-referred"' in body
    assert b'"case_number":"OPO-26-004123-K"' in body
    assert str(report_id(1)).encode() in body

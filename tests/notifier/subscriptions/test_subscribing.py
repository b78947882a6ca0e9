"""From the form to the last mail: nothing is written without a yes or after a no, and nobody else learns of it."""

import json
from urllib.parse import urlsplit

import pytest
from contracts.events.cases import CaseConfirmed, CaseRejected, CaseTakenUp
from nacl.public import PrivateKey
from notifier.contacts.sealing import decrypt_address
from structlog.testing import capture_logs
from support.notifier.notifying import KEY
from support.notifier.subscribing import ADDRESS, BASE, UNIT, Reading, link_in


def test_a_unit_s_changes_come_once_a_day_from_a_yes_to_a_no(reading: Reading) -> None:
    form = reading.web.get(f"{BASE}?unit=KMP-1661&lang=en")
    assert (form.status_code, "KMP-1661" in form.text, reading.rows()) == (200, True, [])
    assert "on its way" in reading.ask().text
    [question] = reading.send()
    assert (question["To"], reading.send()) == (ADDRESS, [])
    path = link_in(question)
    # Programs that guard mailboxes open every link.
    for opened in (path, f"{path}/end", path):
        assert reading.web.get(opened).status_code == 200
        assert [row["confirmed_at"] for row in reading.rows()] == [None]
    assert "written to" in reading.web.post(path).text
    assert reading.send() == []

    shown = reading.change(1, CaseTakenUp, CaseConfirmed)
    reading.change(2, category="drug-use")
    reading.change(3, CaseRejected)
    reading.a_day_later()
    [digest] = reading.send()
    assert digest["Subject"] == "1 change on the map"
    words = digest.get_content()
    assert (str(shown.id) in words, "Confirmed" in words, words.count("report=")) == (True, True, 1)
    assert reading.send() == []
    reading.service.execute("update subscription set next_at = now()")
    assert reading.send() == []  # nothing changed since

    # One click in a mail program: RFC 8058.
    address = digest["List-Unsubscribe"].strip("<>")
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    ended = reading.web.post(urlsplit(address).path, data={"List-Unsubscribe": "One-Click"})
    assert (ended.status_code, reading.rows()) == (200, [])
    assert "erased" in ended.text
    for opened in (path, f"{path}/end"):
        assert reading.web.post(opened).status_code == 404


def test_a_drawn_area_gets_what_lies_in_it(reading: Reading) -> None:
    reading.subscribe({"bbox": "17.90,50.66,17.95,50.69"})
    inside = reading.change(1)
    reading.change(2, place=(17.99, 50.67))
    reading.a_day_later()
    [digest] = reading.send()
    assert (str(inside.id) in digest.get_content(), digest.get_content().count("report=")) == (True, 1)


def test_addresses_are_sealed_and_told_to_nobody(reading: Reading) -> None:
    with capture_logs() as logs:
        path = reading.subscribe()
        reading.change(1)
        reading.a_day_later()
        reading.smtp.rcpt_answer = "450 4.2.1"
        reading.send()
    [row] = reading.rows()
    kept = " ".join(str(value).lower() for value in row.values()) + json.dumps(logs, default=str).lower()
    assert "kowalska" not in kept
    assert "kowalska" not in reading.web.get(path).text.lower()
    assert decrypt_address(row["sealed"], KEY) == ADDRESS
    assert decrypt_address(row["sealed"], PrivateKey.generate()) is None
    with reading.service.database.transaction() as connection:
        assert connection.execute("select count(*) as messages from outbox").fetchone() == {"messages": 0}


def test_who_asks_learns_nothing_of_an_address_and_can_flood_no_mailbox(reading: Reading) -> None:
    first = reading.ask().text
    again = [reading.ask(), reading.ask(email="canary.kowalska+x@obywatel.example")]
    assert [answer.text for answer in again] == [first, first]
    assert len(reading.send()) == 1
    reading.web.post(link_in(reading.smtp.mails[0]))
    assert (reading.ask().text, reading.send()) == (first, [])
    for number in range(9):
        assert "on its way" in reading.ask({"unit": f"KPP-{number}"}, "somebody@else.example").text
    assert len(reading.send()) == 3
    reading.service.execute("update subscription set asked_at = asked_at - interval '2 days'")
    for number in range(9):
        reading.ask({"unit": f"KPP-{number}"}, "somebody@else.example")
    assert reading.send() == []


def test_without_a_yes_the_address_is_erased_after_a_week(reading: Reading) -> None:
    reading.ask()
    [question] = reading.send()
    reading.service.execute("update subscription set asked_at = asked_at - interval '6 days 23 hours'")
    assert (reading.send(), len(reading.rows())) == ([], 1)
    reading.service.execute("update subscription set asked_at = asked_at - interval '2 hours'")
    assert (reading.send(), reading.rows()) == ([], [])
    assert reading.web.post(link_in(question)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "email", "said"),
    [
        ("unit=KMP-1661", "no address", "one e-mail address"),
        ("unit=KMP-1661", "", "one e-mail address"),
        ("unit=KMP-1661", "a@b.example, c@d.example", "one e-mail address"),
        ("unit=KMP%2F1661", ADDRESS, "names no unit"),
        ("", ADDRESS, "names no unit"),
        ("unit=KMP-1661&bbox=17.9,50.6,18,50.7", ADDRESS, "names no unit"),
        ("bbox=17.9,50.6,18", ADDRESS, "names no unit"),
        ("bbox=18,50.6,17.9,50.7", ADDRESS, "names no unit"),
        ("bbox=nan,50.6,18,50.7", ADDRESS, "names no unit"),
        ("bbox=2.1,48.8,2.4,48.9", ADDRESS, "names no unit"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(reading: Reading, asked: str, email: str, said: str) -> None:
    answer = reading.web.post(f"{BASE}?{asked}&lang=en", data={"email": email})
    assert (answer.status_code, said in answer.text, reading.rows()) == (422, True, [])


def test_a_link_that_is_not_ours_opens_nothing(reading: Reading) -> None:
    path = reading.subscribe()
    for wrong in (f"{path[:-1]}x", f"{BASE}/x", f"{BASE}/{'A' * 43}"):
        assert reading.web.post(f"{wrong}/end").status_code == 404
    assert len(reading.rows()) == 1
    assert reading.web.post(path.replace("subscriptions", "contact-confirmations")).status_code == 404


@pytest.mark.parametrize("language", ["pl", "en", "uk", "de", "cs"])
def test_everybody_is_written_to_in_the_language_they_asked_in(reading: Reading, language: str) -> None:
    reading.ask(UNIT, language=language)
    [question] = reading.send()
    assert question["Content-Language"] == language
    assert "112" in question.get_content()

"""What is sent by Open311 goes in through intake, as its sender's own, or comes back with what to do."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
import xmltodict
from contracts.events.reports import ReportContact, ReportContent, ReportSubmitted
from support.intake.memory_log import EMAIL, WORDS, MemoryLog
from support.stack.ports import free_url

City = Callable[..., str]
Intake = Callable[..., str]
FORM = {"service_code": "parking", "lat": "50.6751", "long": "17.9213"}


def send(address: str, form: dict[str, Any], suffix: str = "json", **headers: str) -> httpx.Response:
    return httpx.post(
        f"{address}/requests.{suffix}", data=form, headers=headers, timeout=40, trust_env=False, verify=False
    )


def submitted(log: MemoryLog) -> list[ReportSubmitted]:
    return [event for event in log.events if isinstance(event, ReportSubmitted)]


def test_a_request_goes_in_like_any_report(city: City, intake: Intake, log: MemoryLog) -> None:
    form = {
        **FORM,
        "description": WORDS,
        "email": EMAIL,
        "attribute[weekdays]": ["1", "7"],
        "attribute[time_of_day]": "night",
        "first_name": "Jan",
        "phone": "500 600 700",
        "jurisdiction_id": "policja.gov.pl",
        "api_key": "none",
        "address_string": "",
    }
    answer = send(city(intake_url=intake()), form, **{"Accept-Language": "en"})
    assert answer.status_code == 201, answer.text
    [said] = answer.json()
    [event] = submitted(log)
    assert said["service_request_id"] == str(event.report_id)
    assert "https://mapa.example.org/r/" in said["service_notice"]
    assert "112" in said["service_notice"]
    assert (event.category, event.longitude, event.latitude) == ("parking", 17.9213, 50.6751)
    assert (list(event.weekdays), event.time_of_day, event.language) == ([1, 7], "night", "en")
    kinds = {type(each) for each in log.events}
    assert kinds == {ReportSubmitted, ReportContent, ReportContact}
    assert b"500 600 700" not in b"".join(message.value or b"" for message in log.messages)


def test_each_service_answers_as_its_type_says(city: City, intake: Intake, log: MemoryLog) -> None:
    address = city(intake_url=intake(reports_per_hour=100))
    [drugs] = send(address, {**FORM, "service_code": "drug-use"}).json()
    assert set(drugs) == {"service_notice", "account_id"}
    venue = {**FORM, "service_code": "dangerous-venue", "description": WORDS}
    [token] = send(address, venue).json()
    assert set(token) == {"token", "service_notice", "account_id"}
    assert token["token"] in token["service_notice"]
    [request] = xmltodict.parse(send(address, FORM, "xml").content, force_list=("request",))["service_requests"][
        "request"
    ]
    assert request["service_request_id"] == str(submitted(log)[-1].report_id)


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"service_code": ""}, 400, "service_code"),
    ({"service_code": "no-such"}, 404, "service_code"),
    ({"lat": ""}, 400, "lat: is needed"),
    ({"lat": "north"}, 400, "lat: a number"),
    ({"long": "nan"}, 400, "long: a number"),
    ({"lat": "1"}, 400, "lat: "),
    ({"email": "nobody"}, 400, "email: "),
    ({"attribute[occurred_at]": "yesterday"}, 400, "attribute[occurred_at]: "),
    ({"attribute[weekdays]": "8"}, 400, "attribute[weekdays]"),
    ({"attribute[colour]": "red"}, 400, "attribute[colour]: unknown"),
    ({"media_url": "http://169.254.169.254/"}, 400, "media_url"),
    ({"description": "x" * 501}, 400, "description"),
    ({"service_code": "dangerous-venue"}, 400, "description"),
    ({"jurisdiction_id": "chicago.gov"}, 404, "jurisdiction_id"),
    ({"lat": ["50", "51"]}, 400, "lat: give it once"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "status", "named"), WRONG)
def test_a_form_that_makes_no_report_is_told_why(
    city: City, intake: Intake, log: MemoryLog, change: dict[str, Any], status: int, named: str
) -> None:
    answer = send(city(intake_url=intake()), {**FORM, **change})
    assert answer.status_code == status, answer.text
    assert all(error["code"] == str(status) for error in answer.json())
    assert any(named in error["description"] for error in answer.json()), answer.text
    assert log.events == []


def test_other_bodies_and_pages_of_others_are_refused(city: City, intake: Intake, log: MemoryLog) -> None:
    address = city(intake_url=intake())
    assert httpx.post(f"{address}/requests.json", json=FORM, trust_env=False, verify=False).json()[0]["code"] == "415"
    assert httpx.post(f"{address}/requests.json", trust_env=False, verify=False).json()[0]["code"] == "400"
    refused = send(address, FORM, Origin="https://elsewhere.example")
    assert refused.json()[0]["code"] == "403"
    assert log.events == []
    assert send(address, FORM, Origin=address.removesuffix("/open311/v2")).status_code == 201


def test_limits_are_the_senders_own(city: City, intake: Intake) -> None:
    address = city(intake_url=intake(reports_per_hour=2), trusted_proxies="127.0.0.1/32")
    first, second = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "198.51.100.2"}
    places = [{**FORM, "lat": f"50.{number}"} for number in range(10, 16)]
    assert [send(address, form, **first).status_code for form in places[:3]] == [201, 201, 429]
    limited = send(address, places[3], **first)
    assert int(limited.headers["retry-after"]) > 0
    assert limited.json()[0]["code"] == "429"
    assert send(address, places[4], **second).status_code == 201


def test_nobody_gets_other_limits_by_a_header(city: City, intake: Intake) -> None:
    address = city(intake_url=intake(reports_per_hour=1))
    through = [
        send(address, {**FORM, "lat": f"50.{number}"}, **{"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in (11, 12)
    ]
    assert through == [201, 429]


def test_a_repeat_with_its_key_is_no_second_report(city: City, intake: Intake, log: MemoryLog) -> None:
    address, key = city(intake_url=intake()), {"Idempotency-Key": str(uuid4())}
    one, other = (send(address, FORM, **key).json() for _ in range(2))
    assert one == other
    assert len(submitted(log)) == 1


@pytest.mark.parametrize("away", ["its log", "intake itself"])
def test_while_intake_is_away_the_sender_learns_how_to_repeat(
    city: City, intake: Intake, log: MemoryLog, away: str
) -> None:
    log.away = True
    there = intake()
    address = city(intake_url=there if away == "its log" else free_url())
    answer = send(address, FORM)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    [error] = answer.json()
    key = answer.headers["idempotency-key"]
    assert f"Idempotency-Key: {key}" in error["description"]
    log.away = False
    again = city(intake_url=there)
    repeated = [send(again, FORM, **{"Idempotency-Key": key}).json() for _ in range(2)]
    assert repeated[0] == repeated[1]
    assert [str(event.report_id) for event in submitted(log)] == [repeated[0][0]["service_request_id"]]

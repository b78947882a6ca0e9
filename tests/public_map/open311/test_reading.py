"""Open311 as a client nobody here wrote reads it, in both formats, and as the specification has it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import xmltodict
from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseConfirmed, CaseEliminated, CaseOpened, CaseRejected, CaseTakenUp
from contracts.policy.categories import catalogue_at
from contracts.policy.terms import policy
from georeport import GeoReport
from support.events import OPOLE
from support.public_map.public_lives import DAY, Life, feed

City = Callable[..., str]
REQUEST_FIELDS = (
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address",
    "address_id", "zipcode", "lat", "long", "media_url",
)  # fmt: skip


@pytest.fixture
def lives(store: Database) -> dict[str, Life]:
    """A report of each fate, the first the oldest: all but the last two can be seen."""
    at = clock.now() - 20 * DAY
    fates: dict[str, tuple[str, list[Any]]] = {
        "new": ("parking", []),
        "checked": ("speeding", [CaseTakenUp]),
        "confirmed": ("parking", [CaseTakenUp, CaseConfirmed]),
        "removed": ("begging", [CaseTakenUp, CaseConfirmed, CaseEliminated]),
        "joke": ("parking", [CaseRejected]),
        "hidden": ("drug-use", [CaseTakenUp]),
    }
    made = {}
    for number, (name, (category, kinds)) in enumerate(fates.items(), 1):
        life = made[name] = Life(number, at + number * DAY, category)
        changes = [life.change(kind) for kind in (CaseOpened, *kinds)]
        feed(store, [life.submitted(), life.routed(), *changes])
    return made


def get(address: str, **params: Any) -> httpx.Response:
    return httpx.get(address, params=params, trust_env=False, verify=False)


def hour(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:00:00Z}"


def test_a_client_of_others_reads_everything(city: City, lives: dict[str, Life]) -> None:
    for form in ("json", "xml"):
        client = GeoReport(city(), jurisdiction="policja.gov.pl", api_key="anything", output_format=form)
        codes = [category.code for category in catalogue_at(clock.now()).category]
        assert [service["service_code"] for service in client.get_service_list()] == codes
        definition: Any = client.get_service_definition("parking")
        assert definition["service_code"] == "parking"
        requests = client.get_service_requests()
        assert [request["service_request_id"] for request in requests] == [
            str(lives[name].id) for name in ("removed", "confirmed", "checked", "new")
        ]
        assert all(tuple(request) == REQUEST_FIELDS for request in requests)
        one = client.get_service_request(str(lives["checked"].id))
        assert one == requests[2]
        closed: Any = client.get_service_requests(status="closed", service_code="begging,parking")
        assert closed == (requests[:1] if form == "json" else requests[0])


def test_a_request_is_what_the_map_shows_with_our_deadline_and_unit(city: City, lives: dict[str, Life]) -> None:
    address, life = city(), lives["checked"]
    [request] = get(f"{address}/requests/{life.id}.json", extensions="true").json()
    map_address = address.removesuffix("/open311/v2")
    features = get(f"{map_address}/v1/reports.geojson").json()["features"]
    shown = next(feature["properties"] for feature in features if feature["id"] == str(life.id))
    [longitude, latitude] = next(feature for feature in features if feature["id"] == str(life.id))["geometry"][
        "coordinates"
    ]
    promised = policy().promise("speeding", life.sent_at.replace(minute=0, second=0, microsecond=0)).verify_by
    assert request == {
        "service_request_id": str(life.id),
        "status": "open",
        "status_notes": "Weryfikacja",
        "service_name": shown["category_name"],
        "service_code": "speeding",
        "description": None,
        "agency_responsible": OPOLE.unit_name,
        "service_notice": None,
        "requested_datetime": hour(life.sent_at),
        "updated_datetime": hour(life.at),
        "expected_datetime": hour(promised),
        "address": None, "address_id": None,
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": None,
        "extended_attributes": {
            "detailed_status": "verification", "version": 2, "garrison": "OPO", "unit": OPOLE.unit,
            "supporters": 0, "imported": False,
        },
    }  # fmt: skip
    assert "extended_attributes" not in get(f"{address}/requests/{life.id}.json").json()[0]


def test_xml_says_what_json_says(city: City, lives: dict[str, Life]) -> None:
    address = city()
    for path, root, item in (
        ("services", "services", "service"),
        ("requests", "service_requests", "request"),
        ("servicerequestupdates", "service_request_updates", "request_update"),
    ):
        said = get(f"{address}/{path}.json")
        written = get(f"{address}/{path}.xml")
        assert written.headers["content-type"] == "text/xml; charset=utf-8"
        assert written.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        assert said.headers["content-type"] == "application/json; charset=utf-8"
        document = xmltodict.parse(written.content, force_list=(item,))
        assert list(document) == [root]
        as_written = [{name: as_xml(value) for name, value in one.items()} for one in said.json()]
        assert document[root][item] == as_written
    said = get(f"{address}/services/parking.json").json()
    document = xmltodict.parse(get(f"{address}/services/parking.xml").content)["service_definition"]
    assert [attribute["code"] for attribute in document["attributes"]["attribute"]] == [
        "occurred_at",
        "weekdays",
        "time_of_day",
    ]
    assert document["attributes"]["attribute"][1]["values"]["value"][0] == said["attributes"][1]["values"][0]
    assert document["attributes"]["attribute"][0]["required"] == "false"


def as_xml(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def test_discovery_leads_here(city: City) -> None:
    address = city()
    said = get(f"{address}/discovery.json").json()
    [endpoint] = said["endpoints"]
    assert endpoint["url"] == address
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert (
        xmltodict.parse(get(f"{address}/discovery.xml").content)["discovery"]["endpoints"]["endpoint"]["url"] == address
    )


def test_services_say_how_they_answer_and_what_is_needed(city: City) -> None:
    services = {service["service_code"]: service for service in get(f"{city()}/services.json").json()}
    kinds = {code: services[code]["type"] for code in ("parking", "dangerous-venue", "drug-use")}
    assert kinds == {"parking": "realtime", "dangerous-venue": "batch", "drug-use": "blackbox"}
    english = httpx.get(f"{city()}/services.json", headers={"Accept-Language": "en"}, trust_env=False).json()
    needing = [service["service_code"] for service in english if "A description is needed." in service["description"]]
    assert needing == [category.code for category in catalogue_at(clock.now()).category if category.description]


def test_pages_lead_through_all_of_them_once(city: City, lives: dict[str, Life]) -> None:
    address = city()
    for path, names in (("requests", ["removed", "confirmed", "checked", "new"]), ("servicerequestupdates", None)):
        whole = [each["service_request_id"] for each in get(f"{address}/{path}.json").json()]
        assert names is None or whole == [str(lives[name].id) for name in names]
        found, step = [], get(f"{address}/{path}.json", page_size=1, jurisdiction_id="policja.gov.pl")
        while True:
            found += [each["service_request_id"] for each in step.json()]
            if "next" not in step.links:
                break
            step = httpx.get(str(step.url.join(step.links["next"]["url"])), trust_env=False, verify=False)
            assert step.is_success, step.text
        assert found == whole


def test_ninety_days_are_looked_at_unless_others_are_named(city: City, store: Database) -> None:
    old, older = Life(1, clock.now() - 80 * DAY), Life(2, clock.now() - 120 * DAY)
    feed(store, [event for life in (old, older) for event in (life.submitted(), life.change(CaseOpened))])
    address = city()

    def found(**params: Any) -> list[str]:
        return [request["service_request_id"] for request in get(f"{address}/requests.json", **params).json()]

    assert found() == [str(old.id)]
    assert found(start_date=(older.sent_at - DAY).isoformat()) == [str(old.id), str(older.id)]
    assert found(end_date=(older.sent_at + DAY).isoformat()) == [str(older.id)]
    assert found(service_request_id=f"{older.id},nothing", start_date="2099-01-01T00:00:00Z") == [str(older.id)]


WRONG = [
    ("requests", {"service_code": "no-such"}, 400, "service_code"),
    ("requests", {"status": "solved"}, 400, "status"),
    ("requests", {"start_date": "yesterday"}, 400, "start_date"),
    ("requests", {"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, 400, "end_date"),
    ("requests", {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, 400, "90 days"),
    ("requests", {"page_size": "1001"}, 400, "page_size"),
    ("requests", {"next": "x"}, 400, "next"),
    ("requests", {"bbox": "1,2"}, 400, "bbox"),
    ("requests", {"stauts": "open"}, 400, "did you mean status"),
    ("requests", {"jurisdiction_id": "chicago.gov"}, 404, "jurisdiction_id"),
    ("requests/x", {}, 404, "service_request_id"),
    ("services/no-such", {}, 404, "service_code"),
    ("tokens/no-such", {}, 404, "token"),
    ("nowhere", {}, 404, "Not Found"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "params", "status", "named"), WRONG)
def test_errors_are_those_of_the_specification(
    city: City, path: str, params: dict[str, str], status: int, named: str
) -> None:
    address = city()
    [error] = get(f"{address}/{path}.json", **params).json()
    assert error["code"] == str(status)
    assert named in error["description"]
    answer = get(f"{address}/{path}.xml", **params)
    assert answer.status_code == status
    root = ElementTree.fromstring(answer.content)
    assert [each.tag for each in root.iter()] == ["errors", "error", "code", "description"]
    assert root.findtext("error/code") == str(status)


def test_what_is_not_on_the_map_is_nowhere(city: City, lives: dict[str, Life]) -> None:
    address = city()
    for name in ("joke", "hidden"):
        assert get(f"{address}/requests/{lives[name].id}.json").status_code == 404
        assert get(f"{address}/requests.json", service_request_id=str(lives[name].id)).json() == []
    updates = get(f"{address}/servicerequestupdates.json").json()
    assert {update["service_request_id"] for update in updates} == {
        str(lives[name].id) for name in ("new", "checked", "confirmed", "removed")
    }
    said = {update["service_request_id"]: update for update in updates}[str(lives["removed"].id)]
    assert (said["status"], said["external_status_code"]) == ("closed", "eliminated")
    assert said["update_id"] == f"{lives['removed'].id}.4"


def test_a_token_is_a_receipt(city: City, lives: dict[str, Life]) -> None:
    life = lives["hidden"]
    answer = get(f"{city()}/tokens/{life.receipt}.json")
    assert answer.json() == [{"service_request_id": str(life.id), "token": life.receipt}]
    assert answer.headers["cache-control"] == "no-store"


def test_updates_are_asked_for_by_time(city: City, lives: dict[str, Life]) -> None:
    address, life = city(), lives["checked"]
    about = {"start_date": (life.at - timedelta(hours=2)).isoformat(), "end_date": life.at.isoformat()}
    [update] = get(f"{address}/servicerequestupdates.json", **about).json()
    assert (update["service_request_id"], update["updated_datetime"]) == (str(life.id), hour(life.at))

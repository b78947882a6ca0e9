"""Programs nobody here wrote meet the whole system: a report goes in by Open311, and is read everywhere."""

import json
from typing import Any
from uuid import UUID

import pytest
from georeport import GeoReport
from journeys.journey import OPOLE, Journey
from support.wait import eventually

pytestmark = pytest.mark.timeout(180)


def test_what_is_sent_by_open311_is_worked_on_and_read_everywhere(journey: Journey) -> None:
    address = journey.url("public_map", "/open311/v2")
    client = GeoReport(address)
    assert "poaching" in {service["service_code"] for service in client.get_service_list()}
    form = {"service_code": "poaching", "long": str(OPOLE[0]), "lat": str(OPOLE[1]), "description": "Wnyki przy drodze"}
    answer = journey.http.post(f"{address}/requests.json", data=form, headers=journey.new_sender())
    assert answer.status_code == 201, answer.text
    [said] = answer.json()
    report_id = said["service_request_id"]

    def stands(status: str) -> dict[str, Any]:
        found = {each["service_request_id"]: each for each in client.get_service_requests(service_code="poaching")}
        known = found.get(report_id)
        return known if known and known["status_notes"] == status else {}

    assert eventually(lambda: stands("Nowe"), 60)["agency_responsible"] == "Komenda Miejska Policji w Opolu"
    officer = journey.officer("KMP-1661", "OPO")
    assert journey.change(UUID(report_id), "take-up", officer).is_success
    request = eventually(lambda: stands("Weryfikacja"), 60)
    assert "Wnyki" not in json.dumps(request)

    # Everywhere the same: the file, the features and the page of the map.
    box = f"{OPOLE[0] - 0.01},{OPOLE[1] - 0.01},{OPOLE[0] + 0.01},{OPOLE[1] + 0.01}"
    where = f"category=poaching&unit=KMP-1661&bbox={box}"
    file = journey.http.get(journey.url("public_map", f"/v1/exports/reports.geojson?{where}")).json()
    items = journey.http.get(journey.url("public_map", f"/ogc/collections/reports/items?{where}")).json()
    [feature] = [each for each in items["features"] if each["id"] == report_id]
    properties = feature["properties"]
    assert [each["geometry"] for each in file["features"] if each["id"] == report_id] == [feature["geometry"]]
    assert (request["long"], request["lat"]) == tuple(feature["geometry"]["coordinates"])
    assert (request["updated_datetime"], request["status"]) == (properties["changed_at"], "open")

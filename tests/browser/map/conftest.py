"""Places nobody else reports from, so that what a test sees there is its own."""

from itertools import count
from random import uniform
from typing import Any

import pytest
from journeys.journey import Journey
from support.wait import eventually

# Somewhere else in each run: `KMZB_SYSTEM` is a system that remembers the ones before.
_SUWALKI = (round(uniform(22.65, 23.05), 5), round(uniform(54.02, 54.04), 5))
_APART = 0.02
"""Degrees of latitude, more than 2 km: another place does not show from zoom 15 on."""
_numbers = count()
Place = tuple[float, float]


@pytest.fixture
def place() -> Place:
    """A place in the powiat of Suwałki: longitude and latitude, degrees."""
    return _SUWALKI[0], round(_SUWALKI[1] + _APART * next(_numbers), 5)


class Public:
    """What everyone can read of reports, beside any browser."""

    def __init__(self, system: Journey) -> None:
        self.system = system

    def report(self, place: Place, category: str = "parking", **more: Any) -> dict[str, Any]:
        """Send one, and wait until it is public: its properties on the map."""
        receipt = self.system.send(*place, category=category, **more)
        return self.until(receipt.report_id, place, "new")

    def until(self, report_id: object, place: Place, status: str) -> dict[str, Any]:
        """Wait until a report is public in a status."""

        def found() -> list[dict[str, Any]]:
            near = self.near(place)
            return [each for each in near if each["report_id"] == str(report_id) and each["status"] == status]

        return eventually(found, 30, what=f"{report_id} public as {status}")[0]

    def near(self, place: Place, around: float = 0.005) -> list[dict[str, Any]]:
        """What is public within so many degrees of a place: properties and position."""
        longitude, latitude = place
        box = f"{longitude - around},{latitude - around},{longitude + around},{latitude + around}"
        answer = self.system.http.get(self.system.url("public_map", "/v1/reports.geojson"), params={"bbox": box})
        return [
            {**feature["properties"], "position": tuple(feature["geometry"]["coordinates"])}
            for feature in answer.json()["features"]
        ]

    def change(self, report: dict[str, Any], what: str, **body: Any) -> None:
        """A change by the coordinator of the unit that answers."""
        officer = self.system.officer(report["unit"], report["garrison"])
        eventually(lambda: self.system.case(report["report_id"], officer).is_success, 30)
        answer = self.system.change(report["report_id"], what, officer, **body)
        assert answer.is_success, answer.text


@pytest.fixture
def public(system: Journey) -> Public:
    return Public(system)

"""A case somebody else holds, a service just started: the officer is asked to come back, and nothing is half done."""

from collections.abc import Callable, Iterator

import pytest
from chassis.health import Health
from chassis.postgres import Database
from support.casework.impatient import Impatient
from support.casework.officers import Officer
from support.events import report_id
from support.stack.databases import Clone


@pytest.fixture
def api_role(clone: Clone) -> Iterator[Database]:
    assert clone.api is not None
    made = Impatient(clone.api)
    yield made
    made.close()


@pytest.fixture
def health() -> Health:
    return Health("consumer", "district", "agency")


def test_a_case_that_is_locked_is_a_matter_of_coming_back(
    coordinator: Officer, open_cases: Callable[..., None], service: Database
) -> None:
    open_cases(1)
    with service.transaction() as holder:
        holder.execute("select 1 from cases where report_id = %s for update", (report_id(1),))
        refused = coordinator.post("take-up", version=1)
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert coordinator.post("take-up", version=1).status_code == 200


def test_right_after_a_start_no_district_and_no_agency_is_called_unknown(
    coordinator: Officer, headquarters: Officer, open_cases: Callable[..., None], health: Health
) -> None:
    open_cases(1)
    coordinator.change("take-up")  # needs neither
    coordinator.change("confirm")

    def answers() -> set[tuple[int, bool]]:
        asked = [
            coordinator.post("refer", {"agency": "no-such-agency"}),
            coordinator.post("transfer", {"to": "KMP-9999", "reason": "pomyłka"}),
            headquarters.client.get("/v1/cases", params={"unit": "R1"}, headers=headquarters.headers),
            headquarters.client.get("/v1/agencies", headers=headquarters.headers),
            headquarters.client.get("/v1/districts", params={"q": "Opole"}, headers=headquarters.headers),
        ]
        return {(answer.status_code, "Retry-After" in answer.headers) for answer in asked}

    assert answers() == {(503, True)}
    health.ready("district")
    assert answers() == {(503, True)}
    health.ready("agency")
    assert answers() == {(422, False), (200, False)}
    assert coordinator.detail()["status"] == "confirmed"

"""What the desk stands on: its page, who is signed in, what there is to do, lists that are asked for again."""

from collections.abc import Callable
from typing import Any

import pytest
from casework.api.desk import SignInAt
from chassis.postgres import Database
from contracts.base import Owner
from fastapi.testclient import TestClient
from support.casework.officers import KATOWICE, Issuer, Officer
from support.events import OPOLE, report_id


def test_the_page_holds_no_data_and_speaks_to_the_issuer_alone(desk: Callable[[SignInAt], TestClient]) -> None:
    found = "https://login.example/realms/kmzb/.well-known/openid-configuration"
    with desk(SignInAt(client_id="kmzb-desk", discovery_url=found)) as client:
        answer = client.get("/desk?open=x&code=1&session_state=2")
        assert client.get("/").text == answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "connect-src 'self' https://login.example;" in policy
    assert "script-src 'self';" in policy
    assert "Set-Cookie" not in answer.headers
    assert '<html lang="pl">' in answer.text


def test_an_officer_is_told_who_they_are(client: TestClient, issuer: Issuer) -> None:
    def me(*who: Any, **claims: Any) -> dict[str, Any]:
        token = issuer.token(*who, **claims)
        found: dict[str, Any] = client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
        return found

    beat = me("beat_officer", OPOLE.unit, "OPO", beat="R1")
    assert (beat["unit_name"], beat["garrison_name"]) == (OPOLE.unit_name, "Komenda Wojewódzka Policji w Opolu")
    assert (beat["role"], beat["beat"]) == ("beat_officer", "R1")
    assert me("headquarters") == {
        "subject": "officer-headquarters-None",
        "role": "headquarters",
        "garrison": None,
        "unit": None,
        "beat": None,
        "unit_name": None,
        "garrison_name": None,
        "deputy_of": None,
    }


def test_agencies_and_districts_are_found(coordinator: Officer) -> None:
    def get(path: str) -> Any:
        return coordinator.client.get(path, headers=coordinator.headers).json()

    assert {"code": "road-manager", "name": "Zarządca drogi"} in get("/v1/agencies")["agencies"]
    assert [found["code"] for found in get("/v1/districts?q=kp-1")["districts"]] == ["OPO/KP-1", "KAT/KP-1"]
    assert [found["code"] for found in get("/v1/districts?q=brzegu")["districts"]] == ["OPO/KPP-1601"]
    assert get("/v1/districts?q=nowhere")["districts"] == []


@pytest.mark.usefixtures("two_units")
def test_each_role_sees_what_its_own_units_have_to_do(client: TestClient, issuer: Issuer) -> None:
    def units(*who: Any) -> set[str]:
        found = client.get("/v1/workload", headers=issuer.signed_in(*who)).json()["units"]
        assert all(unit["new"] == 1 for unit in found)
        return {unit["unit"] for unit in found}

    assert units("coordinator", OPOLE.unit, "OPO") == {OPOLE.unit}
    assert units("garrison", None, "KAT") == {KATOWICE.unit}
    assert units("headquarters") == {OPOLE.unit, KATOWICE.unit, "KGP"}


def test_what_is_near_and_of_the_same_category_is_shown(
    coordinator: Officer, open_cases: Callable[..., None], service: Database
) -> None:
    open_cases(1, 2, 3)
    with service.transaction() as connection:
        connection.execute("update cases set latitude = latitude + 0.01 where report_id = %s", (report_id(3),))
    found = coordinator.client.get(f"/v1/cases/{report_id(1)}/similar", headers=coordinator.headers).json()["cases"]
    assert [(case["report_id"], case["metres"]) for case in found] == [(str(report_id(2)), 0)]


def test_a_list_that_is_as_it_was_is_not_sent_again(coordinator: Officer, open_cases: Callable[..., None]) -> None:
    open_cases(1)

    def ask(etag: str = "") -> Any:
        headers = coordinator.headers | {"If-None-Match": etag}
        return coordinator.client.get("/v1/cases", params={"order": "due"}, headers=headers)

    first = ask()
    again = ask(first.headers["ETag"])
    assert (again.status_code, again.text) == (304, "")
    assert ask('"another"').status_code == 200
    open_cases(2)
    assert len(ask(first.headers["ETag"]).json()["cases"]) == 2
    before = ask().headers["ETag"]
    coordinator.change("take-up", number=2)
    assert ask(before).status_code == 200


def test_a_queue_is_narrowed_by_category_and_beat(coordinator: Officer, open_cases: Callable[..., None]) -> None:
    beat = Owner(garrison="OPO", unit=OPOLE.unit, unit_name=OPOLE.unit_name, beat="R1")
    open_cases(1, 2)
    open_cases(3, owner=beat)
    coordinator.post("correct", {"category": "drinking"}, number=2)
    assert coordinator.list_cases(order="due", category="drinking") == [str(report_id(2))]
    assert coordinator.list_cases(order="due", beat="R1") == [str(report_id(3))]
    answer = coordinator.client.get("/v1/cases", params={"order": "due", "q": "OPO"}, headers=coordinator.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "order")

"""A unit's cases are closed to other units, on every route."""

from typing import Any

from contracts.base import HEADQUARTERS
from fastapi.testclient import TestClient
from support.casework.officers import KATOWICE, Issuer
from support.events import OPOLE, report_id

BODIES: dict[str, Any] = {
    "take-up": None,
    "checks": {"checked_at": "2026-11-02T12:00:00Z", "finding": "found"},
    "confirm": None,
    "unconfirm": {"reason": "nic tam nie ma"},
    "reject": None,
    "refer": {"agency": "road-manager"},
    "acknowledge": None,
    "return": None,
    "eliminate": None,
    "reopen": None,
    "uphold": {"text": "byliśmy tam trzy razy"},
    "ask": {"text": "po której stronie ulicy?"},
    "task": {"due_at": "2099-12-31T00:00:00Z"},
    "correct": {"category": "drinking"},
    "transfer": {"to": "KPP-1601", "reason": "pomyłka"},
    "merge": {"into": str(report_id(2))},
}


def seen(client: TestClient, headers: dict[str, str]) -> set[str]:
    return {case["report_id"] for case in client.get("/v1/cases", headers=headers).json()["cases"]}


def test_each_role_sees_its_own_part_of_the_country(client: TestClient, issuer: Issuer, two_units: None) -> None:
    one, two, three = (str(report_id(number)) for number in (1, 2, 3))
    assert seen(client, issuer.signed_in("coordinator", OPOLE.unit, "OPO")) == {one}
    assert seen(client, issuer.signed_in("beat_officer", KATOWICE.unit, "KAT")) == {two}
    assert seen(client, issuer.signed_in("garrison", None, "KAT")) == {two}
    assert seen(client, issuer.signed_in("headquarters")) == {one, two, three}
    assert seen(client, issuer.signed_in("coordinator", HEADQUARTERS.unit, "KGP")) == {three}
    asking = {"unit": KATOWICE.unit}
    mine = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    assert client.get("/v1/cases", params=asking, headers=mine).json()["cases"] == []
    assert client.get("/v1/cases", params={"q": str(report_id(2))}, headers=mine).json()["cases"] == []


def test_a_foreign_case_does_not_exist_on_any_route(client: TestClient, issuer: Issuer, two_units: None) -> None:
    routes = client.get("/openapi.json").json()["paths"]
    of_cases = {path: set(item) for path, item in routes.items() if path.startswith("/v1/cases/{report_id}/")}
    actions = {path.rpartition("/")[2] for path, methods in of_cases.items() if "post" in methods}
    shown = {path.partition("}/")[2] for path, methods in of_cases.items() if "get" in methods}
    assert (actions, shown) == (set(BODIES), {"similar", "photos/{number}"})
    foreign = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    url = f"/v1/cases/{report_id(2)}"
    for part in ("", *(f"/{part}" for part in shown)):
        there, nowhere = (
            client.get(f"/v1/cases/{report_id(number)}{part}".replace("{number}", "1"), headers=foreign)
            for number in (2, 9)
        )
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert there.text.replace(str(report_id(2)), "") == nowhere.text.replace(str(report_id(9)), "")
    for action, body in BODIES.items():
        for version in ("1", "7"):  # the right version tells no more than a wrong one
            answer = client.post(f"{url}/{action}", json=body, headers=foreign | {"If-Match": f'"{version}"'})
            assert answer.status_code == 404, (action, answer.text)
    mine = issuer.signed_in("coordinator", KATOWICE.unit, "KAT")
    assert client.get(url, headers=mine).json()["version"] == 1


def test_words_are_for_those_who_work_the_case(client: TestClient, issuer: Issuer, two_units: None) -> None:
    def words(number: int, *who: Any) -> Any:
        return client.get(f"/v1/cases/{report_id(number)}", headers=issuer.signed_in(*who)).json()["words"]

    assert words(1, "coordinator", OPOLE.unit, "OPO")["description"] == "prywatne słowa"
    assert words(1, "beat_officer", OPOLE.unit, "OPO")["description"] == "prywatne słowa"
    assert words(1, "garrison", None, "OPO") is None
    assert words(1, "headquarters") is None
    assert words(3, "headquarters")["description"] == "prywatne słowa"

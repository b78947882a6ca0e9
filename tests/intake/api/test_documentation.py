"""The hot route and its documentation describe the same thing."""

from typing import Any

import jsonschema
import msgspec
import pytest
from intake.api.problems import OUTCOMES
from intake.domain.forms import ReportForm
from intake.domain.receipts import Receipt
from starlette.testclient import TestClient
from support.intake.memory_log import EMAIL, REPORT, WORDS, report

FULL: dict[str, Any] = {
    **REPORT,
    "occurred_at": None,
    "weekdays": [1, 7],
    "time_of_day": "night",
    "description": WORDS,
    "contact": {"email": EMAIL},
    "photos": ["A" * 91],
    "continues": "672264e1-c158-589c-ba45-b1bbb8f36a68",
    "language": "en",
}
CHANGES: dict[str, list[Any]] = {
    "category": ["", "x" * 65, 1, None],
    "longitude": [13, 24.3, "18", None],
    "latitude": [48, 56, "50", None],
    "occurred_at": [7, [], {}],
    "weekdays": [[0], [8], [1] * 8, ["1"], 1, None],
    "time_of_day": ["noon", 1],
    "description": ["x" * 2001, "a\0b", "\x1b", 1],
    "contact": [{}, {"email": "x"}, {"email": None}, {"email": EMAIL, "phone": "1"}, "x"],
    "continues": [1, ["x"]],
    "photos": [["A" * 90], ["A" * 92], ["A" * 91] * 4, ["A" * 90 + "+"], [1], "A" * 91, None],
    "language": ["fr", None],
    "photo": ["x"],
}


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    openapi: dict[str, Any] = client.get("/openapi.json").json()
    return openapi


def accepts(document: dict[str, Any], body: dict[str, Any]) -> bool:
    content = document["paths"]["/v1/reports"]["post"]["requestBody"]["content"]
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    return jsonschema.Draft202012Validator(schema).is_valid(body)


def decodes(body: dict[str, Any]) -> bool:
    try:
        msgspec.json.decode(msgspec.json.encode(body), type=ReportForm)
    except msgspec.ValidationError:
        return False
    return True


def test_the_schemas_are_those_of_the_types(document: dict[str, Any]) -> None:
    for kind in (ReportForm, Receipt):
        documented = document["components"]["schemas"][kind.__name__]
        own = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(kind)["$defs"][kind.__name__]))
        assert set(documented["properties"]) == set(own["properties"]) == set(kind.__struct_fields__)
        assert documented["required"] == own["required"]
    assert document["components"]["schemas"]["ReportForm"]["additionalProperties"] is False


def test_what_the_documentation_allows_is_what_the_route_decodes(document: dict[str, Any]) -> None:
    assert accepts(document, FULL)
    assert decodes(FULL)
    for field, values in CHANGES.items():
        for value in values:
            changed = {**FULL, field: value}
            assert not accepts(document, changed), (field, value)
            assert not decodes(changed), (field, value)
    for field in FULL:
        less = {name: value for name, value in FULL.items() if name != field}
        assert accepts(document, less) == decodes(less), field


def test_an_answer_is_as_documented(client: TestClient, document: dict[str, Any]) -> None:
    answer = client.post("/v1/reports", content=report(), headers={"Content-Type": "application/json"})
    schema = document["paths"]["/v1/reports"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json(), {**schema, "components": document["components"]})
    refused = client.post("/v1/reports", content=b"{}", headers={"Content-Type": "application/json"})
    problem = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    jsonschema.validate(refused.json(), problem)


def test_every_refusal_and_every_route_is_documented(document: dict[str, Any]) -> None:
    assert set(document["paths"]["/v1/reports"]["post"]["responses"]) == {"201", *map(str, OUTCOMES)}
    assert set(document["paths"]) == {
        "/v1/reports",
        "/v1/photos",
        "/v1/reports/{report_id}/support",
        "/v1/receipts/{receipt}/contest",
        "/v1/receipts/{receipt}/answer",
        "/v1/receipts/{receipt}/withdrawal",
        "/v1/receipts/{receipt}/erasure",
        "/v1/categories",
        "/livez",
        "/readyz",
    }
    assert document["openapi"].startswith("3.1")


def test_the_documentation_is_there_to_read(client: TestClient) -> None:
    assert client.get("/docs").status_code == 200
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json() == {"awaits": ["kafka"]}

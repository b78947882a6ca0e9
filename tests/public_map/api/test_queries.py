"""Questions that make no sense are answered with the name of the parameter."""

from fastapi.testclient import TestClient

MAP = "/v1/reports.geojson"
WRONG = {
    "bbox=1,2,3": "bbox",
    "bbox=": "bbox",
    "bbox=a,b,c,d": "bbox",
    "bbox=20,50,19,51": "bbox",
    "bbox=nan,50,19,51": "bbox",
    "bbox=-inf,50,19,51": "bbox",
    "bbox=10,50,190,51": "bbox",
    "category=jaywalking": "category",
    "status=gone": "status",
    "status=new,NEW": "status",
    "since=yesterday": "since",
    "since=2026-11-23T10:00:00": "since",
    "since=9999-12-31T23:59:59-05:00": "since",
    "since=0001-01-01T00:00:00%2B05:00": "since",
    "since=1700000000": "since",
    "limit=0": "limit",
    "limit=2001": "limit",
    "next=%00": "next",
    "next=abc": "next",
    "language=fr": "language",
}
WRONG_NEARBY = {
    "category=parking&longitude=17.9&latitude=91": "latitude",
    "category=parking&longitude=nan&latitude=50": "longitude",
    "category=parking&longitude=17.9": "latitude",
    "category=chess&longitude=17.9&latitude=50": "category",
}


def test_a_parameter_that_makes_no_sense_is_named(reader: TestClient) -> None:
    questions = [(MAP, query, field) for query, field in WRONG.items()]
    questions += [("/v1/reports/nearby", query, field) for query, field in WRONG_NEARBY.items()]
    for path, query, field in questions:
        answer = reader.get(f"{path}?{query}")
        assert answer.status_code == 422, query
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == [field]

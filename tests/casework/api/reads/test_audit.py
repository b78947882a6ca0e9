"""Who reads citizens' words is recorded before they are sent, whatever the route."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.postgres import Connection, Database
from contracts.events.reports import FollowUpWords, ReportContent
from fastapi.testclient import TestClient
from support.casework.impatient import Impatient
from support.casework.officers import Issuer, Officer
from support.events import OPOLE, received, report_id
from support.stack.databases import Clone

WORDS = "prywatne słowa"


@pytest.fixture
def api_role(clone: Clone) -> Iterator[Database]:
    assert clone.api is not None
    made = Impatient(clone.api)
    yield made
    made.close()


@pytest.fixture
def recorded(service: Database) -> Callable[[], list[dict[str, Any]]]:
    """What the audit says, in the order of its chains."""

    def look() -> list[dict[str, Any]]:
        with service.transaction() as connection:
            rows = connection.execute("select record from audit.entry order by chain, number").fetchall()
        return [json.loads(row["record"]) for row in rows]

    return look


def test_a_reading_is_recorded_with_who_when_what_and_why(
    client: TestClient, issuer: Issuer, two_units: None, recorded: Callable[[], list[dict[str, Any]]]
) -> None:
    headers = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    url = f"/v1/cases/{report_id(1)}"
    assert client.get(url, headers=headers).json()["words"]["description"] == WORDS
    assert client.get(url, params={"purpose": " skarga 12/26 "}, headers=headers).status_code == 200
    first, second = recorded()
    assert datetime.now(UTC) - datetime.fromisoformat(first.pop("at")) < timedelta(minutes=1)
    day = datetime.fromisoformat(second.pop("at")).date()
    who = {"officer": f"officer-coordinator-{OPOLE.unit}", "role": "coordinator", "garrison": "OPO", "unit": OPOLE.unit}
    case = {"what": "case", "report_id": str(report_id(1)), "fields": ["description"]}
    assert first == who | case | {"chain": f"{day}/OPO/{OPOLE.unit}", "number": 1}
    assert second == who | case | {"chain": f"{day}/OPO/{OPOLE.unit}", "number": 2, "purpose": "skarga 12/26"}


def test_what_shows_no_words_is_no_reading(
    client: TestClient, issuer: Issuer, coordinator: Officer, open_cases: Callable[..., None],
    two_units: None, consume: Callable[..., None], recorded: Callable[[], list[dict[str, Any]]],
) -> None:  # fmt: skip
    open_cases(4)
    url = f"/v1/cases/{report_id(1)}"
    assert client.get(url, headers=issuer.signed_in("garrison", None, "OPO")).json()["words"] is None
    assert client.get(url, headers=issuer.signed_in("coordinator", "KMP-2469", "KAT")).status_code == 404
    assert coordinator.detail(4)["words"] is None
    assert coordinator.list_cases()
    assert recorded() == []
    consume(received(FollowUpWords(report_id=report_id(4), follow_up=uuid4(), text="nadal tam jest")))
    consume(received(ReportContent(report_id=report_id(1), photos=("a" * 64,))))
    coordinator.detail(4)
    coordinator.detail(1)
    assert [reading["fields"] for reading in recorded()] == [["said_after"], ["photos"]]


def test_words_that_cannot_be_recorded_are_not_sent(
    coordinator: Officer, client: TestClient, two_units: None, service: Database, clone: Clone
) -> None:
    coordinator.detail(1)
    with Connection.connect(clone.owner) as holder:
        holder.execute("select from audit.chain for update")
        refused = client.get(f"/v1/cases/{report_id(1)}", headers=coordinator.headers)
        assert (refused.status_code, WORDS in refused.text) == (503, False)
    with Connection.connect(clone.owner) as owner:
        owner.execute("revoke execute on function audit.append from kmzb_casework_api")
    broken = client.get(f"/v1/cases/{report_id(1)}", headers=coordinator.headers)
    assert (broken.status_code, WORDS in broken.text) == (500, False)


def test_no_route_gives_words_without_a_record(
    client: TestClient, coordinator: Officer, two_units: None, recorded: Callable[[], list[dict[str, Any]]]
) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    asked = [path for path, methods in paths.items() if path.startswith("/v1/") and "get" in methods]
    asked += ["/v1/exports/cases.csv?words=1&purpose=nadzór", "/v1/exports/cases.geojson?words=1&purpose=nadzór"]
    giving = []
    for path in asked:
        before = len(recorded())
        answer = client.get(path.replace("{report_id}", str(report_id(1))), headers=coordinator.headers)
        if WORDS in answer.text:
            giving.append(path)
            assert str(report_id(1)) in {reading.get("report_id") for reading in recorded()[before:]}, path
    assert giving == ["/v1/cases/{report_id}", *asked[-2:]]


def test_a_purpose_is_one_line_of_words(client: TestClient, coordinator: Officer, two_units: None) -> None:
    for odd in ("x" * 201, "a\nb", "a\x00b", "\u200b"):
        answer = client.get(f"/v1/cases/{report_id(1)}", params={"purpose": odd}, headers=coordinator.headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "purpose"), repr(odd)

"""What casework's tests stand on: a database of the test's own, a desk in front of it, and officers to ask there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from casework.access import Gate
from casework.desk import Desk
from casework.districts import Districts
from chassis.health import Health
from chassis.http import create_api
from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.base import Owner
from contracts.cases import CaseChange
from contracts.districts import District, DistrictSet, Level, district_set_sha256
from contracts.envelope import Envelope, decode
from fastapi.testclient import TestClient
from support.databases import Clone
from support.events import OPOLE, SUBMITTED, received
from support.officers import AUDIENCE, ISSUER, Issuer, Officer, issuing
from support.openings import routed, submitted

from casework import api, app


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


@pytest.fixture
def clone(database: Callable[[str], Clone]) -> Clone:
    return database("casework")


@pytest.fixture
def service(clone: Clone) -> Iterator[Database]:
    made = Database(clone.service)
    yield made
    made.close()


@pytest.fixture
def desk(clone: Clone, issuer: Issuer) -> Iterator[Desk]:
    assert clone.api is not None
    made = Database(clone.api)
    yield Desk(made, Gate(issuer.url, ISSUER, AUDIENCE), districts(), checks_needed=2)
    made.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    http = create_api("Casework", api.DESCRIPTION, Health())
    api.serve(http, desk)
    with TestClient(http) as made:
        yield made


@pytest.fixture
def hear(service: Database) -> Callable[..., None]:
    """Feed the consumer a batch."""

    def feed(*batch: Received) -> None:
        with service.transaction() as connection:
            app.handle(connection, batch)

    return feed


@pytest.fixture
def told(service: Database) -> Callable[[], list[Any]]:
    """Everything in the outbox, in order: envelopes, and keys of tombstones."""

    def look() -> list[Any]:
        with service.transaction() as connection:
            rows = connection.execute("select * from outbox order by pos").fetchall()
        return [
            decode(zip(row["header_names"], row["header_values"], strict=True), row["value"])
            if row["value"] is not None
            else row["key"]
            for row in rows
        ]

    return look


@pytest.fixture
def changes_told(told: Callable[[], list[Any]]) -> Callable[[], list[CaseChange]]:
    return lambda: [each.data for each in told() if isinstance(each, Envelope) and isinstance(each.data, CaseChange)]


@pytest.fixture
def coordinator(client: TestClient, issuer: Issuer) -> Officer:
    return Officer(client, issuer.signed_in("coordinator", OPOLE.unit, "OPO"))


@pytest.fixture
def headquarters(client: TestClient, issuer: Issuer) -> Officer:
    return Officer(client, issuer.signed_in("headquarters"))


@pytest.fixture
def opened(hear: Callable[..., None]) -> Callable[..., None]:
    def opening(*numbers: int, owner: Owner = OPOLE, **more: Any) -> None:
        hear(*(received(submitted(number, **more)) for number in numbers))
        hear(*(received(routed(number, owner)) for number in numbers))

    return opening


def districts() -> Districts:
    """Opole with a stand-in area and a beat, and Brzeg beside it; and a unit of another garrison."""
    made = Districts()
    known: dict[str, list[tuple[str, Level, str | None, str]]] = {
        "OPO": [
            ("OPO", Level.GARRISON, None, "Komenda Wojewódzka Policji w Opolu"),
            (OPOLE.unit, Level.UNIT, "OPO", OPOLE.unit_name),
            ("166101", Level.AREA, OPOLE.unit, "Opole"),
            ("OPO-B1", Level.BEAT, OPOLE.unit, "Rejon 1"),
            ("KPP-1601", Level.UNIT, "OPO", "Komenda Powiatowa Policji w Brzegu"),
        ],
        "KAT": [("KMP-2469", Level.UNIT, None, "Komenda Miejska Policji w Katowicach")],
    }
    for garrison, rows in known.items():
        members = [
            District(garrison=garrison, version="1", code=code, level=level, name=name, parent=parent)
            for code, level, parent, name in rows
        ]
        for member in members:
            made.hear(member)
        digest = district_set_sha256(members)
        made.hear(DistrictSet(garrison=garrison, version="1", count=len(members), sha256=digest, valid_from=SUBMITTED))
    return made

"""What casework's tests stand on: a database of the test's own, the API in front of it, and officers to ask there."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from casework.api.application import application
from casework.api.auth import TokenVerifier
from casework.api.dependencies import Dependencies
from casework.api.desk import SignInAt
from chassis.health import Health
from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.base import Owner
from contracts.envelope import Envelope, decode
from contracts.events.cases import CaseChange
from contracts.events.reports import ReportContent
from contracts.policy.terms import policy
from fastapi.testclient import TestClient
from objects.settings import ObjectSettings
from objects.storage import Objects, storage
from support.agencies import AGENCIES
from support.casework.officers import AUDIENCE, ISSUER, KATOWICE, Issuer, Officer, issuing, known_districts
from support.casework.openings import routed, submitted, unroutable
from support.events import OPOLE, received, report_id
from support.stack.databases import Clone

from casework import app

TERMS = policy()


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
def api_role(clone: Clone) -> Iterator[Database]:
    """The database as officers' requests get it: under row-level security."""
    assert clone.api is not None
    made = Database(clone.api)
    yield made
    made.close()


@pytest.fixture
def photos(tmp_path: Path) -> Objects:
    """Where citizens' photos are."""
    return storage(ObjectSettings(kafka_bootstrap="nowhere:1", objects_url=(tmp_path / "photos").as_uri()))


@pytest.fixture
def health() -> Health:
    """Everything has been read since the start."""
    return Health()


@pytest.fixture
def client(api_role: Database, issuer: Issuer, photos: Objects, health: Health) -> Iterator[TestClient]:
    with TestClient(application(dependencies(api_role, issuer, photos, health))) as made:
        yield made


@pytest.fixture
def desk(api_role: Database, issuer: Issuer, photos: Objects, health: Health) -> Callable[[SignInAt], TestClient]:
    """The desk with somewhere to sign in."""
    return lambda sign_in: TestClient(application(dependencies(api_role, issuer, photos, health), sign_in))


@pytest.fixture
def consume(service: Database) -> Callable[..., None]:
    """Feed the consumer a batch."""

    def feed(*batch: Received) -> None:
        with service.transaction() as connection:
            app.handle(TERMS, connection, batch)

    return feed


@pytest.fixture
def outbox(service: Database) -> Callable[[], list[Any]]:
    """Everything in the outbox, in order: envelopes, and keys of tombstones."""

    def look() -> list[Any]:
        with service.transaction() as connection:
            rows = connection.execute("select * from outbox order by pos").fetchall()
        return [
            decode(zip(row["header_names"], row["header_values"], strict=True), row["value"])
            if row["value"] is not None
            else row["key"].decode()
            for row in rows
        ]

    return look


@pytest.fixture
def published(outbox: Callable[[], list[Any]]) -> Callable[[], list[CaseChange]]:
    """The changes in the outbox, in order."""
    return lambda: [
        message.data for message in outbox() if isinstance(message, Envelope) and isinstance(message.data, CaseChange)
    ]


@pytest.fixture
def coordinator(client: TestClient, issuer: Issuer) -> Officer:
    return Officer(client, issuer.signed_in("coordinator", OPOLE.unit, "OPO"))


@pytest.fixture
def headquarters(client: TestClient, issuer: Issuer) -> Officer:
    return Officer(client, issuer.signed_in("headquarters"))


@pytest.fixture
def open_cases(consume: Callable[..., None]) -> Callable[..., None]:
    """Open the cases of these reports, all of one owner."""

    def opening(*numbers: int, owner: Owner = OPOLE, **more: Any) -> None:
        consume(*(received(submitted(number, **more)) for number in numbers))
        consume(*(received(routed(number, owner)) for number in numbers))

    return opening


@pytest.fixture
def two_units(consume: Callable[..., None]) -> None:
    """Report 1 in Opole, 2 in Katowice, 3 with headquarters."""
    for number, route in ((1, routed(1)), (2, routed(2, KATOWICE)), (3, unroutable(3))):
        words = ReportContent(report_id=report_id(number), description="prywatne słowa")
        consume(received(words), received(submitted(number)), received(route))


def dependencies(database: Database, issuer: Issuer, photos: Objects, health: Health) -> Dependencies:
    return Dependencies(
        database=database,
        verifier=TokenVerifier(issuer.url, ISSUER, AUDIENCE),
        districts=known_districts(),
        agencies=AGENCIES,
        checks_needed=2,
        terms=TERMS,
        photos=photos,
        health=health,
    )

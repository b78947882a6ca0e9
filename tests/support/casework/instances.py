"""Two instances of casework on databases of their own, and the log between them as the test lets them hear it."""

from collections.abc import Iterable

from casework.api.application import application
from casework.api.auth import TokenVerifier
from casework.api.dependencies import Dependencies
from casework.app import handle
from chassis.health import Health
from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.base import Event
from contracts.envelope import Outgoing
from contracts.policy.regions import Region
from contracts.policy.terms import policy
from fastapi.testclient import TestClient
from objects.storage import Objects
from support.agencies import AGENCIES
from support.casework.officers import AUDIENCE, ISSUER, Issuer, Officer, known_districts
from support.events import as_received, received
from support.stack.databases import Clone

TERMS = policy()


class Instance:
    """One of them: it hears what it is told, and says what is in its outbox."""

    def __init__(self, clone: Clone, issuer: Issuer, photos: Objects, region: Region) -> None:
        assert clone.api is not None
        self.region, self.issuer = region, issuer
        self.database, self.officers = Database(clone.service), Database(clone.api)
        given = Dependencies(
            database=self.officers,
            verifier=TokenVerifier(issuer.url, ISSUER, AUDIENCE),
            districts=known_districts(),
            agencies=AGENCIES,
            checks_needed=2,
            terms=TERMS,
            photos=photos,
            health=Health(),
            region=region,
        )
        self.client = TestClient(application(given))
        self._said = 0

    def officer(self, role: str, unit: str | None = None, garrison: str | None = None) -> Officer:
        """Somebody signed in at this instance's desk."""
        return Officer(self.client, self.issuer.signed_in(role, unit, garrison))

    def hear(self, *batch: Event | Received) -> None:
        """Handle a batch."""
        messages = [item if isinstance(item, Received) else received(item) for item in batch]
        with self.database.transaction() as connection:
            handle(TERMS, connection, messages, region=self.region)

    def says(self) -> list[Received]:
        """What it has written for the log since this was asked last, in order; tombstones are left out."""
        with self.database.transaction() as connection:
            rows = connection.execute(
                "select * from outbox where pos > %s and value is not null order by pos", (self._said,)
            ).fetchall()
        self._said = max((row["pos"] for row in rows), default=self._said)
        return [
            as_received(
                Outgoing(
                    row["topic"],
                    row["key"].decode(),
                    list(zip(row["header_names"], row["header_values"], strict=True)),
                    row["value"],
                )
            )
            for row in rows
        ]

    def close(self) -> None:
        """Let go of the databases."""
        self.client.close()
        self.database.close()
        self.officers.close()


def each_hears(instances: Iterable[Instance], *batch: Event | Received) -> None:
    """Every instance reads it, as every instance reads every topic."""
    for instance in instances:
        instance.hear(*batch)

"""`kmzb doctor` on the running system, and on the same with one thing wrong."""

from collections.abc import Mapping
from typing import LiteralString

import psycopg
import pytest
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS
from deploy.stack.process import Process
from journeys.journey import Journey
from support.operations.command import Kmzb
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]
NOBODY = "127.0.0.1:1"


def findings(kmzb: Kmzb) -> dict[str, list[tuple[str, str]]]:
    """What is looked at → what was found of it, each with its state."""
    found: dict[str, list[tuple[str, str]]] = {}
    ends = kmzb.code("doctor")
    assert ends in (0, 3)
    for each in kmzb.json("doctor", ends=ends):
        found.setdefault(each["what"], []).append((each["state"], each["says"]))
    assert (ends == 3) == any(state == "wrong" for of_one in found.values() for state, _ in of_one)
    return found


def test_what_is_well_is_said_to_be_so_and_one_copy_is_worth_a_note(journey: Journey, kmzb: Kmzb) -> None:
    eventually(lambda: kmzb.code("lag", "--over", "5") == 0, 30)
    found = findings(kmzb)
    wrong = {what for what, said in found.items() if any(state == "wrong" for state, _ in said)}
    # Other journeys leave dead letters behind, and the machine's disk is its owner's.
    assert {what for what in wrong if not what.startswith("dead letters of ") and what != "disk"} == set()
    services = ("public-map", "intake", "routing", "casework", "sla-monitor", "notifier")
    for service in services:
        assert found[service][0][0] == found[f"settings of {service}"][0][0] == "well"
    for service in ("casework", "sla-monitor", "notifier", "public-map"):
        assert {found[f"{what} of {service}"][0][0] for what in ("migrations", "relay")} == {"well"}
    assert found["copies"][0] == ("note", "1 of each topic, 3 in production: what this cluster loses is lost")
    assert found["access"][0][0] == "note", "the brokers of tests ask nobody who he is"
    assert {found[what][0][0] for what in ("brokers", "topics", "topics' settings", "Redis", "mail server")} == {"well"}
    assert "things looked at" in kmzb("doctor", "--all", ends=kmzb.code("doctor"))


@pytest.mark.parametrize(
    ("told", "what", "says"),
    [
        ({REDIS: f"redis://{NOBODY}/0"}, "Redis", "Redis does not answer"),
        ({"KMZB_NOTIFIER_SMTP_URL": f"smtp://{NOBODY}"}, "mail server", "does not answer at 127.0.0.1:1"),
        ({"KMZB_CASEWORK_JWKS_URL": f"http://{NOBODY}/jwks"}, "officers' sign-in", "no officer signs in anew"),
        ({"KMZB_INTAKE_URL": f"http://{NOBODY}"}, "intake", "does not answer at"),
        ({"KMZB_INTAKE_REPORTS_PER_HOUR": "many"}, "settings of intake", "KMZB_INTAKE_REPORTS_PER_HOUR"),
        ({"KMZB_INTAKE_REPORTS_PER_HUOR": "5"}, "settings of intake", "did you mean KMZB_INTAKE_REPORTS_PER_HOUR?"),
        ({"KMZB_NAMESPACE": "nobody."}, "topics", "is missing: run `kmzb setup`"),
        ({"KMZB_CASEWORK_POSTGRES_DSN": f"postgresql://a@{NOBODY}/b"}, "database of casework", "does not answer"),
        ({KAFKA: NOBODY}, "brokers", f"Kafka does not answer at {NOBODY}"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_is_wrong_is_said_of_the_thing_that_is(
    journey: Journey, told: Mapping[str, str], what: str, says: str
) -> None:
    found = findings(Kmzb({**journey.addresses, **told}))
    assert any(state == "wrong" and says in said for state, said in found[what]), found[what]


def test_a_service_that_is_stopped_is_missed_in_its_group_and_at_its_address(journey: Journey, kmzb: Kmzb) -> None:
    journey.hold("routing", by=Process.stop)
    try:
        found = findings(kmzb)
    finally:
        journey.release("routing")
    assert found["routing reads"][0] == (
        "wrong",
        "no instance is in its group: it does not run, or can't reach the brokers",
    )
    assert "does not answer" in found["routing"][0][1]


IN_THE_STORE: Mapping[str, tuple[LiteralString, LiteralString, str, str]] = {
    "a migration that is not applied": (
        "delete from schema_migration where name = 'chassis/0003_held.sql'",
        "insert into schema_migration select name, sha256 from kept",
        "migrations of sla-monitor",
        "chassis/0003_held.sql is not applied: run `kmzb setup`",
    ),
    "a migration that was changed": (
        "update schema_migration set sha256 = 'x' where name = 'chassis/0003_held.sql'",
        "update schema_migration set sha256 = kept.sha256 from kept where schema_migration.name = kept.name",
        "migrations of sla-monitor",
        "was changed after it was applied",
    ),
}


@pytest.mark.parametrize("fault", IN_THE_STORE)
def test_a_store_that_is_not_as_its_service_expects_is_said_to_be_so(journey: Journey, kmzb: Kmzb, fault: str) -> None:
    spoil, mend, what, says = IN_THE_STORE[fault]
    name = psycopg.conninfo.conninfo_to_dict(journey.addresses["KMZB_SLA_MONITOR_POSTGRES_DSN"])["dbname"]
    admin = psycopg.conninfo.make_conninfo(journey.addresses[POSTGRES], dbname=str(name))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            "create temporary table kept as select * from schema_migration where name = 'chassis/0003_held.sql'"
        )
        connection.execute(spoil)
        try:
            found = findings(kmzb)
        finally:
            connection.execute(mend)
    assert any(state == "wrong" and says in said for state, said in found[what]), found[what]
    assert findings(kmzb)[what][0][0] == "well"

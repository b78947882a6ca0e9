"""A heartbeat goes the way of a report through all services, and nothing of it is kept or shown anywhere."""

import psycopg
import pytest
from contracts.envelope import Envelope
from contracts.topics import HEARTBEATS, PUBLIC_MAP, TOPICS
from journeys.journey import Journey
from psycopg import sql
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(150)]
STORES = ("CASEWORK", "SLA_MONITOR", "NOTIFIER", "PUBLIC_MAP")
TABLES = """
select table_schema, table_name from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') and table_name <> 'outbox'
  and has_table_privilege(quote_ident(table_schema) || '.' || quote_ident(table_name), 'select')
"""


@pytest.fixture(scope="module")
def arrived(journey: Journey) -> Envelope:
    """A heartbeat that came to its end."""
    found: list[Envelope] = eventually(lambda: journey.envelopes(HEARTBEATS[PUBLIC_MAP]), 100)
    return found[0]


def test_it_passes_every_service_in_the_order_of_a_report(journey: Journey, arrived: Envelope) -> None:
    said = {
        reader: [each for each in journey.envelopes(topic) if each.subject == arrived.subject]
        for reader, topic in HEARTBEATS.items()
    }
    sources = [each.source for beats in said.values() for each in beats[:1]]
    assert sources == [f"/kmzb/{service}" for service in ("intake", "routing", "casework", "sla-monitor", "notifier")]
    assert {each.submitted_at for beats in said.values() for each in beats} == {arrived.submitted_at}


def test_each_service_counts_those_that_came_to_it(journey: Journey, arrived: Envelope) -> None:
    def not_counted() -> list[str]:
        texts = {reader: journey.http.get(journey.metrics_url(reader.replace("-", "_"))).text for reader in HEARTBEATS}
        series = 'kmzb_event_age_seconds_count{{service="{}",topic="{}"}} '
        return [
            reader for reader, topic in HEARTBEATS.items() if series.format(reader, topic.name) not in texts[reader]
        ]

    eventually(lambda: not not_counted(), 10)


def test_no_other_topic_and_no_table_has_anything_of_it(journey: Journey, arrived: Envelope) -> None:
    others = [topic for topic in TOPICS if topic not in HEARTBEATS.values()]
    assert not [topic.name for topic in others for each in journey.envelopes(topic) if each.subject == arrived.subject]
    looked = 0
    for store in STORES:
        with psycopg.connect(journey.addresses[f"KMZB_{store}_POSTGRES_DSN"]) as connection:
            for schema, table in connection.execute(TABLES).fetchall():
                name, looked = sql.Identifier(schema, table), looked + 1
                query = sql.SQL("select count(*) from {} as row where row::text like %s").format(name)
                [count] = connection.execute(query, (f"%{arrived.subject}%",)).fetchone() or [0]
                assert count == 0, (store, table)
    assert looked > 30
    map_now = journey.http.get(journey.url("public_map", "/v1/reports.geojson")).text
    assert arrived.subject not in map_now

"""What geographic information systems are built on reads the features over HTTP."""

from chassis.health import Health
from chassis.postgres import Database
from owslib.ogcapi.features import Features
from public_map.api.application import create_api
from public_map.settings import Settings
from support.public_map.public_lives import Life
from support.stack.ports import free_url
from support.web.serving import serving_at


def test_owslib_reads_the_collection(store: Database, lives: list[Life]) -> None:
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn, url=free_url())
    with serving_at(create_api(store, settings, Health()), settings.url):
        server = Features(f"{settings.url}/ogc")
        assert server.feature_collections() == ["reports"]
        assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in server.conformance()["conformsTo"]
        near = server.collection_items("reports", bbox=[17.91, 50.6, 17.95, 50.7], limit=5)
        assert near["numberReturned"] == 5
        assert {feature["properties"]["category"] for feature in near["features"]} == {"begging"}
        one = server.collection_item("reports", str(lives[0].id))
        assert one["properties"]["report_id"] == str(lives[0].id)

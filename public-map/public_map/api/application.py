"""The application: the map's page with its files, and the routes behind it."""

from chassis.health import Health
from chassis.postgres import Database, OperationalError
from contracts.policy.terms import Policy, policy
from fastapi import FastAPI
from starlette.middleware import Middleware
from web.application import create_api as create_guarded
from web.design.about import about_routes
from web.design.compression import Compression
from web.design.pages import Pages

from public_map.api.features import routes as ogc
from public_map.api.live.routes import live_routes
from public_map.api.map import map_routes
from public_map.api.nearby import nearby_routes
from public_map.api.open311 import documents as open311
from public_map.api.open311.intake import Intake
from public_map.api.open311.routes import open311_routes
from public_map.api.open_data.datasets import dataset_routes
from public_map.api.open_data.feed import feed_routes
from public_map.api.open_data.files import file_routes
from public_map.api.open_data.powiats import Powiats
from public_map.api.pages.map_page import map_page_routes
from public_map.api.pages.receipt import receipt_page_routes
from public_map.api.pages.report import report_routes
from public_map.api.pages.streets import street_routes, streets
from public_map.api.pages.topics import topic_routes
from public_map.api.pages.units import unit_routes
from public_map.api.places.locate import locate_routes
from public_map.api.places.search import place_search_routes
from public_map.api.receipts import receipt_routes
from public_map.api.statistics.months import month_routes
from public_map.api.statistics.routes import statistics_routes
from public_map.api.tiles.routes import tile_routes
from public_map.districts import Districts
from public_map.live import LiveReports
from public_map.settings import Settings


def create_api(
    database: Database,
    settings: Settings,
    health: Health,
    districts: Districts | None = None,
    live: LiveReports | None = None,
) -> FastAPI:
    """The application. Everything but receipts reads only what is public.

    Without `districts` nobody is known to answer anywhere, without `live` nobody can follow.
    """
    api = create_guarded(
        "KMZB public map",
        "What everyone may see of the reports to the police. Not an emergency channel: call 112.",
        health,
        origins=("*",),
        middleware=[Middleware(Compression, minimum_size=1000)],
        passing=[OperationalError],
        openapi_external_docs={
            "url": f"{settings.address}/docs/topics",
            "description": "Topics on Kafka, to subscribe to",
        },
    )
    known, terms = districts or Districts(settings, health), policy(settings.terms_file)
    _add_pages(api, database, settings, known, terms)
    api.include_router(map_routes(database, settings.cache_for))
    api.include_router(nearby_routes(database))
    api.include_router(place_search_routes(database))
    api.include_router(locate_routes(database, known, settings.nearest_m))
    api.include_router(tile_routes(database, settings.cache_for, settings.tile_cache_bytes))
    api.include_router(receipt_routes(database, terms))
    api.include_router(statistics_routes(database, settings.cache_for))
    api.include_router(live_routes(live or LiveReports(settings, health), settings.live_readers))
    _add_open_data(api, database, settings, known, terms)
    return api


def _add_pages(api: FastAPI, database: Database, settings: Settings, districts: Districts, terms: Policy) -> None:
    """What people look at, with its files."""
    beneath = streets(settings.streets, settings.streets_attribution)
    pages = Pages("public_map", connect=[settings.intake_url, *(beneath.elsewhere if beneath else ())])
    pages.mount(api)
    api.include_router(map_page_routes(pages, settings, beneath))
    api.include_router(street_routes(beneath))
    api.include_router(about_routes(pages))
    api.include_router(topic_routes(pages))
    api.include_router(unit_routes(pages, districts, settings, beneath))
    api.include_router(report_routes(pages, settings.intake_url, beneath, terms))
    api.include_router(receipt_page_routes(pages, database, settings.address, settings.intake_url, terms))


def _add_open_data(api: FastAPI, database: Database, settings: Settings, districts: Districts, terms: Policy) -> None:
    """What programs of others read, and by Open311 send; how errors look there is not ours to say."""
    api.state.problem_answers = {open311.BASE: open311.answer_problem, ogc.BASE: ogc.answer_problem}
    powiats = Powiats(districts)
    api.include_router(month_routes(database, powiats, settings.cache_for))
    api.include_router(file_routes(database, powiats))
    api.include_router(dataset_routes(settings.datasets, settings.address))
    api.include_router(feed_routes(database, settings, powiats))
    api.include_router(ogc.feature_routes(database, settings))
    intake = Intake(settings.intake_api_url or settings.intake_url)
    api.include_router(open311_routes(database, settings, terms, intake))

"""`GET /v1/feeds/reports.atom`: the newest changes of a unit, a powiat or a category, with places, for feed readers."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from xml.etree import ElementTree

from chassis.postgres import Database
from contracts.events.public import PublicReport
from contracts.policy.categories import category
from contracts.statuses import LABELS, Language
from contracts.values.instants import EARLIEST
from fastapi import APIRouter, Query
from fastapi.responses import Response
from web.texts.catalogue import _, translations
from web.texts.languages import chosen_language

from public_map.api.open_data.parameters import OpenDataQuery, open_data_filter
from public_map.api.open_data.powiats import Powiats
from public_map.api.queries import AcceptLanguage
from public_map.domain.queries import Order
from public_map.settings import Settings
from public_map.store.public_reports import find_public_reports

_NEWEST = 100
_ATOM, _GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
_XML = "http://www.w3.org/XML/1998/namespace"
ElementTree.register_namespace("", _ATOM)
ElementTree.register_namespace("georss", _GEORSS)


def feed_routes(database: Database, settings: Settings, powiats: Powiats) -> APIRouter:
    """The route."""
    routes, url = APIRouter(tags=["open data"]), settings.address
    cache_control = f"public, max-age={int(settings.cache_for.total_seconds())}"

    @routes.get(
        "/v1/feeds/reports.atom", summary=f"The {_NEWEST} newest changes on the map, as an Atom feed with GeoRSS",
        response_class=Response, responses={200: {"content": {"application/atom+xml": {}}}},
    )  # fmt: skip
    def feed(query: Annotated[OpenDataQuery, Query()], accept_language: AcceptLanguage = None) -> Response:
        language = chosen_language(query.language, accept_language)
        wanted = replace(open_data_filter(query, powiats), order=Order.CHANGED_LAST)
        with database.transaction() as connection:
            found = find_public_reports(connection, wanted, _NEWEST)
        asked = query.model_dump(mode="json", exclude_defaults=True)
        address = f"{url}/v1/feeds/reports.atom?{urlencode(asked, doseq=True)}".rstrip("?")
        body = atom(found, url, address, language)
        headers = {"Cache-Control": cache_control, "Vary": "Accept-Language"}
        return Response(body, headers=headers, media_type="application/atom+xml; charset=utf-8")

    return routes


def atom(reports: list[PublicReport], url: str, address: str, language: Language) -> bytes:
    """A feed (RFC 4287) of reports, the newest change first; `address` is its own, `url` the map's."""
    text = translations("public_map", language).gettext
    root = ElementTree.Element(_q("feed"), {f"{{{_XML}}}lang": language})
    _add(root, "id", address)
    _add(root, "title", text(_("Threats on the map: what changed last")))
    _add(root, "updated", _moment(max((report.changed_at for report in reports), default=EARLIEST)))
    _add(ElementTree.SubElement(root, _q("author")), "name", "KMZB")
    ElementTree.SubElement(root, _q("link"), rel="self", type="application/atom+xml", href=address)
    ElementTree.SubElement(root, _q("link"), rel="alternate", type="text/html", href=f"{url}/")
    for report in reports:
        _entry(root, report, url, language)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(root: ElementTree.Element, report: PublicReport, url: str, language: Language) -> None:
    known = category(report.category)
    name = known.name(language) if known else report.category
    at = {"longitude": report.longitude, "latitude": report.latitude, "zoom": 16, "report": report.report_id}
    entry = ElementTree.SubElement(root, _q("entry"))
    _add(entry, "id", f"urn:uuid:{report.report_id}")
    _add(entry, "title", f"{name}: {LABELS[report.status][language]}")
    _add(entry, "updated", _moment(report.changed_at))
    _add(entry, "published", _moment(report.submitted_at))
    _add(entry, "summary", f"{name}: {LABELS[report.status][language]}. {report.unit_name}.")
    ElementTree.SubElement(entry, _q("link"), rel="alternate", type="text/html", href=f"{url}/?{urlencode(at)}")
    ElementTree.SubElement(entry, _q("category"), term=report.category, label=name)
    ElementTree.SubElement(entry, f"{{{_GEORSS}}}point").text = f"{report.latitude} {report.longitude}"


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, _q(name)).text = text


def _q(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")

"""What the standard wants said of the service and of its collection."""

from typing import Any
from urllib.parse import urlsplit

from contracts.base import POLAND

COLLECTION = "reports"
JSON, GEOJSON = "application/json", "application/geo+json"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CONFORMS = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_TITLE = "Krajowa Mapa Zagrożeń Bezpieczeństwa"
_SINCE = "2016-09-14T00:00:00Z"


def link(rel: str, href: str, media_type: str, title: str = "") -> dict[str, str]:
    """A link as the standard writes it."""
    return {"rel": rel, "href": href, "type": media_type} | ({"title": title} if title else {})


class Documents:
    """The fixed documents of a service at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.address = f"{url}/collections/{COLLECTION}"
        self.items = f"{self.address}/items"

    def landing(self) -> dict[str, Any]:
        """Where everything is."""
        served = urlsplit(self._url)
        root = f"{served.scheme}://{served.netloc}"
        return {
            "title": _TITLE,
            "description": "What everyone may see of the reports to the police. In an emergency call 112.",
            "links": [
                link("self", self._url, JSON, "this document"),
                link("service-desc", f"{root}/openapi.json", "application/vnd.oai.openapi+json;version=3.1", "OpenAPI"),
                link("service-desc", f"{root}/openapi.json", JSON, "the same for those who look for JSON"),
                link("service-doc", f"{root}/docs", "text/html", "the same to read"),
                link("conformance", f"{self._url}/conformance", JSON, "what is conformed to"),
                link("data", f"{self._url}/collections", JSON, "the collections"),
            ],
        }

    def conformance(self) -> dict[str, Any]:
        """What is conformed to. Not `oas30`: the API is described in OpenAPI 3.1."""
        return {"conformsTo": [f"{_CONFORMS}/core", f"{_CONFORMS}/geojson"]}

    def collections(self) -> dict[str, Any]:
        """The collections: one."""
        links = [link("self", f"{self._url}/collections", JSON)]
        return {"links": links, "collections": [self.collection()]}

    def collection(self) -> dict[str, Any]:
        """The reports on the map."""
        return {
            "id": COLLECTION,
            "title": _TITLE,
            "description": "Reports on the map, their places as exact as their category allows, times to the hour.",
            "itemType": "feature",
            "crs": [_CRS84],
            "extent": {
                "spatial": {"bbox": [list(POLAND)], "crs": _CRS84},
                "temporal": {
                    "interval": [[_SINCE, None]],
                    "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
                },
            },
            "links": [
                link("self", self.address, JSON),
                link("items", self.items, GEOJSON, "the reports"),
            ],
        }

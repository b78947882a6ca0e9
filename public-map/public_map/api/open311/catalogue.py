"""Where the API is, which services it has, and what may be said with a request for each."""

from collections.abc import Iterator, Sequence
from typing import Any

from babel.dates import get_day_names
from contracts.events.reports import TimeOfDay
from contracts.policy.categories import Category
from contracts.statuses import Language
from web.texts.catalogue import _, translations
from web.texts.languages import LOCALES

from public_map.api.open311.documents import BASE, MEDIA_TYPES, Document
from public_map.domain.open311 import answering

_CHANGED = "2026-11-27T00:00:00Z"
_TIMES = {
    TimeOfDay.MORNING: _("morning, 6–12"),
    TimeOfDay.AFTERNOON: _("afternoon, 12–18"),
    TimeOfDay.EVENING: _("evening, 18–22"),
    TimeOfDay.NIGHT: _("night, 22–6"),
}


def discovery(url: str) -> Document:
    """Where the endpoints are, `url` being the service's own."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{url}{BASE}",
        "changeset": _CHANGED,
        "type": "production",
        "formats": [media_type.partition(";")[0] for media_type in reversed(MEDIA_TYPES.values())],
    }
    return Document(
        "discovery",
        {
            "changeset": _CHANGED,
            "contact": f"{url}/docs",
            "key_service": "No key is needed.",
            "endpoints": [endpoint],
        },
    )


def services(categories: Sequence[Category], language: Language) -> Document:
    """The services there are: the categories new reports are made with."""
    return Document("services", [_service(category, language) for category in categories])


def service_definition(category: Category, language: Language) -> Document:
    """What may be said with a request for a service."""
    attributes = [{"order": number, **each} for number, each in enumerate(_attributes(language), 1)]
    return Document("service_definition", {"service_code": category.code, "attributes": attributes})


def service_name(category: Category | None, code: str, language: Language) -> str:
    """What a service is called; its code, where no catalogue has it."""
    return category.name(language) if category else code


def _service(category: Category, language: Language) -> dict[str, Any]:
    text = translations("public_map", language).gettext
    needed = text(_("A description is needed.")) if category.description else ""
    return {
        "service_code": category.code,
        "service_name": category.name(language),
        "description": f"{category.explanation.belongs.read(language)} {needed}".strip(),
        "metadata": True,
        "type": answering(category).value,
        "keywords": "",
        "group": "",
    }


def _attributes(language: Language) -> Iterator[dict[str, Any]]:
    text = translations("public_map", language).gettext
    common = {"variable": True, "required": False}
    days = get_day_names("wide", locale=LOCALES[language])
    yield {
        **common,
        "code": "occurred_at",
        "datatype": "datetime",
        "datatype_description": text(_("RFC 3339 with zone; at most 30 days ago")),
        "description": text(_("When it happened")),
    }
    yield {
        **common,
        "code": "weekdays",
        "datatype": "multivaluelist",
        "datatype_description": "",
        "description": text(_("On which days it happens again and again")),
        "values": [{"key": str(number + 1), "name": days[number]} for number in range(7)],
    }
    yield {
        **common,
        "code": "time_of_day",
        "datatype": "singlevaluelist",
        "datatype_description": "",
        "description": text(_("At what time of day")),
        "values": [{"key": str(time), "name": text(words)} for time, words in _TIMES.items()],
    }

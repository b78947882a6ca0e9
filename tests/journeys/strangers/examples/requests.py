"""What comes over HTTP: kinds 2, 4, 5, 8, 9 and 11, and the doors that one request can try."""

import json
from collections.abc import Sequence
from typing import Any

from journeys.strangers.shape import Answer, Example, Request

ORIGIN = {"Origin": "https://mapa.example.org"}
PLACE = {"longitude": 17.9213, "latitude": 50.6683}
REPORT = {"category": "parking", **PLACE}
SURROGATE_OR_CONTROL = {"NUL": "a\0b", "a terminal's command": "\x1b[2J", "turned text": "a\u202eb"}


def _report(**fields: Any) -> Request:
    return Request("intake", "POST", "/v1/reports", {**REPORT, **fields})


def _change(change: str, **body: Any) -> Request:
    return Request("casework", "POST", f"/v1/cases/{{case}}/{change}", body)


def _get(service: str, path: str, **headers: str) -> Request:
    return Request(service, "GET", path, headers=headers)


REQUESTS: Sequence[Example] = (
    Example(
        2, "a due_at no calendar carries", _change("task", due_at="9999-12-31T23:59:59-05:00"), Answer(422, ["due_at"])
    ),
    Example(2, "then the case", _get("casework", "/v1/cases/{case}"), Answer(200, ["verification"])),
    Example(2, "then the list", _get("casework", "/v1/cases"), Answer(200, ["next"])),
    Example(2, "then a change of it", _change("task", due_at="SOON"), Answer(422, ["due_at"])),
    Example(
        4,
        "an encoded word as address",
        _report(contact={"email": "=?utf-8?q??=@example.org"}),
        Answer(422, ["contact.email"]),
    ),
    Example(
        5,
        "an encoded word that hides another's address",
        _report(contact={"email": "=?utf-8?q?v=40other.org=2C?=@example.org"}),
        Answer(422, ["contact.email"]),
    ),
    Example(8, "OPTIONS", Request("intake", "OPTIONS", "/v1/reports"), Answer(204, ["allow: OPTIONS, POST"])),
    Example(8, "a slash at the end", _get("casework", "/v1/cases/"), Answer(404, without=["location:"])),
    Example(
        8,
        "an error a page has to read",
        _get("public_map", "/v1/reports.geojson?limit=0", **ORIGIN),
        Answer(422, ["limit", "access-control-allow-origin: *"]),
    ),
    Example(
        8,
        "?catgory=",
        _get("public_map", "/v1/reports.geojson?catgory=parking"),
        Answer(422, ["did you mean category"]),
    ),
    Example(8, "?stauts=", _get("casework", "/v1/cases?stauts=new"), Answer(422, ["did you mean status"])),
    Example(
        8, "a weak tag", Request("casework", "POST", "/v1/cases/{case}/task", {}, {"If-Match": 'W/"1"'}), Answer(422)
    ),
    Example(
        8,
        "a byte-order mark",
        Request("intake", "POST", "/v1/reports", b"\xef\xbb\xbf" + json.dumps(REPORT).encode()),
        Answer(201, ["receipt"]),
    ),
    Example(8, "/docs", _get("casework", "/docs"), Answer(200, ["/v1/cases"], without=["http:", "https:", "<script"])),
    Example(
        9,
        "words nobody sees",
        _report(category="dangerous-venue", description="\u200b" * 20),
        Answer(422, ["description"]),
    ),
    Example(9, "a domain in Polish", _report(contact={"email": "jan@żółw.pl"}), Answer(201, ["receipt"])),
    Example(
        9,
        "a domain in Polish, as networks write it",
        _report(contact={"email": "jan@xn--w-uga1v8h.pl"}),
        Answer(201, ["receipt"]),
    ),
    Example("doors", "/metrics on the citizens' port", _get("intake", "/metrics"), Answer(404)),
    *(
        Example(
            "doors",
            f"a note with {what}",
            _change("task", due_at="2026-12-01T12:00:00Z", note=note),
            Answer(422, ["note"]),
        )
        for what, note in SURROGATE_OR_CONTROL.items()
    ),
    Example(
        "doors",
        "half a character",
        Request("casework", "POST", "/v1/cases/{case}/reject", b'{"note":"a\\ud800"}'),
        Answer(422, ["note"]),
    ),
)

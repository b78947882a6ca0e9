"""`/docs`: the OpenAPI document as a page that needs no script and nothing from anywhere else."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{background:#f3f3f3}pre{padding:.5rem;overflow:auto}td,th{text-align:left;padding:0 1rem 0 0}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def document(api: FastAPI) -> None:
    """Serve `/docs` from what the application documents."""

    @api.get("/docs", include_in_schema=False)
    def docs() -> Response:
        return HTMLResponse("".join(_page(api.openapi())), headers=_HEADERS)


def _page(openapi: Mapping[str, Any]) -> Iterator[str]:
    info = openapi["info"]
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
    yield f"<style>{_STYLE}</style><h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>"
    yield '<p>For programs: <a href="openapi.json">openapi.json</a></p>'
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            yield from _operation(f"{method.upper()} {path}", operation)
    yield "<h2>Schemas</h2>"
    for name, schema in openapi.get("components", {}).get("schemas", {}).items():
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3>{_json(schema)}'


def _operation(name: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{escape(name)}</code></h2><p>{escape(operation.get('summary', ''))}</p>"
    if described := operation.get("description"):
        yield f"<p>{escape(described)}</p>"
    if parameters := operation.get("parameters"):
        yield "<table><tr><th>parameter<th>in<th>schema<th>meaning</tr>"
        for parameter in parameters:
            schema = escape(json.dumps(parameter.get("schema", {}), ensure_ascii=False))
            meaning = escape(parameter.get("description", ""))
            named = f"{parameter['name']}{' (required)' if parameter.get('required') else ''}"
            yield f"<tr><td>{escape(named)}<td>{escape(parameter['in'])}<td><code>{schema}</code><td>{meaning}</tr>"
        yield "</table>"
    if body := operation.get("requestBody"):
        yield f"<p>Body:</p>{_json(body.get('content', {}))}"
    yield "<table>"
    for status, answer in operation.get("responses", {}).items():
        yield f"<tr><td>{escape(status)}<td>{escape(answer.get('description', ''))}</tr>"
    yield "</table>"


def _json(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, indent=1, ensure_ascii=False))}</pre>"

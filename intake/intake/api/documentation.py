"""How the hot route stands in the API's documentation: described from the very types it decodes and encodes."""

from typing import Any

import msgspec
from fastapi import FastAPI

from intake.api.problems import MAX_BODY
from intake.domain.forms import ReportForm
from intake.domain.receipts import Receipt

REFUSALS = {
    400: "not JSON, or the Idempotency-Key can't be used",
    413: f"more than {MAX_BODY} bytes",
    415: "not application/json in UTF-8",
    422: "a field is wrong, or the Idempotency-Key belongs to another report or is not random",
    429: "over a limit: try again after Retry-After seconds",
    503: "not known whether it was taken: repeat with the same Idempotency-Key after Retry-After seconds",
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `errors` names the fields and says what to do",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def document_reports(api: FastAPI, path: str) -> None:
    """Describe POST `path`, which is served in front of `api`."""
    (form, receipt), components = msgspec.json.schema_components(
        [ReportForm, Receipt], ref_template="#/components/schemas/{name}"
    )

    async def never_called() -> None:
        raise NotImplementedError("served in front of this application")

    api.add_api_route(
        path,
        never_called,
        methods=["POST"],
        tags=["reports"],
        operation_id="report",
        summary="Report a threat.",
        description="Not an emergency channel: in an emergency call 112. A report exists once this answers 201.",
        status_code=201,
        openapi_extra={
            "parameters": [_KEY],
            "requestBody": {"required": True, "content": {"application/json": {"schema": form}}},
            "responses": {"201": _created(receipt), **{str(status): _refusal(why) for status, why in REFUSALS.items()}},
        },
    )
    generate = api.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update({**components, "Problem": PROBLEM})
        return document

    api.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the description


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "makes a repeat harmless: the same key with the same body is the same report, for whoever has both;"
    " so a random UUID, made anew for each report",
    "schema": {"type": "string", "minLength": 16, "maxLength": 255, "pattern": "^[!-~]*$"},
}


def _created(receipt: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "The report is on the log.",
        "headers": {"Location": {"description": "the receipt's page", "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": receipt}},
    }


def _refusal(why: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": why, "content": {"application/problem+json": {"schema": schema}}}

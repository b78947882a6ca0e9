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

    document_in_front(
        api,
        path,
        {**components, "Problem": PROBLEM},
        operation_id="report",
        summary="Report a threat.",
        description="Not an emergency channel: in an emergency call 112. A report exists once this answers 201.",
        openapi_extra={
            "parameters": [idempotency_key(_REPEAT)],
            "requestBody": {"required": True, "content": {"application/json": {"schema": form}}},
            "responses": {"201": _created(receipt), **refusals(REFUSALS)},
        },
    )


def document_in_front(api: FastAPI, path: str, components: dict[str, Any], **operation: Any) -> None:
    """Describe a POST that is served in front of `api`, and add the schemas it refers to."""

    async def never_called() -> None:
        raise NotImplementedError("served in front of this application")

    api.add_api_route(path, never_called, methods=["POST"], tags=["reports"], status_code=201, **operation)
    generate = api.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(components)
        return document

    api.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the description


def idempotency_key(description: str) -> dict[str, Any]:
    """The header as a parameter; the description says what a repeat under it is."""
    schema = {"type": "string", "minLength": 16, "maxLength": 255, "pattern": "^[!-~]*$"}
    return {"name": "Idempotency-Key", "in": "header", "required": False, "description": description, "schema": schema}


def refusals(why: dict[int, str]) -> dict[str, Any]:
    """The answers that are problems: by status, why."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"description": text, "content": content} for status, text in why.items()}


_REPEAT = (
    "makes a repeat harmless: the same key with the same body is the same report, for whoever has both;"
    " so a random UUID, made anew for each report"
)


def _created(receipt: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": "The report is on the log.",
        "headers": {"Location": {"description": "the receipt's page", "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": receipt}},
    }

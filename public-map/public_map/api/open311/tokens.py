"""The route that tells the holder of a token, which is a receipt, the id of the request."""

import hashlib
from typing import Annotated

from chassis.postgres import Database
from fastapi import APIRouter, Query
from fastapi.responses import Response

from public_map.api.open311.documents import ANSWERS, ChosenFormat, Document, not_found
from public_map.api.open311.parameters import Known
from public_map.store.reports import find_report


def add_token_routes(routes: APIRouter, database: Database) -> None:
    """Add it."""

    @routes.get("/tokens/{token}.{form}", summary="The id of a request that was answered with a token",
                response_class=Response, responses=ANSWERS)  # fmt: skip
    def by_token(token: str, form: ChosenFormat, query: Annotated[Known, Query()]) -> Response:
        with database.transaction() as connection:
            report = find_report(connection, hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest())
        if report is None:
            raise not_found("token", "not found; where the request was sent seconds ago, try again in a moment")
        content = [{"service_request_id": str(report.report_id), "token": token}]
        return Document("service_requests", content).response(form, headers={"Cache-Control": "no-store"})

"""`POST /v1/agencies/{code}/answers`: an agency answers with a request it signs, as we sign what we send to it."""

from typing import Annotated, Any

import msgspec
from chassis.clock import now
from chassis.health import Health
from chassis.postgres import Database
from contracts.agencies import Agencies
from contracts.events.referrals import ReferralAnswer
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from web.problems import Problem, field_problem

from notifier.answers.signatures import NotSigned, check_signature, recipient_secret
from notifier.answers.taking import ENDINGS, KINDS, over, read_answer, take
from notifier.store.referrals import find_referral

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "data"],
                    "properties": {
                        "type": {"type": "string", "enum": list(KINDS)},
                        "data": {"type": "object", "description": "the event, by the JSON Schema of its name"},
                    },
                }
            }
        },
    }
}


class _Said(msgspec.Struct):
    type: str
    data: dict[str, Any]


async def _raw(request: Request) -> bytes:
    return await request.body()


def signed_answers(database: Database, agencies: Agencies, health: Health, master: bytes) -> APIRouter:
    """The route. `master` is what agencies' keys are made from; without one nobody can sign."""
    router = APIRouter(prefix="/v1/agencies/{code}/answers", tags=["agencies"])

    @router.post("", summary="Answer a referral", status_code=202, openapi_extra=_BODY)
    def answer(
        code: str,
        body: Annotated[bytes, Depends(_raw)],
        webhook_id: Annotated[str, Header()] = "",
        webhook_timestamp: Annotated[str, Header()] = "",
        webhook_signature: Annotated[str, Header()] = "",
    ) -> Response:
        """The same answer under the same `webhook-id` counts once. Of a referral that has ended it is noted alone."""
        if "agency" in health.awaited:
            raise Problem(503, "Not at the moment", "The agencies are being read.", {"Retry-After": "2"})
        if not master or code not in agencies:  # nobody learns here which agencies there are
            raise _unsigned("webhook-signature: none is of this body, id and time by this agency's key")
        at = now()
        try:
            check_signature(recipient_secret(master, code), webhook_id, webhook_timestamp, webhook_signature, body, at)
        except NotSigned as wrong:
            raise _unsigned(str(wrong)) from wrong
        said = _read(body)
        with database.transaction() as connection:
            referral = find_referral(connection, said.referral_id)
            if referral is None or (referral.made.agency, referral.made.report_id) != (code, said.report_id):
                detail = "no referral of this report with this id was made to this agency"
                raise field_problem(404, "No such referral", "data.referral_id", detail)
            new = take(connection, referral, said, f"signed/{webhook_id}", at)
        ended = over(referral) or type(said).__name__ in ENDINGS
        return JSONResponse({"taken": new, "ended": ended}, 202, {"Cache-Control": "no-store"})

    return router


def _read(body: bytes) -> ReferralAnswer:
    """Raises Problem that names the field."""
    try:
        said = msgspec.json.decode(body, type=_Said)
    except msgspec.MsgspecError as wrong:
        raise field_problem(422, "The request is not as documented", "body", str(wrong)) from wrong
    if said.type not in KINDS:
        raise field_problem(422, "No such answer", "type", f"there are {', '.join(KINDS)}")
    try:
        return read_answer(said.type, said.data)
    except msgspec.ValidationError as wrong:
        words, _, path = str(wrong).partition(" - at `$")
        field = f"data{path.rstrip('`')}"
        raise field_problem(422, "The request is not as documented", field, words) from wrong


def _unsigned(detail: str) -> Problem:
    return Problem(401, "Not signed", detail, {"WWW-Authenticate": "Webhook-Signature"})

"""Every way intake says no: what is wrong, with which field, and what to do."""

from chassis.http import Problem

from intake.domain import Exhausted, OtherBody
from intake.forms import Wrong

MAX_BODY = 16 * 1024
OUTCOMES = {
    400: "malformed",
    413: "too-large",
    415: "media-type",
    422: "invalid",
    429: "limited",
    503: "unconfirmed",
}
"""What a refused report is counted as, by the status of the answer."""
_RETRY_SECONDS = 5


def not_json(detail: str) -> Problem:
    told = f"{detail}. Send one JSON object in UTF-8."
    return Problem(400, "The body is not JSON", told, errors=[_error("body", told)])


def bad_key() -> Problem:
    detail = "16 to 255 visible ASCII characters, such as a random UUID: one for each report, kept for its repeats"
    return Problem(400, "The Idempotency-Key can't be used", detail, errors=[_error("Idempotency-Key", detail)])


def too_large() -> Problem:
    detail = f"a report has at most {MAX_BODY} bytes"
    return Problem(413, "The body is too large", detail, errors=[_error("body", detail)])


def media_type() -> Problem:
    detail = "send application/json in UTF-8, not compressed"
    return Problem(415, "The body is of another type", detail, errors=[_error("Content-Type", detail)])


def invalid(wrongs: tuple[Wrong, ...]) -> Problem:
    detail = "; ".join(f"{wrong.field}: {wrong.detail}" for wrong in wrongs)
    errors = [_error(wrong.field, wrong.detail) for wrong in wrongs]
    return Problem(422, "The report can't be taken as it is", detail, errors=errors)


def not_admitted(verdict: OtherBody | Exhausted) -> Problem:
    if isinstance(verdict, Exhausted):
        told = f"{verdict.what}. Try again in {verdict.seconds} s. In an emergency call 112."
        return Problem(429, "That is too much for now", told, {"Retry-After": str(verdict.seconds)})
    detail = "it came with another report before; use a new key for a new report, and the same body for a repeat"
    return Problem(422, "The Idempotency-Key is in use", detail, errors=[_error("Idempotency-Key", detail)])


def unconfirmed(*, repeatable: bool) -> Problem:
    """`repeatable`: a repeat is recognised, so it can do no harm."""
    advice = (
        "Repeat it unchanged, with the same Idempotency-Key if it had one: it will not count twice."
        if repeatable
        else "It came without an Idempotency-Key, so a repeat may make a second report."
    )
    detail = f"It is not known whether it was taken. {advice} In an emergency call 112."
    return Problem(503, "Not confirmed", detail, {"Retry-After": str(_RETRY_SECONDS)})


def no_such_receipt() -> Problem:
    detail = "receipt and report_id don't belong together; both are in the answer to the report"
    return Problem(404, "No such receipt", detail, errors=[_error("receipt", detail)])


def _error(field: str, detail: str) -> dict[str, str]:
    return {"field": field, "detail": detail}

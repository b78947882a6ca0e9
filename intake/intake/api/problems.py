"""Every way intake says no: what is wrong, with which field, and what to do."""

from web.problems import Problem

from intake.domain.field_errors import FieldError
from intake.domain.limits import KeyConflict, LimitExceeded

MAX_BODY = 32 * 1024
"""Bytes a body may have; a form filled to its bounds, with every character escaped, has fewer than 28,000."""
OUTCOMES = {
    400: "malformed",
    413: "too-large",
    415: "media-type",
    422: "invalid",
    429: "limited",
    503: "not-acknowledged",
}
"""What a refused report is counted as, by the status of the answer."""
_RETRY_SECONDS = 5


def not_json(reason: str) -> Problem:
    """400 for a body that is no JSON."""
    detail = f"{reason}. Send one JSON object in UTF-8."
    return Problem(400, "The body is not JSON", detail, errors=[_error("body", detail)])


def bad_key() -> Problem:
    """400 for an Idempotency-Key that can't be used."""
    detail = "16 to 255 visible ASCII characters, such as a random UUID: one for each report, kept for its repeats"
    return Problem(400, "The Idempotency-Key can't be used", detail, errors=[_error("Idempotency-Key", detail)])


def guessable_key() -> Problem:
    """422 for an Idempotency-Key that another sender may make, too: with the same body they would share a receipt."""
    detail = "too easily guessed; send a random UUID made anew for each report, such as crypto.randomUUID() makes"
    return Problem(422, "The Idempotency-Key is not random", detail, errors=[_error("Idempotency-Key", detail)])


def media_type() -> Problem:
    """415 for anything but JSON in UTF-8."""
    detail = "send application/json in UTF-8, not compressed"
    return Problem(415, "The body is of another type", detail, errors=[_error("Content-Type", detail)])


def invalid(errors: tuple[FieldError, ...]) -> Problem:
    """422 that names every field that is wrong."""
    detail = "; ".join(f"{error.field}: {error.detail}" for error in errors)
    named = [_error(error.field, error.detail) for error in errors]
    return Problem(422, "The report can't be taken as it is", detail, errors=named)


def not_admitted(refusal: KeyConflict | LimitExceeded) -> Problem:
    """429 over a limit, 422 for another report's Idempotency-Key."""
    if isinstance(refusal, LimitExceeded):
        seconds = refusal.retry_after_seconds
        detail = f"{refusal.message}. Try again in {seconds} s. In an emergency call 112."
        return Problem(429, "That is too much for now", detail, {"Retry-After": str(seconds)})
    detail = "it came with another report before; use a new key for a new report, and the same body for a repeat"
    return Problem(422, "The Idempotency-Key is in use", detail, errors=[_error("Idempotency-Key", detail)])


def not_acknowledged(*, repeatable: bool) -> Problem:
    """503 when the log did not take it in time. `repeatable`: a repeat is recognised, so it can do no harm."""
    advice = (
        "Repeat it unchanged, with the same Idempotency-Key if it had one: it will not count twice."
        if repeatable
        else "It came without an Idempotency-Key, so a repeat may make a second report."
    )
    detail = f"It is not known whether it was taken. {advice} In an emergency call 112."
    return Problem(503, "Not acknowledged", detail, {"Retry-After": str(_RETRY_SECONDS)})


def no_such_receipt() -> Problem:
    """404 for a receipt of another report or of none."""
    detail = "receipt and report_id don't belong together; both are in the answer to the report"
    return Problem(404, "No such receipt", detail, errors=[_error("receipt", detail)])


def _error(field: str, detail: str) -> dict[str, str]:
    return {"field": field, "detail": detail}

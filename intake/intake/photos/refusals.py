"""Every way a photo is refused: what is wrong with it, and what to do."""

from web.problems import Problem, field_problem

from intake.photos.bounds import MAX_PIXELS

OUTCOMES = {
    400: "malformed",
    413: "too-large",
    415: "media-type",
    422: "undecodable",
    429: "limited",
    503: "unavailable",
}
"""What a refused photo is counted as, by the status of the answer."""
_WITHOUT = "A report can be sent without photos."


def media_type() -> Problem:
    """415 for a body that says it is something else."""
    detail = "send the photo itself, as image/jpeg, image/png or image/webp, not compressed once more"
    return field_problem(415, "The body is of another type", "Content-Type", detail)


def no_photo() -> Problem:
    """415 for bytes that are none of the three, whatever they are called."""
    return field_problem(415, "This is no photo", "body", "expected a JPEG, PNG or WebP file")


def undecodable() -> Problem:
    """422 for a photo that is broken, or made to cost too much."""
    detail = "the photo is broken off or damaged, so it can't be shown; take it or save it again"
    return field_problem(422, "The photo can't be read", "body", detail)


def too_many_pixels() -> Problem:
    """422 for a photo larger than any we decode."""
    detail = f"the photo has more than {MAX_PIXELS // 1_000_000} megapixels; send a smaller one"
    return field_problem(422, "The photo is too large", "body", detail)


def bad_place(name: str) -> Problem:
    """422 for a coordinate that is none."""
    detail = "longitude and latitude in degrees of the report's place, both or neither"
    return field_problem(422, "The place is no place", name, detail)


def too_many_at_once(status: int) -> Problem:
    """503 where too many photos come at once, 429 where all of them are from one address."""
    whose = "from your address " if status == 429 else ""
    detail = f"Too many photos come {whose}at once. Send it again in a moment. {_WITHOUT}"
    return Problem(status, "Not at the moment", detail, {"Retry-After": "3"})


def not_kept() -> Problem:
    """503 while photos can't be kept."""
    detail = f"Photos can't be taken in just now. Send it again in a moment. {_WITHOUT}"
    return Problem(503, "Not at the moment", detail, {"Retry-After": "15"})

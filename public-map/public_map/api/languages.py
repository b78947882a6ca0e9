"""Which of the two languages an answer is in."""

import re
from typing import Annotated

from contracts.statuses import Language
from fastapi import Header

AcceptLanguage = Annotated[str | None, Header(include_in_schema=False)]
# A language range with its quality; what is none of this grammar is passed over, as the RFC leaves it to us.
_RANGE = re.compile(
    r"[ \t]*(?P<tag>[a-z]{1,8})(?:-[a-z0-9]{1,8})*"
    r"(?:[ \t]*;[ \t]*q=(?P<quality>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*"
)
_LANGUAGES: tuple[Language, ...] = ("pl", "en")


def chosen_language(asked: Language | None, accept_language: str | None) -> Language:
    """The language asked for, else the one `Accept-Language` (RFC 9110, 12.5.4) prefers, else Polish."""
    if asked:
        return asked
    ranges = map(_RANGE.fullmatch, (accept_language or "").lower().split(","))
    ranked = [
        (float(found["quality"] or 1), language)
        for found in ranges
        for language in _LANGUAGES
        if found and found["tag"] == language and float(found["quality"] or 1) > 0
    ]
    return max(ranked, key=lambda pair: pair[0], default=(0.0, _LANGUAGES[0]))[1]

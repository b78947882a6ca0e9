"""Which of the two languages an answer is in."""

from typing import Annotated

from contracts.statuses import Language
from fastapi import Header

AcceptLanguage = Annotated[str | None, Header(include_in_schema=False)]
_LANGUAGES: tuple[Language, ...] = ("pl", "en")


def chosen_language(asked: Language | None, accept_language: str | None) -> Language:
    """The language asked for, else the one `Accept-Language` (RFC 9110, 12.5.4) prefers, else Polish."""
    if asked:
        return asked
    ranked: list[tuple[float, Language]] = []
    for part in (accept_language or "").lower().split(","):
        tag, _, quality = part.partition(";q=")
        try:
            rank = float(quality) if quality else 1.0
        except ValueError:
            continue
        ranked += [
            (rank, language) for language in _LANGUAGES if tag.strip().partition("-")[0] == language and rank > 0
        ]
    return max(ranked, key=lambda pair: pair[0], default=(0.0, _LANGUAGES[0]))[1]

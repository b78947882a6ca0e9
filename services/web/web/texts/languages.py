"""Which language somebody reads: what they ask for, else what their browser prefers, else Polish."""

import re
from typing import get_args

from contracts.statuses import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
"""All there are; the first is read where nobody says anything."""
LOCALES: dict[Language, str] = {language: language for language in LANGUAGES} | {"en": "en_GB"}
"""How Babel calls them: English dates are British ones, as `28 November 2026, 14:05`."""
NAMES: dict[Language, str] = {"pl": "Polski", "en": "English", "uk": "Українська", "de": "Deutsch", "cs": "Čeština"}
"""What each calls itself, which is how one finds one's own."""
# A language range with its quality; what is none of this grammar is passed over, as the RFC leaves it to us.
_RANGE = re.compile(
    r"[ \t]*(?P<tag>[a-z]{1,8})(?:-[a-z0-9]{1,8})*"
    r"(?:[ \t]*;[ \t]*q=(?P<quality>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*"
)


def chosen_language(asked: str | None, accept_language: str | None) -> Language:
    """The language asked for, else the one `Accept-Language` (RFC 9110, 12.5.4) prefers, else Polish.

    What is asked for and isn't one of ours counts as nothing.
    """
    for language in LANGUAGES:
        if asked == language:
            return language
    ranges = map(_RANGE.fullmatch, (accept_language or "").lower().split(","))
    ranked = [
        (float(found["quality"] or 1), language)
        for found in ranges
        for language in LANGUAGES
        if found and found["tag"] == language and float(found["quality"] or 1) > 0
    ]
    return max(ranked, key=lambda pair: pair[0], default=(0.0, LANGUAGES[0]))[1]

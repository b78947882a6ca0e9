"""What people type to name a place, and what it is compared with: words without diacritics, and a house number."""

import re
import unicodedata
from dataclasses import dataclass

REGISTER, ADDRESSES = "register", "addresses"
"""Where named places come from: the official places that are shipped, and address points an operator imports."""

_NOT_DECOMPOSED = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_WORD = re.compile("[a-z0-9]+")
_NUMBER = re.compile(r"\d+[a-z]?(?:/\d+[a-z]?)*", re.IGNORECASE)
# What stands before a street's name in some sources and not in others.
_STREET_WORDS = frozenset({"ul", "ulica"})
LEAST_LETTERS = 2
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A town, a village, a street, a house or a settlement whose houses have only numbers; WGS 84 degrees."""

    kind: str
    name: str
    locality: str | None
    gmina: str
    powiat: str
    voivodeship: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class FoundPlace(Place):
    """A place somebody may mean; `metres` from where they are, None where that is not known."""

    metres: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace(Place):
    """A place as a source names it; `people` say which of one name comes first."""

    source: str
    people: int = 0

    @property
    def folded(self) -> str:
        """The words of its name."""
        return " ".join(folded_words(self.name))

    @property
    def folded_whole(self) -> str:
        """These, and the words people may add to say which one they mean."""
        return " ".join([self.folded, *folded_words(f"{self.locality or ''} {self.gmina} {self.powiat}")])


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """Places whose words begin with `words`, near a position (WGS 84 degrees) if one is known, at most `limit`.

    `address_words` and `number`: the same text read as an address, where it can be.
    """

    words: tuple[str, ...]
    address_words: tuple[str, ...]
    number: str | None
    near: tuple[float, float] | None
    limit: int

    @property
    def folded(self) -> str:
        """The whole as one text, to be compared with a whole name."""
        return " ".join(self.words)


def folded_words(text: str) -> list[str]:
    """The words of a text in small letters a to z and digits: Łódź is lodz."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_NOT_DECOMPOSED)
    return _WORD.findall("".join(letter for letter in decomposed if not unicodedata.combining(letter)))


def folded_number(number: str) -> str:
    """A house number as it is kept and compared: 12A is 12a."""
    return "".join(number.casefold().split())


def place_query(text: str, near: tuple[float, float] | None, limit: int) -> PlaceQuery | None:
    """What somebody asks for; None for too little to look for."""
    words = _without_street_words(folded_words(text))[:_MOST_WORDS]
    if sum(map(len, words)) < LEAST_LETTERS:
        return None
    number, rest = _split_number(text)
    return PlaceQuery(tuple(words), tuple(rest[:_MOST_WORDS]), number, near, limit)


def _split_number(text: str) -> tuple[str | None, list[str]]:
    """The house number, which is never the first word, and the other words: `3 Maja 12, Opole`."""
    tokens = text.replace(",", " ").split()
    for position in range(len(tokens) - 1, 0, -1):
        if _NUMBER.fullmatch(tokens[position]):
            others = " ".join(tokens[:position] + tokens[position + 1 :])
            rest = _without_street_words(folded_words(others))
            return (folded_number(tokens[position]), rest) if rest else (None, [])
    return None, []


def _without_street_words(words: list[str]) -> list[str]:
    return [word for word in words if word not in _STREET_WORDS] or words

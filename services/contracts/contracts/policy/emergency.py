"""Does a text read like an emergency? Versioned lists of words per language, and the one rule that reads them.

The form stops at such words and shows 112; a report that is sent all the same carries a flag. It is help, not a filter:
nothing is refused for it. The browser applies the same lists by the same rule (`emergency-words.js`); a test compares.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from unicodedata import normalize

import msgspec

# What has no form with the diacritic apart, and the apostrophes that stand inside Ukrainian and English words.
_LETTERS = str.maketrans({"ł": "l", "ß": "ss", "'": "", "’": "", "ʼ": ""})
_DIACRITIC = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")


class WordList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lists of one language. What the entries look like stands at the head of emergency.toml."""

    always: tuple[str, ...]
    unless_usual: tuple[str, ...]
    usual: tuple[str, ...]
    now: tuple[str, ...]


class EmergencyWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of the lists: by language, and within how many words of each other the terms of an entry stand."""

    version: str
    within: int
    language: dict[str, WordList]


@cache
def emergency_words() -> EmergencyWords:
    """The lists as they are now."""
    raw = resources.files("contracts.policy").joinpath("emergency.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(raw), EmergencyWords)


def reads_like_emergency(text: str) -> bool:
    """Whether the lists of any language find an emergency in a text: who writes, writes in whatever language."""
    index = _index()
    found = index.lists_found(index.positions(words(text)), emergency_words().within)
    return any(
        (language, "always") in found
        or ((language, "unless_usual") in found and ((language, "usual") not in found or (language, "now") in found))
        for language in emergency_words().language
    )


def words(text: str) -> list[str]:
    """The words of a text in lower case without diacritics; what is no letter and no figure parts them."""
    return _WORD.findall(_DIACRITIC.sub("", normalize("NFKD", text.lower().translate(_LETTERS))))


Positions = Mapping[str, Sequence[int]]
"""Where in a text the words stand that a term means, by term."""
ListName = tuple[str, str]
"""The language and which of its lists."""


@dataclass(frozen=True, slots=True)
class _Index:
    """The terms of all entries by the words they are, and by what words begin with; the entries by their first term."""

    whole: Mapping[str, Sequence[str]]
    beginning: Mapping[str, Sequence[str]]
    entries: Mapping[str, Sequence[tuple[ListName, Sequence[str]]]]

    def positions(self, said: Sequence[str]) -> Positions:
        found: dict[str, list[int]] = {"^": [0]}
        for position, word in enumerate(said):
            terms = set(self.whole.get(word, ()))
            for end in range(1, len(word) + 1):
                terms.update(self.beginning.get(word[:end], ()))
            for term in terms:
                found.setdefault(term, []).append(position)
        return found

    def lists_found(self, at: Positions, within: int) -> set[ListName]:
        """The lists of which an entry is there: each of its terms within so many words of where the first one is."""
        return {
            name for first in at for name, others in self.entries.get(first, ()) if _near(at, first, others, within)
        }


@cache
def _index() -> _Index:
    whole, beginning = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    entries = defaultdict[str, list[tuple[ListName, Sequence[str]]]](list)
    for language, lists in emergency_words().language.items():
        for kind in lists.__struct_fields__:
            for entry in getattr(lists, kind):
                first, *others = entry.split()
                entries[first].append(((language, kind), others))
    terms = {term for first, rest in entries.items() for term in (first, *(t for _, others in rest for t in others))}
    for term in terms:
        for form in term.split("|"):
            (beginning if form.endswith("*") else whole)["".join(words(form))].append(term)
    return _Index(whole, beginning, entries)


def _near(at: Positions, first: str, others: Sequence[str], within: int) -> bool:
    reach = 0 if first == "^" else within
    return any(
        all(any(abs(other - position) <= reach for other in at.get(term, ())) for term in others)
        for position in at[first]
    )

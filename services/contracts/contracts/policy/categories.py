"""The catalogue of threat categories: versioned data, with the Polish names of the real map and those of four more
languages, and what to say of each to somebody who chooses.
"""

import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec

from contracts.base import Code, Instant, Name
from contracts.events.cases import Executor
from contracts.statuses import Language


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of text in every language people may read."""

    pl: Name
    en: Name
    uk: Name
    de: Name
    cs: Name

    def read(self, language: Language) -> str:
        """The line in one language."""
        line: str = getattr(self, language)
        return line


class Explanation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What belongs in a category, and what does not and where to go with that."""

    belongs: Words
    elsewhere: Words


class Category(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One category. The fields are explained at the head of categories.toml; `same_m` and `precision_m` in metres."""

    code: Code
    names: Words
    public: Literal["always", "confirmed", "never"]
    executor: Executor
    agency: Code | None = None
    description: bool = False
    same_m: int
    precision_m: int = 0

    def name(self, language: Language) -> str:
        """The category in words people read."""
        return self.names.read(language)

    @property
    def explanation(self) -> Explanation:
        """What to say of it to somebody who chooses, in the newest words there are."""
        return _explanations()[self.code]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The categories in force from an instant on."""

    version: Code
    effective_from: Instant
    category: tuple[Category, ...]

    @property
    def by_code(self) -> dict[str, Category]:
        return {category.code: category for category in self.category}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    catalogue: tuple[Catalogue, ...]


@cache
def catalogues() -> tuple[Catalogue, ...]:
    """Every catalogue there was, oldest first."""
    kept = msgspec.convert(_read("categories.toml"), _File).catalogue
    return tuple(sorted(kept, key=lambda catalogue: catalogue.effective_from))


def catalogue_at(instant: datetime) -> Catalogue:
    """The catalogue new reports are made with at `instant`. Raises LookupError before the first one."""
    in_force = [catalogue for catalogue in catalogues() if catalogue.effective_from <= instant]
    if not in_force:
        raise LookupError(f"no catalogue of categories is in force at {instant.isoformat()}")
    return in_force[-1]


@cache
def _explanations() -> dict[str, Explanation]:
    return msgspec.convert(_read("explanations.toml"), dict[str, Explanation])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("contracts.policy").joinpath(name).read_text(encoding="utf-8"))


@cache
def _newest() -> dict[str, Category]:
    return {category.code: category for catalogue in catalogues() for category in catalogue.category}


def category(code: str) -> Category | None:
    """A category by its code, in the newest words for it, also when no new report may use it any more."""
    return _newest().get(code)

"""The catalogue of threat categories: versioned data, with the Polish names of the real map and English ones."""

import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from contracts.base import Code, Instant, Name
from contracts.events.cases import Executor
from contracts.statuses import Language


class Category(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One category. The fields are explained at the head of categories.toml; `same_m` and `precision_m` in metres."""

    code: Code
    pl: Name
    en: Name
    public: Literal["always", "confirmed", "never"]
    executor: Executor
    agency: Code | None = None
    description: bool = False
    same_m: int
    precision_m: int = 0

    def name(self, language: Language) -> str:
        """The category in words people read."""
        return self.pl if language == "pl" else self.en


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
    raw = tomllib.loads(resources.files("contracts.policy").joinpath("categories.toml").read_text(encoding="utf-8"))
    return tuple(sorted(msgspec.convert(raw, _File).catalogue, key=lambda catalogue: catalogue.effective_from))


def catalogue_at(instant: datetime) -> Catalogue:
    """The catalogue new reports are made with at `instant`. Raises LookupError before the first one."""
    in_force = [catalogue for catalogue in catalogues() if catalogue.effective_from <= instant]
    if not in_force:
        raise LookupError(f"no catalogue of categories is in force at {instant.isoformat()}")
    return in_force[-1]


@cache
def _newest() -> dict[str, Category]:
    return {category.code: category for catalogue in catalogues() for category in catalogue.category}


def category(code: str) -> Category | None:
    """A category by its code, in the newest words for it, also when no new report may use it any more."""
    return _newest().get(code)

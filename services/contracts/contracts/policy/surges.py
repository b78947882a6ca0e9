"""Surges: when many reports at one place raise an alarm, and how soon it goes up. Policy as versioned data.

The file is `surges.toml` beside this module, or the one a setting names.
"""

import tomllib
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.base import Code, Instant
from contracts.policy.terms import Length


class SurgeTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a surge is from an instant on."""

    version: Code
    effective_from: Instant
    reports: Annotated[int, Meta(ge=2, le=10_000)]
    metres: Annotated[float, Meta(gt=0, le=50_000)]
    within: Length
    quiet: Length
    garrison: Length
    headquarters: Length


class SurgePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every version of the terms there was."""

    surges: Annotated[tuple[SurgeTerms, ...], Meta(min_length=1)]

    def terms_at(self, instant: datetime) -> SurgeTerms:
        """The terms in force at an instant; before the first ones, those."""
        by_time = sorted(self.surges, key=lambda terms: terms.effective_from)
        return next((terms for terms in reversed(by_time) if terms.effective_from <= instant), by_time[0])


def surge_policy(path: Path | None = None) -> SurgePolicy:
    """The policy from a file, or the national one. Raises OSError, tomllib.TOMLDecodeError, msgspec.ValidationError."""
    source = path or resources.files("contracts.policy").joinpath("surges.toml")
    return msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), SurgePolicy)

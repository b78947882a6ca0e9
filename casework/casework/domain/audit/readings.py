"""What is recorded of a reading: which words of which case left the service, as what, and for what purpose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading by an officer. `fields` are the parts of the words that were given, none for an export without words;
    `detail` says what an export was asked for.
    """

    what: Literal["case", "photo", "export", "exported-case"]
    report_id: UUID | None = None
    fields: tuple[str, ...] = ()
    purpose: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def case_reading(report_id: UUID, shown: Mapping[str, Any], purpose: str | None) -> Reading | None:
    """The reading of a case as it is `shown`; None where nothing of a citizen's words is in it."""
    words: Mapping[str, Any] = shown["words"] or {}
    fields = [name for name in ("description", "photos") if words.get(name)]
    fields += ["said_after"] if shown["said_after"] else []
    if not fields:
        return None
    return Reading(what="case", report_id=report_id, fields=tuple(fields), purpose=purpose)

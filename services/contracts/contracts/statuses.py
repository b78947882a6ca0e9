"""The seven statuses of a case, with the labels people see (the map's own Polish ones: guidelines of 2016-2019)."""

from enum import StrEnum
from typing import Literal

Language = Literal["pl", "en"]


class Status(StrEnum):
    """How a case stands."""

    NEW = "new"
    VERIFICATION = "verification"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    REFERRED = "referred"
    ELIMINATED = "eliminated"
    REJECTED = "rejected"


LABELS: dict[Status, dict[Language, str]] = {
    Status.NEW: {"pl": "Nowe", "en": "New"},
    Status.VERIFICATION: {"pl": "Weryfikacja", "en": "Being verified"},
    Status.CONFIRMED: {"pl": "Potwierdzone", "en": "Confirmed"},
    Status.UNCONFIRMED: {"pl": "Niepotwierdzone", "en": "Not confirmed"},
    Status.REFERRED: {"pl": "Potwierdzone (przekazane poza Policję)", "en": "Confirmed (passed outside the Police)"},
    Status.ELIMINATED: {"pl": "Potwierdzone (wyeliminowane)", "en": "Confirmed (eliminated)"},
    Status.REJECTED: {"pl": "Żart lub pomyłka", "en": "Joke or mistake"},
}

OPEN = frozenset({Status.NEW, Status.VERIFICATION, Status.CONFIRMED, Status.REFERRED})
"""Statuses in which the police, or somebody they passed it to, still work on the case."""

CLOSED = frozenset(Status) - OPEN

DECIDED = frozenset(Status) - {Status.NEW, Status.VERIFICATION}
"""Statuses that end verification."""

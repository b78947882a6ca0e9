"""The seven statuses of a case, with the labels people see (the map's own Polish ones: guidelines of 2016-2019)."""

from enum import StrEnum
from typing import Literal

Language = Literal["pl", "en", "uk", "de", "cs"]
"""What people may read, Polish where they say nothing. Who reads events of a later release may meet one more."""


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
    Status.NEW: {
        "pl": "Nowe",
        "en": "New",
        "uk": "Нове",
        "de": "Neu",
        "cs": "Nové",
    },
    Status.VERIFICATION: {
        "pl": "Weryfikacja",
        "en": "Being verified",
        "uk": "Перевіряється",
        "de": "In Prüfung",
        "cs": "Prověřuje se",
    },
    Status.CONFIRMED: {
        "pl": "Potwierdzone",
        "en": "Confirmed",
        "uk": "Підтверджене",
        "de": "Bestätigt",
        "cs": "Potvrzené",
    },
    Status.UNCONFIRMED: {
        "pl": "Niepotwierdzone",
        "en": "Not confirmed",
        "uk": "Непідтверджене",
        "de": "Nicht bestätigt",
        "cs": "Nepotvrzené",
    },
    Status.REFERRED: {
        "pl": "Potwierdzone (przekazane poza Policję)",
        "en": "Confirmed (passed outside the Police)",
        "uk": "Підтверджене (передане за межі Поліції)",
        "de": "Bestätigt (an andere Stelle abgegeben)",
        "cs": "Potvrzené (předáno mimo Policii)",
    },
    Status.ELIMINATED: {
        "pl": "Potwierdzone (wyeliminowane)",
        "en": "Confirmed (eliminated)",
        "uk": "Підтверджене (усунене)",
        "de": "Bestätigt (beseitigt)",
        "cs": "Potvrzené (odstraněno)",
    },
    Status.REJECTED: {
        "pl": "Żart lub pomyłka",
        "en": "Joke or mistake",
        "uk": "Жарт або помилка",
        "de": "Scherz oder Irrtum",
        "cs": "Žert nebo omyl",
    },
}

OPEN = frozenset({Status.NEW, Status.VERIFICATION, Status.CONFIRMED, Status.REFERRED})
"""Statuses in which the police, or somebody they passed it to, still work on the case."""

CLOSED = frozenset(Status) - OPEN

DECIDED = frozenset(Status) - {Status.NEW, Status.VERIFICATION}
"""Statuses that end verification."""

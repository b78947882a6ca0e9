"""Officers, and which cases their role lets them see. Row-level security says the same in SQL; a test compares."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.base import HEADQUARTERS, Owner
from contracts.cases import Role


class Sight(StrEnum):
    """How far a role sees."""

    UNIT = "unit"
    GARRISON = "garrison"
    COUNTRY = "country"


SIGHT: dict[Role, Sight] = {
    Role.BEAT_OFFICER: Sight.UNIT,
    Role.COORDINATOR: Sight.UNIT,
    Role.GARRISON: Sight.GARRISON,
    Role.HEADQUARTERS: Sight.COUNTRY,
}
"""The roles officers have, with what each sees. Who is not here is no officer."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who asks. `unit` is there for whoever sees one, `garrison` for who sees one; all three places are codes."""

    subject: str
    role: Role
    garrison: str | None = None
    unit: str | None = None
    beat: str | None = None


def sees(officer: Officer, owner: Owner) -> bool:
    """Whether the cases of an owner are in the officer's sight."""
    match SIGHT.get(officer.role):
        case Sight.COUNTRY:
            return True
        case Sight.GARRISON:
            return officer.garrison == owner.garrison
        case Sight.UNIT:
            return officer.unit == owner.unit
        case None:
            return False


def reads_words(officer: Officer, owner: Owner) -> bool:
    """Whether the officer may read the citizen's words: who works the case may, not who oversees it."""
    works = SIGHT.get(officer.role) is Sight.UNIT
    works = works or (officer.role is Role.HEADQUARTERS and owner.unit == HEADQUARTERS.unit)
    return works and sees(officer, owner)

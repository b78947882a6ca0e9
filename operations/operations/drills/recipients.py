"""Whom the system would tell: every unit and garrison that answers for ground now, and headquarters."""

from collections.abc import Collection, Iterable, Mapping

from contracts.base import HEADQUARTERS
from contracts.events.districts import District, Level
from contracts.events.notices import Audience
from deploy.stack.process import StackError
from deploy.suggestions import no_such

Recipients = list[tuple[Audience, str]]


def recipients_of(
    current: Mapping[str, Iterable[District]], garrisons: Collection[str], units: Collection[str]
) -> Recipients:
    """Everybody, or those of some garrisons and some units, by the sets that are current.

    Raises StackError for a code there is none of.
    """
    of_garrison = {
        garrison: sorted(district.code for district in districts if district.level is Level.UNIT)
        for garrison, districts in sorted(current.items())
    }
    every = [unit for of in of_garrison.values() for unit in of]
    for what, named, known in (("garrison ", garrisons, list(of_garrison)), ("unit ", units, every)):
        if unknown := next((code for code in named if code not in known), None):
            raise StackError(no_such(what, unknown, known))
    if not (garrisons or units):
        above = [(Audience.HEADQUARTERS, HEADQUARTERS.unit)]
        return [
            *((Audience.UNIT, unit) for unit in every),
            *((Audience.GARRISON, each) for each in of_garrison),
            *above,
        ]
    wanted = {unit for garrison in garrisons for unit in of_garrison[garrison]} | set(units)
    found: Recipients = [(Audience.UNIT, unit) for unit in sorted(wanted)]
    return [*found, *((Audience.GARRISON, garrison) for garrison in sorted(set(garrisons)))]

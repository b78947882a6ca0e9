"""Who answers for a place by the current sets on the topic, found exactly as routing finds it."""

import os
from collections.abc import Mapping

from boundaries.published import Published
from chassis.settings import variables
from contracts.events.districts import District
from contracts.events.routing import Method
from deploy.stack.process import StackError
from districts.index import Found, Index, NotFound, index_of, locate
from districts.leaves import InvalidSet, Leaf, leaves_of
from routing.settings import Settings


def locate_place(published: Published, longitude: float, latitude: float) -> tuple[list[str], bool]:
    """In words, who answers for a position (WGS 84 degrees), and whether anybody does."""
    current = published.current()
    index, lines = current_index(published)
    match locate(index, longitude, latitude, routing_limit_m()):
        case Found(leaf, method, metres):
            districts_by_code = {district.code: district for district in current[leaf.owner.garrison]}
            lines += _answer(districts_by_code, leaf)
            if method is Method.NEAREST:
                lines.append(f"no district covers this place: this is the nearest, {metres:.0f} m away")
            return lines, True
        case NotFound(_, nearest, metres):
            near = f"; the nearest, {nearest.name} [{nearest.code}], is {metres:,.0f} m away" if nearest else ""
            return [*lines, f"no district answers for this place{near}"], False


def current_index(published: Published) -> tuple[Index, list[str]]:
    """The districts that answer now, and in words which sets are not used, and why."""
    leaves: list[Leaf] = []
    unused: list[str] = []
    for garrison, districts in published.current().items():
        try:
            leaves += leaves_of(published.sets[garrison], districts)
        except InvalidSet as invalid:
            unused.append(f"{garrison}: its set is not used: {invalid}")
    return index_of(leaves, complete=True), unused


def routing_limit_m() -> float:
    """How far from every district, in metres, a place may lie and still go to the nearest: as routing is told here."""
    told = os.environ.get(variables(Settings)["nearest_m"])
    try:
        return float(told or Settings.model_fields["nearest_m"].default)
    except ValueError:
        raise StackError(f"{variables(Settings)['nearest_m']}={told} is no number of metres") from None


def _answer(districts: Mapping[str, District], leaf: Leaf) -> list[str]:
    chain = [districts[leaf.code]]
    while (parent := chain[0].parent) is not None:
        chain.insert(0, districts[parent])
    approximate = ", approximate" if chain[-1].approximate else ""
    return [
        " → ".join(f"{district.name} [{district.code}]" for district in chain),
        f"{leaf.owner.garrison} version {leaf.version}{approximate}",
    ]

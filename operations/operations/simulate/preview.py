"""What a day would be, without a stack: counts by category, garrison and hour, as expected and as drawn."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from contracts.policy.terms import WARSAW

from operations.simulate.model.arrivals import Arrival
from operations.simulate.model.rates import Country, category_weights

HOURS = 24


def preview(country: Country, day: Sequence[Arrival], start: datetime, compression: float) -> Iterator[str]:
    """Lines that show the first day of a plan: `day` has what was drawn for the 24 hours from `start`."""
    hours = [start + timedelta(hours=number) for number in range(HOURS)]
    by_hour = {f"{at.astimezone(WARSAW):%H}": country.per_hour(at) for at in hours}
    expected = sum(by_hour.values())
    by_category = {
        category: country.total / HOURS * sum(category_weights(at)[category] for at in hours)
        for category in category_weights(start)
    }
    by_garrison = {code: expected * per_day / country.total for code, per_day in country.per_day.items()}
    yield f"{start.astimezone(WARSAW):%A %d %B %Y}: {expected:.0f} reports expected, {len(day)} drawn"
    yield f"an average day of the year has {country.total:.0f}; played in {86_400 / compression:,.1f} s"
    yield from _table("category", by_category, day, lambda arrival: arrival.category)
    yield from _table("garrison", by_garrison, day, lambda arrival: arrival.garrison)
    yield from _table("hour", by_hour, day, lambda arrival: f"{arrival.at.astimezone(WARSAW):%H}", ordered=True)
    yield from _table("kind", {}, day, lambda arrival: arrival.kind)
    minutes = Counter(f"{arrival.at.astimezone(WARSAW):%H:%M}" for arrival in day)
    for minute, most in minutes.most_common(1):
        yield f"\nbusiest minute: {most} reports at {minute}"


def _table(
    what: str,
    expected: dict[str, float],
    day: Sequence[Arrival],
    group: Callable[[Arrival], str],
    *,
    ordered: bool = False,
) -> Iterator[str]:
    drawn = Counter(map(group, day))
    names = list(expected) or [name for name, _ in drawn.most_common()]
    if not ordered and expected:
        names.sort(key=lambda name: -expected[name])
    yield ""
    yield f"{what:<22}{'expected':>9}{'drawn':>7}"
    for name in names:
        mean = f"{expected[name]:.1f}" if expected else ""
        yield f"{name:<22}{mean:>9}{drawn[name]:>7}"

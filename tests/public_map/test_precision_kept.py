"""Whatever becomes of a report, everyone sees its place as coarsely as any category it had asks for, from then on."""

from collections.abc import Callable
from random import Random

import pytest
from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import (
    CaseConfirmed,
    CaseCorrected,
    CaseEliminated,
    CaseOpened,
    CaseReopened,
    CaseSupported,
    CaseTakenUp,
    CaseUnconfirmed,
)
from contracts.policy.categories import category
from public_map.domain.precision import public_position
from support.public_map.public_lives import DAY, PLACE, Life, feed
from support.public_map.public_topic import published, reports_on_map

KINDS = (CaseTakenUp, CaseConfirmed, CaseUnconfirmed, CaseEliminated, CaseReopened, CaseSupported)
CODES = ("parking", "begging", "homeless-person", "speeding", "drug-use", "dangerous-venue")


def precision_of(code: str) -> int:
    known = category(code)
    assert known is not None
    return known.precision_m


def test_a_correction_of_a_shifted_report_does_not_show_its_exact_place(store: Database) -> None:
    life = Life(1, clock.now() - DAY, "begging")
    feed(store, [life.submitted(), life.change(CaseOpened)])
    feed(store, [life.change(CaseCorrected, category="parking")])
    feed(store, [life.change(CaseTakenUp)])
    shifted = public_position(*PLACE, precision_of("begging"))
    shown = {(report.longitude, report.latitude) for _, report in published(store) if report}
    assert shown == {shifted}
    assert {report.category for report in reports_on_map(store).values()} == {"parking"}


@pytest.mark.parametrize("seed", range(4))
def test_no_way_to_the_public_topic_ever_shows_a_place_more_exactly_than_before(
    make_database: Callable[[], Database], seed: int
) -> None:
    random, store = Random(seed), make_database()
    for number in range(1, 31):
        life = Life(number, clock.now() - DAY, random.choice(CODES))
        coarsest = precision_of(life.category)
        expected: dict[int, int] = {1: coarsest}
        batch = [life.submitted(), life.change(CaseOpened)]
        for _ in range(random.randint(1, 8)):
            if random.random() < 0.4:
                life_place = (PLACE[0] + random.uniform(-0.01, 0.01), PLACE[1])
                batch.append(life.change(CaseCorrected, category=random.choice(CODES), place_corrected=True))
                life.place = life_place
            else:
                batch.append(life.change(random.choice(KINDS)))
            coarsest = max(coarsest, precision_of(life.category))
            expected[life.version] = coarsest
            if random.random() < 0.5:
                feed(store, batch)
                batch = []
        feed(store, batch)
        for key, report in published(store):
            if key == str(life.id) and report and (precision := expected[report.version]):
                centre = public_position(report.longitude, report.latitude, precision)
                assert centre == (report.longitude, report.latitude), (seed, number, report)

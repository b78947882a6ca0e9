"""Two maps that differ in what is hidden alone answer the same, to the byte, whatever is asked: so nothing tells it."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from chassis import clock
from chassis.health import Health
from chassis.postgres import Database
from contracts.base import Event
from contracts.events.cases import (
    CaseChange,
    CaseConfirmed,
    CaseCorrected,
    CaseEliminated,
    CaseOpened,
    CaseRejected,
    CaseSupported,
    CaseTakenUp,
    CaseUnconfirmed,
)
from contracts.statuses import Status
from fastapi import FastAPI
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.domain.precision import public_position
from public_map.settings import Settings
from support.public_map.probes import METRE, Answer, answers, untried_routes
from support.public_map.public_lives import DAY, PLACE, Life, feed, imported, many_lives
from support.public_map.public_topic import outbox_messages

READ_BY_EVERYBODY = ("public_report", "cluster", "unit_count", "handling_count")
CHANGES: list[list[type[CaseChange]]] = [
    [],
    [CaseTakenUp],
    [CaseTakenUp, CaseConfirmed],
    [CaseTakenUp, CaseConfirmed, CaseEliminated],
    [CaseTakenUp, CaseUnconfirmed],
    [CaseRejected],
    [CaseSupported],
]
Maps = Callable[[Sequence[Sequence[Event]]], TestClient]


@pytest.fixture
def maps(make_database: Callable[[], Database]) -> Maps:
    """Makes a map of lives; `app.state.store` of what it gives is its database."""

    def make(lives: Sequence[Sequence[Event]]) -> TestClient:
        store = make_database()
        feed(store, [event for life in lives for event in life])
        settings = Settings(kafka_bootstrap="x:1", postgres_dsn=store.dsn)
        api = create_api(store, settings, Health())
        api.state.store = store
        return TestClient(api)

    return make


def lives_nobody_ever_sees(now: datetime) -> list[list[Event]]:
    """Of categories that are never shown, and of the one that is once confirmed, before that; there, near and far."""
    lives, number = [], 5000
    for category, kinds, place in product(
        ("drug-use", "animal-cruelty", "dangerous-venue"), CHANGES, (PLACE, (PLACE[0] + 0.0002, PLACE[1]), (22.9, 54.1))
    ):
        if category == "dangerous-venue" and CaseConfirmed in kinds:
            continue
        number += 1
        life = Life(number, now - DAY, category, place)
        events: list[Event] = [life.submitted(), life.routed(), life.change(CaseOpened)]
        events += [life.change(kind) for kind in kinds]
        if category == "drug-use":
            events.append(life.change(CaseCorrected, category="animal-cruelty"))
        lives.append([*events, *life.clocks()])
    for number, category in enumerate(("drug-use", "animal-cruelty", "dangerous-venue"), 6000):
        lives.append([imported(number, now - DAY, category, status=Status.NEW)])
    return lives


def api_of(reader: TestClient) -> FastAPI:
    assert isinstance(reader.app, FastAPI)
    return reader.app


def differing(one: dict[str, Answer], other: dict[str, Answer]) -> list[str]:
    return [address for address in one if one[address] != other[address]]


def test_every_route_is_asked_or_judged(maps: Maps) -> None:
    assert untried_routes(api_of(maps([]))) == set()


@pytest.mark.long
def test_a_report_that_is_never_shown_changes_no_answer(maps: Maps) -> None:
    now = clock.now()
    shown, hidden = list(many_lives(now)), lives_nobody_ever_sees(now)
    mixed = [life for pair in zip(shown, hidden, strict=False) for life in pair]
    mixed += shown[len(hidden) :] + hidden[len(shown) :]
    without, among = maps(shown), maps(mixed)
    assert differing(answers(without), answers(among)) == []
    # Nor does it cost a reader time, or a follower a message: what they read is the same.
    one, other = api_of(without).state.store, api_of(among).state.store
    for table in READ_BY_EVERYBODY:
        assert rows(one, f"table {table}") == rows(other, f"table {table}")
    assert rows(one, "select tile_x, tile_y from tile_change") == rows(other, "select tile_x, tile_y from tile_change")
    said = [[(message.key, message.value) for message in outbox_messages(store)] for store in (one, other)]
    assert sorted(said[0], key=str) == sorted(said[1], key=str)


@pytest.mark.long
def test_a_place_shown_roughly_could_be_anywhere_in_its_cell(maps: Maps) -> None:
    now, centre = clock.now(), public_position(*PLACE, 100)
    corners = [
        (centre[0] + east * 48 * METRE * 1.57, centre[1] + north * 48 * METRE) for east, north in [(-1, -1), (1, 1)]
    ]
    found = []
    for place in (*corners, PLACE):
        assert public_position(*place, 100) == centre
        lives = []
        for number, category in enumerate(("begging", "homeless-person", "begging"), 1):
            life = Life(number, now - DAY, category, place)
            lives.append([life.submitted(), life.routed(), life.change(CaseOpened), life.change(CaseTakenUp)])
        found.append(answers(maps(lives)))
    assert differing(found[0], found[1]) == differing(found[0], found[2]) == []
    assert any(b"begging" in answer.body for answer in found[0].values())


@pytest.mark.long
def test_what_was_hidden_later_is_as_if_it_had_never_been(maps: Maps) -> None:
    now = clock.now()
    ends: list[tuple[int, list[type[CaseChange]]]] = [
        (0, [CaseRejected]),
        (8, [CaseTakenUp, CaseUnconfirmed]),
        (32, [CaseTakenUp, CaseConfirmed, CaseEliminated]),
    ]
    gone = []
    for number, (days, kinds) in enumerate(ends, 700):
        life = Life(number, now - timedelta(days=days) - DAY)
        gone.append([life.submitted(), life.routed(), life.change(CaseOpened), *map(life.change, kinds)])
    shown = list(many_lives(now))
    without, after = answers(maps(shown)), answers(maps([*gone, *shown]))
    # How long it took the police was everybody's to see, and stays.
    assert [one for one in differing(without, after) if without_times(without[one]) != without_times(after[one])] == []


def without_times(answer: Answer) -> Any:
    if "json" not in answer.headers.get("content-type", "") or b"take_up" not in answer.body:
        return answer
    said = json.loads(answer.body)
    said |= {"months": [month | {"take_up": None, "decision": None} for month in said.get("months", ())]}
    return {name: value for name, value in said.items() if name not in ("take_up", "decision")}


def rows(store: Database, statement: str) -> list[str]:
    with store.transaction() as connection:
        return sorted(str(list(row.values())) for row in connection.execute(statement.encode()))

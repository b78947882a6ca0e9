"""Reports whose time on the map is over leave it, once each."""

import threading

from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseOpened, CaseReopened, CaseTakenUp, CaseUnconfirmed
from public_map import app
from support.public_map.public_lives import DAY, Life, feed
from support.public_map.public_topic import compacted, outbox_messages, published, reports_on_map

UNCONFIRMED = (CaseOpened, CaseTakenUp, CaseUnconfirmed)


def make_due(database: Database, *, seconds: int = 0) -> None:
    """Let the time of all that is shown for a while end, by the database's clock."""
    with database.transaction() as connection:
        connection.execute(
            "update public_report set visible_until = now() + make_interval(secs => %s)"
            " where visible_until is not null",
            (seconds,),
        )


def test_a_due_report_leaves_once_however_many_workers_look(store: Database) -> None:
    lives = [Life(number, clock.now() - DAY) for number in range(1, 1201)]
    feed(store, [life.change(kind) for life in lives for kind in UNCONFIRMED])
    stays = Life(5000, clock.now() - DAY)
    feed(store, [stays.change(CaseOpened)])
    assert app.withdraw_expired(store) == 0
    make_due(store)
    assert list(reports_on_map(store)) == [str(stays.id)], "the map does not wait for the worker"
    counts: list[int] = []
    workers = [threading.Thread(target=lambda: counts.append(app.withdraw_expired(store))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    withdrawn = [key for key, report in published(store) if report is None]
    assert sum(counts) == len(withdrawn) == len(set(withdrawn)) == 1200
    assert app.withdraw_expired(store) == 0


def test_a_worker_passes_over_what_another_one_holds(store: Database) -> None:
    lives = [Life(number, clock.now() - DAY) for number in (1, 2)]
    feed(store, [life.change(kind) for life in lives for kind in UNCONFIRMED])
    make_due(store)
    with store.transaction() as other:
        other.execute("select from public_report where report_id = %s for update", (lives[0].id,))
        assert app.withdraw_expired(store) == 1
    assert app.withdraw_expired(store) == 1


def test_a_report_is_not_due_a_moment_too_early(store: Database) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.change(kind) for kind in UNCONFIRMED])
    make_due(store, seconds=60)
    assert app.withdraw_expired(store) == 0
    assert list(reports_on_map(store)) == [str(life.id)]


def test_a_reopened_report_comes_back_after_its_time_was_over(store: Database) -> None:
    life = Life(1, clock.now() - DAY)
    events = [life.change(kind) for kind in UNCONFIRMED]
    feed(store, events)
    make_due(store)
    assert app.withdraw_expired(store) == 1
    feed(store, events)
    assert reports_on_map(store) == {}, "a replay does not bring it back"
    feed(store, [life.change(CaseReopened)])
    assert compacted(outbox_messages(store)) == reports_on_map(store) != {}

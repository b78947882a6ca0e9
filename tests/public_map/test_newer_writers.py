"""The map in front of changes only a newer release knows: their state is enough."""

from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseOpened, CaseTakenUp
from public_map import app
from support.events import outgoing
from support.next_release import from_next_release, received_by_base
from support.public_map.public_lives import DAY, Life, feed
from support.public_map.public_topic import reports_on_map


def test_an_unknown_change_shows_the_status_it_leads_to(store: Database) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.submitted(), life.routed(), life.change(CaseOpened)])
    unknown = received_by_base(from_next_release(outgoing(life.change(CaseTakenUp)), event="Unknown"))
    with store.transaction() as connection:
        app.handle(connection, [unknown])
    [report] = reports_on_map(store).values()
    assert (report.version, str(report.status)) == (2, "verification")

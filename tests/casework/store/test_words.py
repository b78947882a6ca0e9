"""The citizens' words: once erased they stay so."""

from collections.abc import Callable
from itertools import permutations

from chassis.postgres import Database
from contracts.events.reports import ErasureRequested, ReportContent
from contracts.topics import CONTENT
from support.events import SUBMITTED, received, received_tombstone, report_id


def test_words_that_were_erased_stay_so_whatever_comes_again(consume: Callable[..., None], service: Database) -> None:
    content = received(ReportContent(report_id=report_id(1), description="słowa", photos=("a.jpg",)))
    erasure = received(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED))
    tombstone = received_tombstone(CONTENT, str(report_id(1)))
    for order in permutations([content, erasure, tombstone]):
        consume(*order)
        consume(content)
        with service.transaction() as connection:
            rows = connection.execute("select description, photos, erased from words").fetchall()
            assert rows == [{"description": None, "photos": [], "erased": True}]
            connection.execute("delete from words")
            connection.execute("delete from follow_up")

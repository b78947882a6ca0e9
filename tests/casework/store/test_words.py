"""The citizens' words: once erased they stay so."""

from collections.abc import Callable
from itertools import permutations

from chassis.postgres import Database
from contracts.events.reports import ErasureRequested, FollowUpWords, ReportContent
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


def test_what_was_written_with_a_follow_up_is_erased_with_the_words(
    consume: Callable[..., None], service: Database
) -> None:
    said = FollowUpWords(report_id=report_id(1), follow_up=report_id(7), text="Auta stoją tam znowu")
    consume(received(said), received(said))
    with service.transaction() as connection:
        assert [row["text"] for row in connection.execute("select text from follow_up_words")] == [said.text]
    consume(received(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED)))
    consume(received(said))
    with service.transaction() as connection:
        assert connection.execute("select text from follow_up_words").fetchall() == []
        keys = {row["key"] for row in connection.execute("select key from outbox where value is null")}
    assert keys == {f"{report_id(1)}".encode(), f"{report_id(1)}/{report_id(7)}".encode()}

"""More is held than is looked at at once: whatever became of a page before, the next one has its turn."""

from chassis.kafka.held import insert_held
from chassis.kafka.messages import Newer
from chassis.kafka.processing import Storing
from chassis.postgres import Database
from chassis.settings import Settings
from contracts.envelope import Outgoing, Unusable
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK
from support.effects import count_effects, times
from support.events import on_the_log, outgoing, report_id
from support.next_release import NEXT, from_next_release

MANY = 350


def told(number: int) -> Outgoing:
    """Words; every fifth can't be used by anybody, every seventh is still too new."""
    words = outgoing(ReportContent(report_id=report_id(number), description="seen"))
    if number % 5 == 0:
        return Outgoing(words.topic, words.key, words.headers, b"{}")
    return from_next_release(words, event="ReportIllustrated") if number % 7 == 0 else words


def test_everything_held_is_looked_at_once_over_all_pages(effects: Database) -> None:
    numbers = range(1, MANY + 1)
    messages = [on_the_log(told(number)) for number in numbers]
    with effects.transaction() as connection:
        insert_held(connection, [Newer(raw, raw.key.decode(), NEXT, None, Unusable("type", "")) for raw in messages])
    unusable = [number for number in numbers if number % 5 == 0]
    newer = [number for number in numbers if number % 7 == 0 and number % 5]
    storing = Storing(Settings(kafka_bootstrap="127.0.0.1:1", unusable_limit=MANY), CASEWORK, effects, count_effects)
    for _ in range(2):  # the next start finds what is still too new, and nothing else
        storing.replay_held()
        with effects.transaction() as connection:
            held = connection.execute("select key from held order by pos").fetchall()
            letters = connection.execute("select key from outbox order by pos").fetchall()
        assert [bytes(row["key"]).decode() for row in held] == [str(report_id(number)) for number in newer]
        assert [bytes(row["key"]).decode() for row in letters] == [str(report_id(number)) for number in unusable]
    assert times(effects) == {str(report_id(n)): 1 for n in numbers if n not in unusable and n not in newer}

"""What is appended to the outbox comes out of it as it was and in its order, however odd."""

from collections.abc import Callable, Iterator

import pytest
from chassis import outbox
from chassis.postgres import Database
from contracts.envelope import Outgoing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.stack.databases import Clone

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["", "NULL", 'a"b', "a\\", "{", "},{", ",", " ", "\\x00", "ą"]
)
messages = st.lists(
    st.builds(
        Outgoing,
        topic=st.sampled_from(["one", "another"]),
        key=text,
        headers=st.lists(st.tuples(text, st.binary(max_size=12) | st.just(b"NULL")), max_size=5),
        value=st.none() | st.binary(max_size=40),
    ),
    max_size=20,
)


@pytest.fixture
def store(database: Callable[[str], Clone]) -> Iterator[Database]:
    opened = Database(database("sla-monitor").service)
    yield opened
    opened.close()


@given(batches=st.lists(messages, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_appended_comes_out_as_it_was_and_in_its_order(
    store: Database, batches: list[list[Outgoing]]
) -> None:
    with store.transaction() as connection:
        for batch in batches:
            outbox.append(connection, batch)
        pending = outbox.list_oldest(connection, 1_000)
        outbox.delete(connection, [one.position for one in pending])
    assert [one.message for one in pending] == [message for batch in batches for message in batch]
    assert [one.position for one in pending] == sorted({one.position for one in pending})

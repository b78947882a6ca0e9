"""How many photos are worked on at once: of all senders, and of one."""

from contextlib import ExitStack

import pytest
from intake.photos.room import Room
from web.problems import Problem


def test_one_sender_takes_only_some_of_the_room_and_all_together_no_more_than_there_is() -> None:
    room = Room(places=3, of_one_sender=2)
    with ExitStack() as taken:
        for sender in ("a", "a", "b"):
            taken.enter_context(room.place(sender))
        for sender, status in (("a", 429), ("b", 503), ("c", 503)):
            with pytest.raises(Problem) as refused, room.place(sender):
                pass
            assert refused.value.status == status
            assert refused.value.headers == {"Retry-After": "3"}
    for sender in ("a", "a", "b"):  # all is free again
        with room.place(sender), room.place(sender), pytest.raises(RuntimeError), room.place("c"):
            raise RuntimeError("whatever happens meanwhile")

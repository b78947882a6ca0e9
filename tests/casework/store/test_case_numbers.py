"""Case numbers are drawn: no two cases share one, and nobody can count the cases between two."""

from random import Random

from casework.domain.case_number import is_mistyped
from casework.store.reports import claim_case_numbers
from chassis.postgres import Database


def test_no_number_is_given_twice_even_where_the_same_ones_are_drawn(service: Database) -> None:
    numbers: list[str] = []
    for _ in range(3):
        with service.transaction() as connection:
            claimed = claim_case_numbers(connection, {("OPO", 2026): 40, ("KAT", 2026): 2, ("OPO", 2027): 1}, Random(1))
        assert [len(claimed[series]) for series in (("OPO", 2026), ("KAT", 2026), ("OPO", 2027))] == [40, 2, 1]
        assert all(number.startswith("OPO-26-") for number in claimed["OPO", 2026])
        numbers += [number for series in claimed.values() for number in series]
    assert len(set(numbers)) == 129
    assert not any(map(is_mistyped, numbers))


def test_a_digit_is_added_where_those_of_six_are_taken(service: Database) -> None:
    class Taken(Random):
        """Draws the same number of six digits for ever."""

        def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
            return 7 if start == 10**6 else super().randrange(start)

    with service.transaction() as connection:
        first = claim_case_numbers(connection, {("OPO", 2026): 1}, Taken(1))
        second = claim_case_numbers(connection, {("OPO", 2026): 1}, Taken(1))
    assert first["OPO", 2026][0].startswith("OPO-26-000007-")
    assert len(second["OPO", 2026][0]) == len(first["OPO", 2026][0]) + 1


def test_numbers_tell_nothing_of_how_many_cases_there_are(service: Database) -> None:
    with service.transaction() as connection:
        numbers = [claim_case_numbers(connection, {("OPO", 2026): 1})["OPO", 2026][0] for _ in range(40)]
    drawn = [int(number.split("-")[2]) for number in numbers]
    rising = sum(second > first for first, second in zip(drawn, drawn[1:], strict=False))
    assert 5 < rising < 34
    assert max(drawn) - min(drawn) > 100_000

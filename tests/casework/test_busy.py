"""A case somebody else holds: the officer is told to come back, and nothing is half done."""

from collections.abc import Callable

import pytest
from chassis.postgres import Database
from support.events import report_id
from support.officers import Officer


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the desk's database is opened: a lock is waited for a fifth of a second, not ten."""
    monkeypatch.setattr("chassis.postgres._SESSION", "-c timezone=UTC -c lock_timeout=200ms")


def test_a_case_that_is_locked_is_a_matter_of_coming_back(
    coordinator: Officer, opened: Callable[..., None], service: Database
) -> None:
    opened(1)
    with service.transaction() as holder:
        holder.execute("select 1 from cases where report_id = %s for update", (report_id(1),))
        refused = coordinator.does("take-up", version=1)
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert coordinator.does("take-up", version=1).status_code == 200

"""A case somebody else holds: the officer is asked to come back, and nothing is half done."""

from collections.abc import Callable, Iterator

import pytest
from chassis.postgres import Database
from support.casework.impatient import Impatient
from support.casework.officers import Officer
from support.events import report_id
from support.stack.databases import Clone


@pytest.fixture
def api_role(clone: Clone) -> Iterator[Database]:
    assert clone.api is not None
    made = Impatient(clone.api)
    yield made
    made.close()


def test_a_case_that_is_locked_is_a_matter_of_coming_back(
    coordinator: Officer, open_cases: Callable[..., None], service: Database
) -> None:
    open_cases(1)
    with service.transaction() as holder:
        holder.execute("select 1 from cases where report_id = %s for update", (report_id(1),))
        refused = coordinator.post("take-up", version=1)
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert coordinator.post("take-up", version=1).status_code == 200

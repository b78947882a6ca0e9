"""Times and words at the officers' desk: what no calendar carries and what nobody can see is refused, and repaired rows
or none, every list is shown.
"""

from collections.abc import Callable
from typing import Any

import pytest
from chassis.postgres import Database
from support.casework.officers import Officer
from support.events import report_id

TIMES = [
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+05:00",
    "2099-12-31T23:59:59Z",
    "2026-12-01T12:00:00",
    "soon",
    4102444800,
    1e400,
    None,
]
WORDS = ["a\0b", "\x1b[2J", "a\u202eb", "\u2066a\u2069", "\x9b", "x" * 4001]


def refused(officer: Officer, path: str, body: dict[str, Any], field: str) -> None:
    answer = officer.post(path, body)
    assert answer.status_code == 422, (body, answer.text)
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("due_at", TIMES[:-2])
def test_nobody_is_sent_until_a_time_that_does_not_do(
    coordinator: Officer, open_cases: Callable[..., None], due_at: object
) -> None:
    open_cases(1)
    coordinator.change("take-up")
    refused(coordinator, "task", {"due_at": due_at}, "due_at")
    refused(coordinator, "checks", {"checked_at": due_at, "finding": "found"}, "checked_at")


@pytest.mark.parametrize("words", WORDS)
def test_words_that_hide_something_are_refused(
    coordinator: Officer, open_cases: Callable[..., None], words: str
) -> None:
    open_cases(1)
    refused(coordinator, "take-up", {"note": words}, "note")
    refused(coordinator, "transfer", {"to": "KGP", "reason": words}, "reason")


def test_half_a_character_is_refused(coordinator: Officer, open_cases: Callable[..., None]) -> None:
    open_cases(1)
    headers = coordinator.headers | {"If-Match": '"1"', "Content-Type": "application/json"}
    url = f"/v1/cases/{report_id(1)}/take-up"
    answer = coordinator.client.post(url, content=b'{"note": "a\\ud800"}', headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "note")


@pytest.mark.parametrize("reason", ["\u200b\u200b\u200b", " \n ", "\u3164\u3164\u3164", "ab\u200b", ""])
def test_a_reason_is_one_that_can_be_read(coordinator: Officer, open_cases: Callable[..., None], reason: str) -> None:
    open_cases(1)
    refused(coordinator, "transfer", {"to": "KGP", "reason": reason}, "reason")


@pytest.mark.parametrize("stored", ["10000-01-01 04:59:59+00", "infinity", "-infinity", "0044-03-15 12:00:00+00 BC"])
def test_a_row_with_an_impossible_time_hides_no_other(
    coordinator: Officer, open_cases: Callable[..., None], service: Database, stored: str
) -> None:
    """Put there by hand: nothing writes it."""
    open_cases(1, 2)
    coordinator.change("take-up")
    with service.transaction() as connection:
        connection.execute("update cases set task_due_at = %s where report_id = %s", (stored, report_id(1)))
        connection.execute("update cases set changed_at = %s where report_id = %s", (stored, report_id(1)))
    assert len(coordinator.list_cases()) == 2
    assert coordinator.detail(1)["task_due_at"][:4] in ("2000", "2099")
    coordinator.change("confirm")


INSIDE = [
    '{"note": ["\\ud800"]}',
    '{"x": {"y": ["\\ud800"]}}',
    '{"x": [[{"y": "\\udfff"}]]}',
    '["\\ud800"]',
    '"\\ud800"',
]


@pytest.mark.parametrize("body", [*INSIDE, *(body.replace("\\ud800", "\\u0000") for body in INSIDE[:1])])
def test_wherever_half_a_character_stands_no_change_fails(
    coordinator: Officer, open_cases: Callable[..., None], body: str
) -> None:
    open_cases(1)
    headers = coordinator.headers | {"If-Match": '"1"', "Content-Type": "application/json"}
    paths = coordinator.client.get("/openapi.json").json()["paths"]
    for path in [path for path, methods in paths.items() if "post" in methods]:
        url = path.replace("{report_id}", str(report_id(1)))
        answer = coordinator.client.post(url, content=body, headers=headers)
        assert answer.status_code in (400, 422), (path, body, answer.text)

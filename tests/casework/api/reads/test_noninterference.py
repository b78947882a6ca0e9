"""Whatever happens to a unit's cases, what an officer of another unit can ask for stays the same in every byte."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from contracts.events.reports import ReportContent
from fastapi.testclient import TestClient
from support.casework.officers import KATOWICE, Issuer, Officer
from support.casework.openings import supported
from support.events import OPOLE, received, report_id

FOREIGN = report_id(2)


def everything(client: TestClient, headers: dict[str, str], number: str) -> dict[str, tuple[int, str, str]]:
    """What an officer is answered on every way to ask: status, tag, body. `number` is a foreign case's."""
    lists = [
        *(
            "",
            "order=due",
            "limit=1",
            "overdue=true",
            "overdue=false",
            "status=new",
            "status=confirmed",
            "contested=true",
        ),
        *(f"q={quote(words)}" for words in (number, number[:6], "KAT", str(FOREIGN), str(FOREIGN)[:8], "%", "_", "'")),
        *("category=parking", f"unit={KATOWICE.unit}", f"unit={OPOLE.unit}", "garrison=KAT", "beat=R1", "cursor=e30"),
    ]
    paths = [
        *(f"/v1/cases?{words}" for words in lists),
        *(f"/v1/cases/{case}{part}" for case in (FOREIGN, report_id(1)) for part in ("", "/similar")),
    ]
    document = client.get("/openapi.json").json()["paths"]
    paths += [
        path for path, methods in document.items() if "get" in methods and path.startswith("/v1/") and "{" not in path
    ]
    answers = {path: client.get(path, headers=headers) for path in paths}
    return {path: (got.status_code, got.headers.get("etag", ""), got.text) for path, got in answers.items()}


def test_what_happens_elsewhere_changes_no_answer(
    client: TestClient, issuer: Issuer, open_cases: Callable[..., None], consume: Callable[..., None]
) -> None:
    open_cases(1)
    mine = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    theirs = Officer(client, issuer.signed_in("coordinator", KATOWICE.unit, "KAT"))
    before = everything(client, mine, "KAT-26-000000-0")
    open_cases(2, 3, owner=KATOWICE)
    consume(received(ReportContent(report_id=FOREIGN, description="prywatne")), received(supported(2, "a")))
    number = theirs.detail(2)["number"]
    assert compared(before, everything(client, mine, number), number) == []
    theirs.change("take-up", "confirm", "refer", number=2)
    theirs.change("take-up", number=3)
    assert compared(before, everything(client, mine, number), number) == []
    answer = theirs.post("merge", {"into": str(FOREIGN), "reason": "to samo"}, 3)
    assert answer.status_code == 200, answer.text
    theirs.change("return", "eliminate", number=2)
    assert compared(before, everything(client, mine, number), number) == []


def compared(before: dict[str, Any], after: dict[str, Any], number: str) -> list[str]:
    """Where the answers differ, once the number that was asked for is left out of the question."""
    asked = {path.replace(quote(number), "N").replace(number[:6], "N"): answer for path, answer in after.items()}
    first = {path.replace("KAT-26-000000-0", "N").replace("KAT-26", "N"): answer for path, answer in before.items()}
    assert asked.keys() == first.keys()
    return [f"{path}: {first[path]} became {answer}" for path, answer in asked.items() if answer != first[path]]


def test_an_officer_learns_of_a_foreign_case_no_more_than_that_it_takes_no_merger(
    coordinator: Officer, client: TestClient, issuer: Issuer, open_cases: Callable[..., None]
) -> None:
    open_cases(1)
    open_cases(2, owner=KATOWICE)
    coordinator.change("take-up")
    theirs = Officer(client, issuer.signed_in("coordinator", KATOWICE.unit, "KAT"))
    said = []
    for action in ("", "take-up", "reject"):  # new, in verification, closed
        if action:
            theirs.change(action, number=2)
        if action != "take-up":  # that one would be merged into
            said.append(coordinator.post("merge", {"into": str(FOREIGN), "reason": "to samo"}).text)
    nobody = coordinator.post("merge", {"into": str(report_id(9)), "reason": "to samo"}).text
    assert said[1] == nobody
    assert not any(status in text.partition("into")[2] for text in said for status in ("new", "rejected", "KAT"))

"""Cases that go to somebody else: transferred, corrected and routed again, ended in another case."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from contracts.base import Owner
from contracts.events import cases
from contracts.events.cases import CaseChange
from contracts.statuses import Status
from fastapi.testclient import TestClient
from support.casework.officers import KATOWICE, Issuer, Officer
from support.casework.openings import routed, submitted, unroutable
from support.events import OPOLE, received, report_id

Published = Callable[[], list[CaseChange]]


def test_a_transfer_takes_the_case_out_of_sight_and_into_the_others(
    client: TestClient,
    issuer: Issuer,
    coordinator: Officer,
    open_cases: Callable[..., None],
    published: Published,
) -> None:
    open_cases(1)
    coordinator.change("take-up")
    assert coordinator.post("transfer", {"to": "KMP-2469"}).status_code == 422  # a reason is needed
    assert coordinator.post("transfer", {"to": "KMP-9999", "reason": "pomyłka"}).status_code == 422
    assert coordinator.post("transfer", {"to": "OPO", "reason": "garnizon nie ma spraw"}).status_code == 422
    gone = coordinator.post("transfer", {"to": "KMP-2469", "reason": "leży w Katowicach"})
    assert (gone.status_code, gone.json()["owner"]["unit"], gone.headers["ETag"]) == (200, "KMP-2469", '"3"')
    assert coordinator.client.get(f"/v1/cases/{report_id(1)}", headers=coordinator.headers).status_code == 404
    there = Officer(client, issuer.signed_in("coordinator", "KMP-2469", "KAT"))
    assert there.detail()["history"][-1]["note"] == "leży w Katowicach"
    last = published()[-1]
    assert isinstance(last, cases.CaseTransferred)
    assert (last.previous, last.owner, last.status, last.by_routing) == (OPOLE, KATOWICE, Status.VERIFICATION, False)
    assert last.case_number.startswith("OPO-")
    there.change("confirm")


@pytest.mark.parametrize("to", ["R1", "OPO/R9", "/R1", "KGP/R1", "OPO/", "OPO/OPO/R1", "\x00", "R1 "])
def test_a_code_that_several_garrisons_have_is_not_guessed(
    coordinator: Officer, open_cases: Callable[..., None], published: Published, to: str
) -> None:
    open_cases(1)
    before = published()
    refused = coordinator.post("transfer", {"to": to, "reason": "rejon pierwszy"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "to")
    if to in ("R1", "/R1"):
        assert "KAT/R1 or OPO/R1" in refused.json()["detail"]
    assert published() == before
    assert coordinator.post("transfer", {"to": "OPO/R1", "reason": "nasz"}).json()["owner"]["unit"] == OPOLE.unit


def test_a_list_by_a_unit_code_that_several_garrisons_have_is_refused_to_who_sees_them_all(
    coordinator: Officer, headquarters: Officer, open_cases: Callable[..., None]
) -> None:
    open_cases(1, owner=Owner(garrison="KAT", unit="KP-1", unit_name="Komisariat I w Katowicach"))
    open_cases(2, owner=Owner(garrison="OPO", unit="KP-1", unit_name="Komisariat I w Opolu"))
    answer = headquarters.client.get("/v1/cases", params={"unit": "KP-1"}, headers=headquarters.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "unit")
    assert headquarters.list_cases(unit="OPO/KP-1") == [str(report_id(2))]
    assert headquarters.list_cases(unit="KAT/KP-1") == [str(report_id(1))]
    assert coordinator.list_cases(unit="KP-1") == []


def test_a_transfer_to_a_beat_stays_in_the_unit(coordinator: Officer, open_cases: Callable[..., None]) -> None:
    open_cases(1)
    assert coordinator.post("transfer", {"to": "OPO-B1", "reason": "rejon pierwszy"}).status_code == 200
    assert coordinator.detail()["owner"]["beat"] == "OPO-B1"
    assert coordinator.post("transfer", {"to": "OPO-B1", "reason": "jeszcze raz"}).status_code == 422


def test_headquarters_owns_what_nobody_was_found_for_and_passes_it_on(
    headquarters: Officer, coordinator: Officer, consume: Callable[..., None], published: Published
) -> None:
    consume(received(submitted()), received(unroutable()))
    event = published()[0]
    assert isinstance(event, cases.CaseOpened)
    assert (event.owner.unit, event.routed, event.case_number[:6]) == ("KGP", False, "KGP-26")
    assert headquarters.detail()["allowed"] == ["ask", "task", "correct", "transfer", "merge"]
    assert headquarters.post("transfer", {"to": "166101", "reason": "to jest w Opolu"}).status_code == 200
    assert coordinator.detail()["owner"] == {
        "garrison": "OPO",
        "unit": OPOLE.unit,
        "unit_name": OPOLE.unit_name,
        "station": None,
        "beat": None,
        "district": "166101",
    }


def test_a_corrected_place_is_routed_again_and_the_case_follows(
    coordinator: Officer,
    headquarters: Officer,
    open_cases: Callable[..., None],
    consume: Callable[..., None],
    published: Published,
) -> None:
    open_cases(1)
    assert coordinator.post("correct", {}).status_code == 422
    assert coordinator.post("correct", {"longitude": 19.0}).status_code == 422
    body = {"longitude": 19.02, "latitude": 50.26, "category": "drinking", "note": "zły adres"}
    assert coordinator.post("correct", body).status_code == 200
    event = published()[-1]
    assert isinstance(event, cases.CaseCorrected)
    assert (event.previous_category, event.previous_longitude, event.place_corrected) == ("parking", 17.92, True)
    answer = received(routed(1, KATOWICE, place_version=event.version))
    consume(received(routed(1, KATOWICE, place_version=event.version + 5)))  # not what was asked
    consume(answer)
    consume(answer)
    moved = published()[-1]
    assert isinstance(moved, cases.CaseTransferred)
    assert (moved.version, moved.owner, moved.by_routing, moved.longitude) == (3, KATOWICE, True, 19.02)
    assert len(published()) == 3
    assert headquarters.detail()["owner"]["unit"] == KATOWICE.unit


def test_a_transfer_by_hand_overrules_the_routing_of_a_corrected_place(
    coordinator: Officer, headquarters: Officer, open_cases: Callable[..., None], consume: Callable[..., None]
) -> None:
    open_cases(1)
    assert coordinator.post("correct", {"longitude": 19.02, "latitude": 50.26}).status_code == 200
    assert coordinator.post("transfer", {"to": "KPP-1601", "reason": "wiem lepiej"}).status_code == 200
    consume(received(routed(1, KATOWICE, place_version=2)))
    assert headquarters.detail()["owner"]["unit"] == "KPP-1601"


def test_a_case_ends_in_another_units_case_which_counts_it(
    coordinator: Officer, headquarters: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    open_cases(1)
    open_cases(2, owner=KATOWICE)
    number = headquarters.detail(2)["number"]
    assert coordinator.post("merge", {"into": number.lower(), "reason": "to samo"}).status_code == 200
    survivor, ended = published()[-2:]
    assert isinstance(survivor, cases.CaseSupported)
    assert isinstance(ended, cases.CasesMerged)
    assert (survivor.report_id, survivor.version, survivor.supporters, survivor.owner) == (report_id(2), 2, 1, KATOWICE)
    assert (ended.report_id, ended.into, ended.into_number) == (report_id(1), report_id(2), number)
    assert headquarters.detail(2)["history"][-1]["detail"] == {"absorbed": str(report_id(1))}
    refused = coordinator.post("take-up")
    assert (refused.status_code, refused.json()["allowed"]) == (409, [])
    assert coordinator.list_cases() == []
    assert coordinator.list_cases(q=coordinator.detail()["number"]) == [str(report_id(1))]


def test_a_merger_keeps_the_older_promise_of_both_and_of_all_that_ended_before(
    coordinator: Officer, headquarters: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    open_cases(1, 2, 3)  # each submitted a second after the one before
    submitted_at = [event.submitted_at for event in published()]
    assert [event.running_since for event in published()] == submitted_at
    assert coordinator.post("merge", {"into": str(report_id(2))}, 1).status_code == 200
    assert coordinator.post("merge", {"into": str(report_id(3))}, 2).status_code == 200
    survivor = published()[-2]
    assert isinstance(survivor, cases.CaseSupported)
    assert (survivor.report_id, survivor.absorbed, survivor.running_since) == (
        report_id(3),
        report_id(2),
        submitted_at[0],
    )
    coordinator.change("take-up", number=3)
    taken_up = published()[-1]
    assert taken_up.running_since == taken_up.changed_at
    assert coordinator.post("transfer", {"to": "OPO-B1", "reason": "rejon"}, 3).status_code == 200
    assert published()[-1].running_since == taken_up.changed_at
    coordinator.change("confirm", number=3)
    assert published()[-1].running_since is None


def test_what_is_taken_up_does_not_end_in_what_is_not(
    coordinator: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    open_cases(1, 2)
    coordinator.change("take-up", number=1)
    since = published()[-1].running_since
    refused = coordinator.post("merge", {"into": str(report_id(2))}, 1)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "into")
    coordinator.change("take-up", number=2)
    assert coordinator.post("merge", {"into": str(report_id(2))}, 1).status_code == 200
    assert published()[-2].running_since == since


@pytest.mark.parametrize("into", ["itself", "closed", "unknown", "ended"])
def test_a_case_ends_only_in_another_open_one(
    coordinator: Officer,
    headquarters: Officer,
    open_cases: Callable[..., None],
    published: Published,
    into: str,
) -> None:
    open_cases(1, 2, 3)
    coordinator.change("reject", number=2)
    if into == "ended":
        assert coordinator.post("merge", {"into": str(report_id(1))}, 3).status_code == 200
    number = {"itself": 1, "closed": 2, "unknown": 9, "ended": 3}[into]
    before = published()
    assert coordinator.post("merge", {"into": str(report_id(number))}).status_code == 422
    assert coordinator.post("merge", {"into": "OPO-26-' or 1=1"}).status_code == 422
    assert coordinator.post("merge", {"into": str(report_id(3))}, version=7).status_code == 412
    assert published() == before
    assert headquarters.detail(2)["supporters"] == 0


def test_two_cases_that_would_end_in_each_other_at_once_leave_one(
    coordinator: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    for first in range(1, 9, 2):
        open_cases(first, first + 1)
        pair = [(first, first + 1), (first + 1, first)]
        with ThreadPoolExecutor(2) as officers:
            futures = [
                officers.submit(coordinator.post, "merge", {"into": str(report_id(into))}, number, 1)
                for number, into in pair
            ]
        codes = sorted(future.result().status_code for future in futures)
        assert codes in ([200, 412], [200, 422]), codes
    assert sum(isinstance(event, cases.CasesMerged) for event in published()) == 4

"""Officers at the desk: the way of a case over HTTP, from the report to its end."""

from collections.abc import Callable
from datetime import UTC, datetime

from contracts import cases
from contracts.cases import CaseChange
from contracts.reports import ReportContent
from fastapi.testclient import TestClient
from support.events import OPOLE, received, report_id
from support.officers import Issuer
from support.openings import routed, submitted


def test_a_case_goes_from_the_report_to_its_elimination(
    client: TestClient, issuer: Issuer, hear: Callable[..., None], changes_told: Callable[[], list[CaseChange]]
) -> None:
    hear(received(submitted()), received(ReportContent(report_id=report_id(1), description="Auto na chodniku")))
    hear(received(routed()))
    me = issuer.signed_in("coordinator", OPOLE.unit, "OPO")
    listed = client.get("/v1/cases", headers=me).json()
    assert [case["report_id"] for case in listed["cases"]] == [str(report_id(1))]
    url = f"/v1/cases/{report_id(1)}"
    card = client.get(url, headers=me)
    assert card.headers["ETag"] == '"1"'
    assert card.json()["words"]["description"] == "Auto na chodniku"
    assert card.json()["number"].startswith("OPO-26-000001-")

    version = 1
    for path, body in [
        ("take-up", None),
        ("checks", {"checked_at": datetime.now(UTC).isoformat(), "finding": "found", "note": "stoi"}),
        ("confirm", {"note": "potwierdzam"}),
        ("refer", {"agency": "road-manager"}),
        ("return", None),
        ("eliminate", None),
    ]:
        answer = client.post(f"{url}/{path}", json=body, headers=me | {"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
        version += 1
        assert answer.headers["ETag"] == f'"{version}"'
    assert [type(event) for event in changes_told()] == [
        cases.CaseOpened,
        cases.CaseTakenUp,
        cases.CheckRecorded,
        cases.CaseConfirmed,
        cases.CaseReferred,
        cases.CaseReturned,
        cases.CaseEliminated,
    ]
    assert [event.version for event in changes_told()] == list(range(1, 8))
    history = client.get(url, headers=me).json()["history"]
    assert [entry["note"] for entry in history][2:4] == ["stoi", "potwierdzam"]

"""`kmzb backup` and `kmzb restore`: databases that are gone come back with what was said after the backup, in silence.

On a system of its own, whose databases can be lost.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from contracts.topics import (
    CASE_CHANGED,
    CASEWORK,
    CLOCK,
    NOTICE,
    NOTIFIER,
    PUBLIC_MAP,
    PUBLIC_REPORT,
    SLA_MONITOR,
    SURGE,
    TO_REPORTER,
    referral_topic,
)
from deploy.stack.infrastructure import Stack
from deploy.stack.process import Process
from journeys.apart.once import ledger, lose_databases, mails, rests, said, without
from journeys.apart.own import own_journey
from journeys.journey import OPOLE, Journey, Receipt
from PIL import Image
from support.operations.command import Kmzb
from support.wait import eventually

from deploy.stack import services

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
STORES = (CASEWORK, SLA_MONITOR, NOTIFIER, PUBLIC_MAP)
AGENCY = "city-guard"
SAID = (CASE_CHANGED, CLOCK, NOTICE, PUBLIC_REPORT, SURGE, TO_REPORTER, referral_topic(AGENCY))
# What is on no topic: who it was, and what they wrote.
ON_NO_TOPIC = {"officer", "note", "entry", "cause"}


@pytest.fixture(scope="module")
def journey(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A system of this file alone."""
    with own_journey(stack, tmp_path_factory.mktemp("restored")) as journey:
        yield journey


class Lives:
    """Reports of many fates, some before the backup, and what became of those and others after it."""

    def __init__(self, journey: Journey) -> None:
        self.journey, self.officer = journey, journey.officer("KMP-1661", "OPO")
        self.sent: dict[str, Receipt] = {}

    def send(self, name: str, **more: Any) -> Receipt:
        receipt = self.sent[name] = self.journey.send(*OPOLE, **more)
        self.journey.receipt_when(receipt, lambda said: said["case_number"] is not None, 30)
        return receipt

    def change(self, name: str, what: str, **body: Any) -> None:
        answer = self.journey.change(self.sent[name].report_id, what, self.officer, **body)
        assert answer.is_success, answer.text

    def support(self, name: str, supporters: int) -> None:
        """Somebody else saw the same, and is counted."""
        path = f"/v1/reports/{self.sent[name].report_id}/support"
        answer = self.journey.http.post(self.journey.url("intake", path), json={}, headers=self.journey.new_sender())
        assert answer.is_success, answer.text
        eventually(lambda: self.case(name)["supporters"] == supporters, 30)

    def case(self, name: str) -> dict[str, Any]:
        answer = self.journey.case(self.sent[name].report_id, self.officer)
        assert answer.is_success, answer.text
        known: dict[str, Any] = without(answer.json(), ON_NO_TOPIC)
        return known

    def before(self) -> None:
        """Until the backup."""
        self.send("quiet")
        self.send("worked", description="Auta na trawniku.", contact={"email": "worked@citizens.example"})
        self.send("supported")
        self.send("ending")
        self.send("pictured", photos=[self.photo()])
        self.change("worked", "take-up", note="Jedzie patrol.")
        self.support("supported", 1)

    def after(self) -> None:
        """Between the backup and the loss: nothing of this is in the backup."""
        check = {"finding": "found", "checked_at": self.journey.now().isoformat(), "note": "Stoją."}
        self.change("worked", "checks", **check)
        self.change("worked", "confirm")
        self.change("worked", "refer", agency=AGENCY)
        self.support("supported", 2)
        self.change("supported", "take-up")
        self.support("supported", 3)
        self.change("supported", "ask", text="Od kiedy?")
        self.send("new", description="Nowe.", contact={"email": "new@citizens.example"})
        self.change("new", "reject")
        self.send("late", category="drinking")
        self.change("ending", "merge", into=str(self.sent["quiet"].report_id), reason="to samo")
        self.journey.receipt_when(
            self.sent["late"], lambda said: any(each["overdue"] for each in said["deadlines"]), 40
        )

    def photo(self) -> str:
        picture = BytesIO()
        Image.new("RGB", (64, 64), "red").save(picture, "JPEG")
        answer = self.journey.http.post(
            self.journey.url("intake", "/v1/photos"),
            content=picture.getvalue(),
            headers={"Content-Type": "image/jpeg", **self.journey.new_sender()},
        )
        assert answer.is_success, answer.text
        return str(answer.json()["photo"])


def lose_everything(journey: Journey) -> None:
    """All databases, and all photos."""
    lose_databases(journey.addresses)
    for photo in (journey.system.root / "photos").rglob("*"):
        if photo.is_file():
            photo.unlink()


def everything(lives: Lives) -> dict[str, object]:
    """What officers and citizens see, what was said and sent, and what the ledger knows of that."""
    journey = lives.journey
    picture = journey.url("casework", f"/v1/cases/{lives.sent['pictured'].report_id}/photos/1")
    return {
        **{f"case {name}": lives.case(name) for name in lives.sent},
        **{f"receipt {name}": journey.receipt(receipt) for name, receipt in lives.sent.items()},
        "photo": journey.http.get(picture, headers=lives.officer).content,
        "topics": said(journey, SAID),
        "mails": mails(journey),
        "ledger": ledger(journey.addresses),
    }


def test_lost_databases_come_back_with_what_was_said_since_and_nobody_is_told_again(
    journey: Journey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kmzb, lives, folder = Kmzb(journey.addresses), Lives(journey), tmp_path / "backup"
    lives.before()
    began = monotonic()
    taken = kmzb.json("backup", str(folder))
    backup_seconds = monotonic() - began
    assert taken["done"]
    assert taken["photos"] == 1
    assert {*taken["keys"]} == services.secrets(journey.system.stack.keys).keys()
    lives.after()
    eventually(lambda: rests(kmzb, journey.addresses), 60)
    before = everything(lives)
    assert "casework runs: 1 in its group" in kmzb.refusal("restore", str(folder), "--yes")
    journey.hold(*STORES, by=Process.stop)
    try:
        assert "holds reports: --replace" in kmzb.refusal("restore", str(folder), "--yes")
        lose_everything(journey)
        assert "Nothing was done" in kmzb("restore", str(folder))
        began = monotonic()
        done = kmzb("restore", str(folder), "--yes")
        restore_seconds = monotonic() - began
        assert "0 messages could not be used" in done
    finally:
        journey.release(*STORES)
    eventually(lambda: rests(kmzb, journey.addresses), 60)
    after = everything(lives)
    for what in before:
        assert after[what] == before[what], (what, done)
    # The next change is the next version, which everybody takes.
    version = lives.case("worked")["version"]
    lives.change("worked", "eliminate")
    journey.receipt_when(lives.sent["worked"], lambda said: said["status"] == "eliminated", 20)
    assert lives.case("worked")["version"] == version + 1
    assert kmzb.code("reconcile", "--since", "1h", "--settled", "0") == 0
    with capsys.disabled():
        print(f"\nbackup {backup_seconds:.1f} s, restore {restore_seconds:.1f} s\n{done}")

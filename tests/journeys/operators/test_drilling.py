"""`kmzb drill` on the running system: who is written to, and whose mailbox takes none."""

import pytest
from deploy.mailbox import messages
from journeys.journey import Journey
from journeys.strangers.difficult import Difficult
from support.operations.command import Kmzb

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]
REACHED, FULL, UNKNOWN = "KMP-1661", "KMP-1863", "KMP-0463"


def mails_to(difficult: Difficult, address: str) -> list[str]:
    return [str(mail["Subject"]) for mail in messages(difficult.mail.folder) if address in str(mail["X-RcptTo"])]


def test_without_yes_nobody_is_written_to(journey: Journey, kmzb: Kmzb) -> None:
    everybody = kmzb.json("drill")
    assert everybody["done"] is False
    assert len(everybody["would_write_to"]) > 300
    assert {"unit/KMP-1661", "garrison/OPO", "headquarters/KGP"} <= set(everybody["would_write_to"])
    assert "did you mean KMP-1661" in kmzb.refusal("drill", "--unit", "KMP-1666")


def test_a_drill_names_those_it_did_not_reach(journey: Journey, kmzb: Kmzb, difficult: Difficult) -> None:
    units = [word for unit in (REACHED, FULL, UNKNOWN) for word in ("--unit", unit)]
    done = kmzb.json("drill", *units, "--yes", "--wait", "60", ends=3)
    said = {each["recipient"]: (each["state"], each["reached"], each["reason"]) for each in done["messages"]}
    assert said[REACHED] == ("sent", True, None)
    assert said[UNKNOWN] == ("failed", False, "RCPT 550 5.1.1")
    assert said[FULL][:2] == ("pending", False)
    assert [subject for subject in mails_to(difficult, "kmp-1661@policja.example") if "ĆWICZENIE" in subject]
    again = kmzb("drill", "--result", done["drill"], ends=3)
    assert "2 of them did not reach who they were for" in again
    assert kmzb.code("drill", "--unit", REACHED, "--yes") == 0

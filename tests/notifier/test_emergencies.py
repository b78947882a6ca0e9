"""A report that reads like an emergency is told at once, marked urgent, before all else, and goes up if it fails."""

from datetime import timedelta

import msgspec
import pytest
from contracts.base import HEADQUARTERS, Event
from contracts.events.cases import CaseOpened
from contracts.events.clocks import DeadlineMissed
from contracts.events.notices import Audience, Channel
from contracts.events.routing import Reason, ReportUnroutable
from notifier.delivery.channels.webhooks import encode_webhook
from notifier.delivery.dispatcher import group_due
from notifier.domain.deliveries import Delivery
from notifier.store.deliveries import claim_deliveries
from prometheus_client import REGISTRY
from support.events import SUBMITTED, received
from support.histories import PLACE, Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service, clock


def urgent(life: Life) -> list[Event]:
    """The report and its routing, whose words read like an emergency."""
    return [
        msgspec.structs.replace(life.submitted, emergency_like=True),
        msgspec.structs.replace(life.routed, emergency_like=True),
    ]


def unreached(name: str) -> float:
    return REGISTRY.get_sample_value(f"kmzb_notices_{name}_total", {"audience": "unit"}) or 0.0


def test_the_unit_is_told_at_once_before_there_is_a_case(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1)
    service.handle(*urgent(life))
    assert service.send_due() == 1
    (mail,) = smtp.mails
    assert mail["To"] == "kmp-1661@policja.example"
    assert mail["Subject"].startswith("[KMZB] PILNE: ")
    assert [mail[name] for name in ("Importance", "Priority", "X-Priority")] == ["high", "urgent", "1"]
    words = mail.get_content()
    assert "112" in words
    assert f"/desk?open={life.id}" in words.replace("=\n", "")


def test_it_is_told_once_however_often_it_is_routed(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1)
    for minutes in range(3):
        routed = msgspec.structs.replace(life.routed, emergency_like=True, boundary_version=str(minutes))
        service.handle(received(routed, at=SUBMITTED + timedelta(minutes=minutes)))
    assert service.send_due() == 1
    service.handle(*life.then(CaseOpened, 1).events)
    assert [kind for kind, _, _ in service.ledger()] == ["case-opened/email", "emergency/email"]


def test_ordinary_reports_alarm_nobody_and_their_mail_is_not_urgent(service: Service, smtp: ScriptedMailServer) -> None:
    service.handle(*Life(1).then(CaseOpened, 1).events)
    service.send_due()
    assert [mail["Importance"] for mail in smtp.mails] == [None]


def test_what_no_unit_answers_for_alarms_headquarters(service: Service, smtp: ScriptedMailServer) -> None:
    nowhere = ReportUnroutable(report_id=Life(1).id, submitted_at=SUBMITTED, reason=Reason.OUTSIDE, **PLACE)
    service.handle(msgspec.structs.replace(nowhere, emergency_like=True))
    assert service.send_due() == 1
    assert smtp.mails[0]["To"] == f"dyzurny.{HEADQUARTERS.unit.lower()}@policja.example"


def test_it_leaves_before_whatever_waits(service: Service) -> None:
    service.handle(*Life(2).then(CaseOpened, 1).events)
    service.execute("update notice set due_at = now() - interval '1 hour'")
    service.handle(*urgent(Life(1)))
    group_due(service.database)
    with service.database.transaction() as connection:
        claimed = claim_deliveries(connection, Channel.EMAIL, service.settings.lease, 5, urgent_only=True)
    assert [item.delivery.kind for item in claimed] == ["emergency"]


@pytest.mark.parametrize(("answer", "attempts"), [("550 5.1.1", 1), ("451 4.3.0", 3)])
def test_what_does_not_get_through_within_half_a_minute_goes_up(
    service: Service, smtp: ScriptedMailServer, answer: str, attempts: int
) -> None:
    before = unreached("emergencies_unreached"), unreached("unreached")
    service.handle(*urgent(Life(1)))
    group_due(service.database)
    smtp.rcpt_answer = answer
    for told in (["KMP-1661"], ["KMP-1661", "OPO"], ["KGP", "KMP-1661", "OPO"]):
        assert sorted(recipient for _, recipient, _ in service.ledger()) == told
        for _ in range(attempts):
            assert service.send_one()
        service.execute("update delivery set due_at = now() + interval '1 day' where state = 'pending'")
        group_due(service.database)
    assert {kind for kind, _, _ in service.ledger()} == {"emergency/email", "emergency-undelivered/email"}
    assert (unreached("emergencies_unreached"), unreached("unreached")) == (before[0] + 1, before[1])


def test_a_miss_still_waits_ten_minutes(service: Service, smtp: ScriptedMailServer) -> None:
    life = Life(1)
    service.handle(*life.events, DeadlineMissed(**clock(life)))
    group_due(service.database)
    smtp.rcpt_answer = "451 4.3.0"
    for _ in range(6):
        assert service.send_one()
    assert [recipient for _, recipient, _ in service.ledger()] == ["KMP-1661"]


@pytest.mark.parametrize(("kind", "woken"), [("emergency", True), ("emergency-undelivered", True), ("digest", False)])
def test_a_webhook_says_whether_somebody_is_to_be_woken(kind: str, woken: bool) -> None:
    delivery = Delivery(Life(1).id, Channel.WEBHOOK, Audience.UNIT, "KMP-1661", Life(1).id, kind, 1)
    assert msgspec.json.decode(encode_webhook(delivery, SUBMITTED))["data"]["urgent"] is woken

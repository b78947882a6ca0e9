"""Each alert fires on what it is there for, with the words an operator then reads, and is silent on what is well."""

import re
import subprocess
from pathlib import Path

import pytest
from support.deploy.rules import ALERTS, FOLDER, Played, played, played_together

ROOT = Path(__file__).resolve().parents[3]
OVERDUE = 'kmzb_sla_open{clock="take-up",garrison="OPO",state="overdue"}'
ON_TIME = 'kmzb_sla_open{clock="take-up",garrison="OPO",state="on_time"}'
LETTERS = 'kmzb_dead_letters_total{service="casework",reason="%s"}'
LATE = "kmzb_sla_lateness_seconds_bucket"
NOTICES = 'kmzb_notices_total{channel="email",outcome="%s"}'
BEATS = 'kmzb_event_age_seconds_count{service="%s",topic="kmzb.internal.heartbeat.%s.v1"}'
BEATING = " ".join(str(minute) for minute in range(110) for _ in range(4))
"""One a minute."""
SIXTEEN = {f'kmzb_routing_districts{{garrison="G{number:02}",version="1"}}': "20x90" for number in range(16)}

FIRES: dict[str, Played] = {
    "DeadlinesNotJudged": Played(
        {"kmzb_sla_watermark_age_seconds": "90x20"}, "2m", {},
        "No deadline is judged: the clocks have not heard everything for 1m 30s",
    ),
    "CaseworkNotHeard": Played(
        {"kmzb_sla_progress_age_seconds": "45x20"}, "1m", {},
        "Casework has not said for 45s that its changes are on the log",
    ),
    "MissesUnconfirmed": Played(
        {"kmzb_unconfirmed_misses_total": "0x4 2x20"}, "2m30s", {},
        "2 misses are said although casework did not confirm them in time",
    ),
    "CaseChangeMissing": Played(
        {"kmzb_sla_gap_seconds": "0 70x20"}, "1m", {}, "A change of a case has waited 1m 10s for the one before it"
    ),
    "StepsFireLate": Played(
        {f'{LATE}{{le="5"}}': "0x80", f'{LATE}{{le="10"}}': "0+1x80", f'{LATE}{{le="+Inf"}}': "0+1x80"}, "18m", {},
        "Steps of clocks fire 9.75s after their time",
    ),
    "ClocksOverdue": Played(
        {OVERDUE: "0x4 1x20"}, "2m", {"garrison": "OPO", "clock": "take-up"},
        "1 clocks (take-up) of OPO run past their deadline",
    ),
    "ManyClocksOverdue": Played(
        {OVERDUE: "30x300", ON_TIME: "10x300"}, "65m", {"garrison": "OPO"},
        "30 clocks of OPO are overdue, more than half of those that run",
    ),
    "ServiceDown": Played(
        {'up{job="kmzb",service="routing"}': "1x4 0x20"}, "2m", {"job": "kmzb", "service": "routing"},
        "routing does not answer",
    ),
    "ReportsNotTaken": Played(
        {'kmzb_intake_reports_total{outcome="not-acknowledged"}': "0+1x20"}, "3m", {},
        "Citizens are answered 503: the log does not acknowledge reports",
    ),
    "ConsumerBehind": Played(
        {'kmzb_consumer_lag_seconds{service="casework",topic="t"}': "0x4 100x20"}, "3m",
        {"service": "casework", "topic": "t"}, "casework is 1m 40s behind on t",
    ),
    "OutboxWaits": Played(
        {'kmzb_outbox_oldest_seconds{service="casework"}': "100x20"}, "1m", {"service": "casework"},
        "What casework has decided has not reached the log for 1m 40s",
    ),
    "HeartbeatMissing": Played(
        {'up{job="kmzb",service="intake"}': "1x60", 'up{job="kmzb",service="casework"}': "1x60",
         'up{job="kmzb",service="routing"}': "1x60", BEATS % ("routing", "routing"): BEATING,
         'up{job="kmzb",service="notifier"}': "1x60", BEATS % ("notifier", "notifier"): "0 0 1x60"}, "7m",
        [{"service": "casework"}, {"service": "notifier"}],
        ["No heartbeat reaches casework", "No heartbeat reaches notifier"],
    ),
    "UnderReplicated": Played(
        {"kmzb_kafka_under_replicated_partitions": "0x4 4x20"}, "3m", {}, "4 partitions of reports lack a copy in sync"
    ),
    "MessagesSetAside": Played(
        {LETTERS % "json": "_x4 1x20"}, "2m", {"service": "casework", "reason": "json"},
        "casework sets messages aside: json",
    ),
    "MessageEndedService": Played(
        {LETTERS % "crash": "_x4 1x20"}, "2m", {"service": "casework"},
        "A message ended casework three times and was set aside",
    ),
    "ReaderTooOld": Played(
        {'kmzb_held_messages{service="casework"}': "3x300"}, "65m", {"service": "casework"},
        "casework holds 3 messages of newer writers it can't read yet",
    ),
    "DeadLettersWait": Played(
        {'kmzb_dead_letter_depth{service="casework"}': "2x100"}, "20m", {"service": "casework"},
        "2 messages on casework's dead-letter topic",
    ),
    "PublicTopicMended": Played(
        {'kmzb_reconciled_total{what="report"}': "0x10 0+1x300"}, "62m30s", {"what": "report"},
        "The public topic was not as the map: 239 × report said again",
    ),
    "RedisAway": Played(
        {'kmzb_redis_fallback_total{service="intake"}': "0+15x80"}, "12m", {"service": "intake"},
        "intake goes on without Redis",
    ),
    "NoticesFail": Played(
        {NOTICES % "refused": "0+15x100", NOTICES % "sent": "0+15x100"}, "20m", {"channel": "email"},
        "1 attempts a second by email fail, more than a fifth",
    ),
    "MissUnreached": Played(
        {'kmzb_notices_unreached_total{audience="unit"}': "0x4 1x20"}, "3m", {"audience": "unit"},
        "A missed deadline could not be told to unit",
    ),
    "EmergencyUnreached": Played(
        {'kmzb_notices_emergencies_unreached_total{audience="unit"}': "0x4 1x20"}, "3m", {"audience": "unit"},
        "A report that reads like an emergency could not be told to unit",
    ),
    "MailboxFails": Played(
        {'kmzb_notices_mailbox_failures_total{audience="unit"}': "_x4 1x20"}, "3m", {"audience": "unit"},
        "Mail to a unit is refused for good, or came back",
    ),
    "NoticesWait": Played(
        {'kmzb_notices_oldest_seconds{channel="email"}': "2000x60"}, "6m", {"channel": "email"},
        "A message by email has waited 33m 20s",
    ),
    "DistrictsLacking": Played(SIXTEEN, "12m", {}, "Only 16 of 17 garrisons have districts in force"),
}  # fmt: skip

# All that the alerts look at, on an ordinary day: some clocks overdue for a moment only, some letters of long ago.
WELL = {
    "kmzb_sla_watermark_age_seconds": "0.4x400",
    "kmzb_sla_progress_age_seconds": "0.3x400",
    "kmzb_unconfirmed_misses_total": "3x400",
    "kmzb_sla_gap_seconds": "0x400",
    f'{LATE}{{le="5"}}': "0+1x400",
    f'{LATE}{{le="10"}}': "0+1x400",
    f'{LATE}{{le="+Inf"}}': "0+1x400",
    OVERDUE: "0x400",
    ON_TIME: "40x400",
    'up{job="kmzb",service="routing"}': "1x10 0 1x400",
    'up{job="kmzb",service="intake"}': "1x400",
    BEATS % ("routing", "routing"): BEATING,
    "kmzb_kafka_under_replicated_partitions": "0x400",
    'kmzb_intake_reports_total{outcome="not-acknowledged"}': "2x400",
    'kmzb_intake_reports_total{outcome="accepted"}': "0+5x400",
    'kmzb_consumer_lag_seconds{service="casework",topic="t"}': "3x400",
    'kmzb_outbox_oldest_seconds{service="casework"}': "0.2x400",
    LETTERS % "json": "4x400",
    'kmzb_held_messages{service="casework"}': "0x400",
    'kmzb_dead_letter_depth{service="casework"}': "0x400",
    'kmzb_reconciled_total{what="report"}': "7x400",
    'kmzb_redis_fallback_total{service="intake"}': "1x400",
    NOTICES % "refused": "0+1x400",
    NOTICES % "sent": "0+30x400",
    'kmzb_notices_unreached_total{audience="unit"}': "1x400",
    'kmzb_notices_emergencies_unreached_total{audience="unit"}': "1x400",
    'kmzb_notices_oldest_seconds{channel="email"}': "100x400",
    'kmzb_notices_mailbox_failures_total{audience="unit"}': "2x400",
    **SIXTEEN,
    'kmzb_routing_districts{garrison="G16",version="1"}': "20x400",
}


@pytest.mark.long
def test_each_alert_fires_on_what_it_is_there_for(tmp_path: Path) -> None:
    assert FIRES.keys() == ALERTS.keys()
    said = played(tmp_path, FIRES.items())
    assert not said, said


def test_all_alerts_are_silent_on_an_ordinary_day(tmp_path: Path) -> None:
    well = {series: values.replace("x90", "x400") for series, values in WELL.items()}
    said = played_together(tmp_path, well, "80m")
    assert not said, said


def test_each_alert_has_a_section_that_says_what_to_do_and_each_section_an_alert() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("\n## Alerts\n")[2]
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL))
    assert sections.keys() == ALERTS.keys()
    for name, section in sections.items():
        assert section.strip().startswith("**Means** that "), name
        assert "**Do**" in section, name
        assert ALERTS[name]["annotations"]["runbook_url"] == f"docs/operations.md#{name.lower()}"


@pytest.mark.parametrize("rules", ["alerts.yml", "recording.yml"])
def test_rules_are_right_by_prometheus_own_check(rules: str) -> None:
    done = subprocess.run(["promtool", "check", "rules", str(FOLDER / rules)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

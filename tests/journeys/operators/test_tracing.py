"""`kmzb trace`, `lag` and `offsets` on the running system: where a report is, what waits, from where it is read on."""

from typing import Any

import pytest
from contracts.topics import CASE_CHANGED, CLOCK, CONTENT, PUBLIC_REPORT, REPORT_ROUTED, REPORT_SUBMITTED
from journeys.journey import OPOLE, Journey
from support.operations.command import Kmzb
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]
WORDS = "Nikomu nic do tych słów."
ADDRESS = "traced@citizens.example"


def test_a_report_is_followed_by_id_receipt_and_number_and_nothing_it_says_is_printed(
    journey: Journey, kmzb: Kmzb
) -> None:
    sent = journey.send(*OPOLE, description=WORDS, contact={"email": ADDRESS})
    known = journey.receipt_when(sent, lambda said: said["case_number"] is not None, 20)
    officer = journey.officer("KMP-1661", "OPO")
    assert journey.change(sent.report_id, "take-up", officer).is_success
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 30)
    traced = kmzb.json("trace", str(sent.report_id))
    topics = {hop["topic"]: hop["what"] for hop in traced["hops"]}
    assert topics.keys() >= {topic.name for topic in (CONTENT, REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK)}
    assert (topics[PUBLIC_REPORT.name], topics[CASE_CHANGED.name]) == ("PublicReport", "CaseTakenUp")
    ages = [hop["age"] for hop in traced["hops"]]
    assert ages == sorted(ages)
    assert sum(hop["lag"] for hop in traced["hops"]) == pytest.approx(ages[-1])
    assert any(notice["kind"] == "case-opened" for notice in traced["notices"])
    assert traced["stands"] == traced["not_asked"] == []
    for other in (sent.receipt, known["case_number"].lower()):
        assert {at(hop) for hop in kmzb.json("trace", other)["hops"]} >= {at(hop) for hop in traced["hops"]}
    printed = kmzb("trace", sent.receipt)
    assert "It arrived everywhere." in printed
    assert f"{known['case_number']} version 2: verification, KMP-1661, by coordinator" in printed
    assert not any(secret in printed + str(traced) for secret in (WORDS, ADDRESS, sent.receipt))


def test_without_the_stores_topics_are_read_whole_and_say_the_same(journey: Journey, kmzb: Kmzb) -> None:
    sent = journey.send(*OPOLE)
    known = journey.receipt_when(sent, lambda said: said["case_number"] is not None, 20)
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 30)
    bare = Kmzb({name: "" if "POSTGRES" in name else value for name, value in journey.addresses.items()})
    for named in (str(sent.report_id), sent.receipt, known["case_number"]):
        traced = bare.json("trace", named)
        assert {hop["what"] for hop in traced["hops"]} >= {"ReportSubmitted", "ReportRouted", "CaseOpened"}
        assert set(traced["not_asked"]) == {"casework", "sla-monitor", "notifier", "public-map"}


def test_where_a_report_stands_is_said_and_what_waits_is_counted(journey: Journey, kmzb: Kmzb) -> None:
    journey.hold("routing")
    sent = journey.send(*OPOLE)
    stands = eventually_stands(kmzb, str(sent.report_id))
    assert [each["service"] for each in stands] == ["routing"]
    assert "ReportSubmitted has waited" in stands[0]["why"]
    eventually(lambda: "routing does not run" in eventually_stands(kmzb, str(sent.report_id))[0]["why"], 20)
    late = [each for each in kmzb.json("lag", "--service", "routing", "--over", "0", ends=3) if each["waiting"]]
    assert {(each["topic"], each["waiting"]) for each in late} == {(REPORT_SUBMITTED.name, 1)}
    assert 0 < late[0]["seconds"] < 60
    journey.release("routing")
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 30)
    assert "routing" in kmzb("lag", "--over", "30")


def test_what_is_no_report_is_refused_by_name(kmzb: Kmzb) -> None:
    assert "is no report's id, no receipt" in kmzb.refusal("trace", "nonsense")
    assert "its last character does not fit" in kmzb.refusal("trace", "OPO-26-004123-A")
    assert "no report has this receipt" in kmzb.refusal("trace", "A" * 22)
    assert "nothing on any topic is about" in kmzb.refusal("trace", "00000000-0000-4000-8000-000000000000")


def test_a_reset_is_only_said_until_the_service_is_stopped_and_reading_again_changes_nothing(
    journey: Journey, kmzb: Kmzb
) -> None:
    sent = journey.send(*OPOLE)
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 30)
    words = ("offsets", "reset", "routing", "--to", "beginning", "--topic", "report-submitted")
    planned = kmzb(*words)
    assert "answers these reports again" in planned
    assert "Nothing was done" in planned
    assert "routing runs: 1 in its group" in kmzb.refusal(*words, "--yes")
    journey.settle(REPORT_ROUTED, PUBLIC_REPORT, CASE_CHANGED)
    cases = len(journey.events(CASE_CHANGED))
    journey.hold("routing")
    again = eventually(lambda: kmzb.json(*words, "--yes"), 30)  # once the killed member no longer counts
    assert sum(move["again"] for move in again["moves"]) > 0
    shown = kmzb.json("offsets", "show", "routing", "--topic", "report-submitted")
    assert all(each["committed"] == each["first"] for each in shown if each["end"] > each["first"])
    assert "would never be handled: --skip" in kmzb.refusal("offsets", "reset", "routing", "--to", "end")
    journey.release("routing")
    eventually(lambda: kmzb.code("lag", "--service", "routing", "--over", "0") == 0, 30)
    eventually(lambda: kmzb.code("lag", "--service", "casework", "--over", "0") == 0, 30)
    journey.settle(REPORT_ROUTED, CASE_CHANGED)
    assert len(journey.events(CASE_CHANGED)) == cases


def test_offsets_that_make_no_sense_are_refused(kmzb: Kmzb) -> None:
    assert "no service that reads as a group, 'intake'" in kmzb.refusal("offsets", "show", "intake")
    assert "does not read" in kmzb.refusal("offsets", "show", "routing", "--topic", CLOCK.name)
    assert "no partition 99" in kmzb.refusal("offsets", "show", "routing", "--partition", "99")
    assert "30m, 12h, 7d" in kmzb.refusal("offsets", "reset", "routing", "--to", "yesterday")
    assert "name it with --topic and --partition" in kmzb.refusal("offsets", "reset", "routing", "--to", "3")
    one = ("offsets", "reset", "routing", "--topic", REPORT_SUBMITTED.name, "--partition", "0", "--to")
    assert "goes from" in kmzb.refusal(*one, "999999")


def at(hop: dict[str, Any]) -> tuple[str, int, int]:
    return hop["topic"], hop["partition"], hop["offset"]


def eventually_stands(kmzb: Kmzb, report: str) -> list[dict[str, str]]:
    """Where the report stands, once routing alone has not read it."""

    def only_routing() -> list[dict[str, str]]:
        stands: list[dict[str, str]] = kmzb.json("trace", report, ends=3)["stands"]
        assert {each["service"] for each in stands} == {"routing"}
        return stands

    return eventually(only_routing, 30)

"""Whose promise was it: kind 12, and what a fault run showed of escalations and of times told twice."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import uuid4

from contracts.events.clocks import Clock, ClockStopped, DeadlineMissed
from contracts.events.notices import Channel, NoticeSent
from contracts.topics import CLOCK, NOTICE
from deploy.mailbox import text
from journeys.journey import Receipt
from journeys.strangers.shape import Answer, Example, Gives, Request
from journeys.strangers.stage import Stage
from redis import Redis
from support.wait import eventually

SEA = (17.2, 54.95)


def _merge(stage: Stage, ended: Receipt, survivor: Receipt) -> None:
    stage.change(ended, "merge", into=str(survivor.report_id), reason="to samo")


def _merged_clock(stage: Stage) -> bool:
    """Whether a case that an older one ended in is missed when that would have been."""
    older, newer = stage.opened(category="speeding"), stage.opened(category="speeding")
    _merge(stage, older, newer)
    [missed] = eventually(partial(stage.events, CLOCK, DeadlineMissed, newer.report_id), 30)
    return missed.due_at == stage.journey.due_at(older)


def _merged_reporter(stage: Stage) -> str:
    """The reporter of a case that ended in another is told, and in which."""
    address = f"{uuid4().hex}@citizens.example"
    ended, survivor = stage.opened(contact={"email": address}), stage.opened()
    [asked] = eventually(lambda: stage.mails_to(address))
    link = next(word for word in text(asked).split() if "/v1/contact-confirmations/" in word)
    assert stage.journey.http.post(link).is_success
    _merge(stage, ended, survivor)
    eventually(lambda: stage.detail(survivor)["number"] in text(stage.mails_to(address)[-1]))
    continued = stage.journey.receipt_when(ended, lambda said: said["continues_as"] is not None, 15)
    return "told" if continued["continues_as"]["report_id"] == str(survivor.report_id) else str(continued)


def _contest(stage: Stage, receipt: Receipt) -> None:
    body = {"report_id": str(receipt.report_id)}
    answer = Request("intake", "POST", f"/v1/receipts/{receipt.receipt}/contest", body)(stage)
    Answer(202)(stage, answer)


def _contests(stage: Stage, receipt: Receipt) -> list[bool]:
    """Of each contest in the case's history, whether it counted."""
    history = stage.detail(receipt)["history"]
    return [entry["detail"].get("counted", True) for entry in history if entry["what"] == "ReportContested"]


def _contest_of_a_new_case(stage: Stage) -> list[Any]:
    """What is said of no decision marks none that comes later."""
    receipt = stage.opened()
    _contest(stage, receipt)
    eventually(lambda: _contests(stage, receipt) == [False])
    stage.change(receipt, "take-up")
    stage.change(receipt, "reject")
    return [stage.detail(receipt)["status"], stage.detail(receipt)["contested"]]


def _contest_after_a_reopening(stage: Stage) -> list[bool]:
    """Each decision can be contested: what the second contest counts as."""
    receipt = stage.opened(take_up=True)
    stage.change(receipt, "reject")
    _contest(stage, receipt)
    eventually(lambda: _contests(stage, receipt))
    stage.change(receipt, "reopen")
    stage.change(receipt, "reject")
    _contest(stage, receipt)
    return eventually(lambda: _contests(stage, receipt)[1:])


def _follow_up_to_nothing(stage: Stage) -> list[int]:
    """It is taken, since nobody may learn which reports there are, and makes no case."""
    report_id = uuid4()
    said = Request("intake", "POST", f"/v1/reports/{report_id}/support")(stage)
    stage.opened()
    return [said.status_code, stage.journey.case(report_id, stage.coordinator).status_code]


def _transferred(stage: Stage) -> str:
    """The mail to the unit that has it now names the deadline."""
    receipt = stage.opened()
    stage.change(receipt, "transfer", to="KPP-1601", reason="leży w Brzegu")
    mails = eventually(lambda: stage.mails_to("kpp-1601@policja.example"))
    return "podjąć do:" if "podjąć do:" in text(mails[-1]) else text(mails[-1])


def _escalated(stage: Stage) -> int:
    """How many mails headquarters gets of one miss of its own."""
    receipt = stage.opened(place=SEA, category="drinking")

    def mails() -> list[NoticeSent]:
        sent = stage.events(NOTICE, NoticeSent, receipt.report_id)
        return [one for one in sent if (one.kind, one.channel) == ("deadline-escalated", Channel.EMAIL)]

    eventually(mails, 30)
    stopped = partial(stage.events, CLOCK, ClockStopped, receipt.report_id)
    stage.change(receipt, "transfer", to="KMP-1661", reason="leży w Opolu")
    stage.change(receipt, "take-up", stage.coordinator)
    eventually(lambda: any(clock.clock is Clock.TAKE_UP for clock in stopped()))
    return len(mails())


def _repeat_after_redis_forgot(stage: Stage) -> bool:
    """The same key and body, once Redis has lost everything: the answer is the first one's in every byte."""
    body = {"category": "parking", "longitude": 17.9213, "latitude": 50.6683}
    repeat = Request(
        "intake", "POST", "/v1/reports", body, {"Idempotency-Key": str(uuid4()), **stage.journey.new_sender()}
    )
    first = repeat(stage)
    with Redis.from_url(stage.journey.addresses["KMZB_REDIS_URL"]) as redis:
        redis.flushdb()
    again = [repeat(stage) for _ in range(3)]
    assert first.is_success, first.text
    return all(answer.json() == first.json() for answer in again)


CLOCKS: Sequence[Example] = (
    Example(12, "a merger stops the older clock", _merged_clock, Gives(True), slow=True),
    Example(12, "the reporter of a merged case", _merged_reporter, Gives("told")),
    Example(12, "a contest of a new case", _contest_of_a_new_case, Gives(["rejected", False])),
    Example(12, "a contest after a reopening", _contest_after_a_reopening, Gives([True])),
    Example(12, "a follow-up to a report that never was", _follow_up_to_nothing, Gives([202, 404])),
    Example(12, "a mail after a transfer", _transferred, Gives("podjąć do:")),
    Example("run", "two escalation mails to headquarters", _escalated, Gives(1)),
    Example("run", "two submitted_at of one report", _repeat_after_redis_forgot, Gives(True)),
)
"""False misses and commit errors take faults to be seen: `make faults`, and tests/sla_monitor/test_outbox.py."""

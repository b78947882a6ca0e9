"""A consumer that reads topics by a pattern reads those that are made while it runs."""

from collections.abc import Callable, Sequence

import pytest
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Producing
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.events.referrals import ReferralAcknowledged
from contracts.topics import ANSWERS, CASEWORK, DEAD_LETTERS, FOLLOW_UP, agency_of, answer_topic, referral_topic
from support.effects import running
from support.events import SUBMITTED, outgoing, report_id
from support.wait import eventually


@pytest.mark.long
@pytest.mark.timeout(120)  # the brokers look at patterns again every ten seconds at most
def test_an_agency_that_is_added_is_heard_without_a_restart(settings: Settings, topics: Callable[..., None]) -> None:
    topics(FOLLOW_UP, DEAD_LETTERS[CASEWORK], answer_topic("there"), referral_topic("there"))
    heard: list[str | None] = []

    def handle(batch: Sequence[Received]) -> list[Outgoing]:
        heard.extend(agency_of(message.topic) for message in batch)
        return []

    def answer(agency: str) -> None:
        said = ReferralAcknowledged(report_id=report_id(1), referral_id=report_id(2), answered_at=SUBMITTED)
        Publisher(settings, "test").publish([outgoing(said, topic=answer_topic(agency))])

    loop = Loop(settings, CASEWORK, [FOLLOW_UP], Producing(settings, CASEWORK, handle), Health(), pattern=ANSWERS)
    with running(loop) as failures:
        answer("there")
        eventually(lambda: heard == ["there"], 40)
        topics(answer_topic("tomorrow"))
        answer("tomorrow")
        eventually(lambda: heard == ["there", "tomorrow"], 60)
    assert not failures

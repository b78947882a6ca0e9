"""Whatever strangers write, ordinary reports are served meanwhile and no service ends."""

import pytest
from contracts.topics import CONTACT, CONTENT, DISTRICT, PUBLIC_REPORT
from deploy.agencies import all_topics
from journeys.journey import OPOLE, Journey
from support.chassis.bad_messages import bad_records

ANSWERS = [topic for topic in all_topics() if topic.name.endswith(".answer.v1")]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_reports_are_served_while_everything_that_can_be_wrong_is_written(journey: Journey) -> None:
    before = {process.part.name: process.pid for process in journey.system.processes()}
    for topic in (*ANSWERS, CONTENT, CONTACT, DISTRICT, PUBLIC_REPORT):
        # On topics of ours alone, a hundred in a row would rightly stop their readers.
        journey.write_raw(*bad_records(journey.settings.namespace + topic.name, 30))
        receipt = journey.send(*OPOLE)
        journey.receipt_when(receipt, lambda answer: answer["unit"] is not None, 30)
    assert {process.part.name: process.pid for process in journey.system.processes()} == before

"""`kmzb doctor` compares the brokers' rules with the registry's, in words, on a real secured broker."""

import pytest
from chassis.clock import now
from confluent_kafka.admin import AclOperation, ResourceType
from contracts.agencies import Agency, AgencyState
from contracts.topics import AGENCY, CASE_CHANGED, CASEWORK, CONTENT
from deploy.access.brokers import put_rules, rules_there, take_bindings
from deploy.access.cluster import apply_access
from deploy.access.rules import Rule, agency_rules
from deploy.agencies.registry import publish_agencies, read_registry
from operations.diagnosis.access import access
from operations.diagnosis.findings import State
from support.deploy.secured_broker import Broker

from deploy.stack import topics

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
_READ, _TOPIC = AclOperation.READ, ResourceType.TOPIC


def compared(broker: Broker) -> list[tuple[State, str]]:
    return [(finding.state, finding.says) for finding in access(broker.operators)]


def test_what_is_missing_and_what_stands_beside_the_registry_is_said(broker: Broker) -> None:
    topics.create(broker.operators, [AGENCY], replication=1)
    guard = Agency(code="guard", name="Straż", changed_at=now())
    publish_agencies(broker.operators, [guard])
    [(state, says)] = compared(broker)
    assert (state, says.partition(" ")[0], says.endswith("with the brokers")) == (State.WELL, "all", True)

    reads = Rule("agency.guard", _TOPIC, "kmzb.partner.guard.referral.v1", _READ)
    takes = [rule for rule in agency_rules("", "guard") if rule.principal == "agency.guard"]
    there = rules_there(broker.admin())
    take_bindings(broker.admin(), [there[reads]])
    earlier = Rule(CASEWORK, _TOPIC, "kmzb.internal.of-before.v1", _READ)
    stranger = [Rule("kafka-ui", _TOPIC, topic.name, _READ) for topic in (CASE_CHANGED, CONTENT)]
    put_rules(broker.admin(), [earlier, *stranger])
    assert compared(broker) == [
        (State.WRONG, f"agency.guard may not READ topic {reads.name}: kmzb access apply"),
        (
            State.NOTE,
            "casework may READ topic kmzb.internal.of-before.v1, as an earlier release did: kmzb access apply,"
            " once nobody goes back to it",
        ),
        (
            State.NOTE,
            f"kafka-ui may READ topic {min(rule.name for rule in stranger)}, and 1 more, of which the registry knows"
            " nothing: is that meant?",
        ),
    ]

    gone = Agency(code="guard", name="Straż", changed_at=now(), state=AgencyState.REMOVED)
    publish_agencies(broker.operators, [gone])
    wrong = [says for state, says in compared(broker) if state is State.WRONG]
    assert len(wrong) == 1
    assert wrong[0].startswith("agency.guard has no topics any more, and may ")
    assert f"and {len(takes) - 2} more" in wrong[0]

    apply_access(broker.operators, read_registry(broker.operators).all())
    assert [state for state, _ in compared(broker)] == [State.WELL, State.NOTE], "the stranger is an operator's own"

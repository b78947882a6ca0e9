"""The registry of topics is complete and means what it says."""

import re

import pytest
from contracts.policy.categories import catalogue_at, catalogues, category
from contracts.statuses import CLOSED, LABELS, OPEN, Status
from contracts.topics import (
    ANYONE,
    HEARTBEATS,
    IMPORT,
    OPERATORS,
    PARTITIONS,
    SERVICES,
    TOPICS,
    Topic,
    agency_of,
    answer_topic,
    partner_topics,
    referral_topic,
    topic_named,
)
from support.agencies import AGENCIES
from support.events import SUBMITTED

ALL = (*TOPICS, *partner_topics(AGENCIES))
each_topic = pytest.mark.parametrize("topic", ALL, ids=lambda each: each.name)


@each_topic
def test_a_topic_is_described_written_and_read_by_somebody_known(topic: Topic) -> None:
    known = {*SERVICES, *AGENCIES, OPERATORS, ANYONE, IMPORT}
    assert topic.says
    assert topic.writers
    assert topic.readers
    assert {*topic.writers, *topic.readers} <= known


@each_topic
def test_a_name_says_first_who_may_see_it(topic: Topic) -> None:
    assert re.fullmatch(r"kmzb\.(public|partner\.[a-z-]+|internal)\.[a-z-]+(\.[a-z-]+)?\.v\d+", topic.name)
    if topic.name.startswith("kmzb.partner."):
        assert topic.name.split(".")[2] in AGENCIES
    if ANYONE in topic.readers:
        assert topic.name.startswith("kmzb.public.")


@each_topic
def test_partitions_are_as_many_as_they_will_ever_be(topic: Topic) -> None:
    alone = ("kmzb.internal.district.v1", "kmzb.internal.progress.v1", "kmzb.internal.agency.v1")
    one = topic.name in alone or agency_of(topic) or topic in HEARTBEATS.values()
    assert topic.partitions == (1 if one else PARTITIONS)


def test_names_are_unique() -> None:
    assert len({topic.name for topic in ALL}) == len(ALL)


@each_topic
def test_a_topic_is_known_by_its_name_and_a_partners_by_its_agency(topic: Topic) -> None:
    assert topic_named(topic.name) == topic
    assert agency_of(topic) == (topic.name.split(".")[2] if topic.name.startswith("kmzb.partner.") else None)


@each_topic
def test_every_event_of_a_topic_is_its_base(topic: Topic) -> None:
    if topic.base is not None:
        assert all(issubclass(event, topic.base) for event in topic.events)
    else:
        assert topic.name.startswith("kmzb.internal.dead-letter.") or topic.name == "kmzb.internal.district.v1"


def test_an_agency_that_joins_tomorrow_has_topics_by_its_code_alone() -> None:
    assert topic_named("kmzb.partner.fire-brigade.referral.v1") == referral_topic("fire-brigade")
    assert topic_named("kmzb.partner.fire-brigade.answer.v1") == answer_topic("fire-brigade")
    assert answer_topic("fire-brigade").writers == referral_topic("fire-brigade").readers == ("fire-brigade",)


@pytest.mark.parametrize(
    "name",
    [
        "kmzb.internal.clock.v2",
        "kmzb.partner.fire-brigade.referral.v2",
        "kmzb.partner.Fire.referral.v1",
        "kmzb.partner.a.b.referral.v1",
        "kmzb.partner.fire-brigade.gossip.v1",
        "",
    ],
)
def test_a_name_that_is_no_topics_is_none(name: str) -> None:
    assert topic_named(name) is None


@pytest.mark.parametrize("code", ["", "Road", "a.b", "a_b", "-a", "1a", "a b", "a" * 41, "notifier", "operators"])
def test_a_code_that_would_not_name_a_topic_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="can't be the code of an agency"):
        referral_topic(code)


def test_facts_about_reports_are_kept_for_ever() -> None:
    for what in ("report-submitted", "report-routed", "case-changed", "clock", "follow-up"):
        topic = next(each for each in TOPICS if each.name == f"kmzb.internal.{what}.v1")
        assert topic.config["retention.ms"] == "-1"
        assert topic.config["cleanup.policy"] == "delete"


def test_the_catalogue_has_the_24_categories_in_force_and_knows_old_ones_by_code() -> None:
    catalogue = catalogue_at(SUBMITTED)
    assert len(catalogue.by_code) == 24
    assert {each.code for each in catalogue.category if each.public == "never"} == {"drug-use", "animal-cruelty"}
    assert {each.code for each in catalogue.category if each.public == "confirmed"} == {"dangerous-venue"}
    assert {each.code for each in catalogue.category if each.description} == {"dangerous-venue"}
    assert {each.agency for each in catalogue.category if each.agency} <= set(AGENCIES)
    assert category("parking") is not None
    assert category("witchcraft") is None
    with pytest.raises(LookupError):
        catalogue_at(catalogues()[0].effective_from.replace(year=2000))


def test_every_status_has_its_labels_and_is_open_or_closed() -> None:
    assert set(LABELS) == set(Status) == OPEN | CLOSED
    assert not OPEN & CLOSED

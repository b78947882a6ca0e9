"""What operators watch: every figure comes from whom it should, says its unit, and names no report and no person."""

import re
from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from contracts.envelope import Outgoing
from contracts.topics import REPORT_SUBMITTED, SERVICES
from journeys.journey import OPOLE, Journey
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from support.wait import eventually

pytestmark = pytest.mark.timeout(120)
STATEFUL = {"casework", "sla-monitor", "notifier", "public-map"}
CONSUMERS = STATEFUL | {"routing"}
# Sample, its labels, and the services that have to export it.
EXPECTED: list[tuple[str, set[str], set[str]]] = [
    ("kmzb_intake_reports_total", {"outcome"}, {"intake"}),
    ("kmzb_routing_reports_total", {"outcome"}, {"routing"}),
    ("kmzb_event_age_seconds_count", {"service", "topic"}, CONSUMERS),
    ("kmzb_consumer_lag_messages", {"service", "topic"}, CONSUMERS),
    ("kmzb_consumer_lag_seconds", {"service", "topic"}, CONSUMERS),
    ("kmzb_outbox_oldest_seconds", {"service"}, STATEFUL),
    ("kmzb_duplicates_total", {"service"}, STATEFUL),
    ("kmzb_sla_open", {"clock", "garrison", "state"}, {"sla-monitor"}),
    ("kmzb_sla_decided_total", {"clock", "garrison", "outcome"}, {"sla-monitor"}),
    ("kmzb_sla_lateness_seconds_count", set(), {"sla-monitor"}),
    ("kmzb_sla_progress_age_seconds", set(), {"sla-monitor"}),
    ("kmzb_unconfirmed_misses_total", set(), {"sla-monitor"}),
    ("kmzb_notices_total", {"channel", "outcome"}, {"notifier"}),
    ("kmzb_dead_letters_total", {"service", "reason"}, CONSUMERS),
    ("kmzb_dead_letter_depth", {"service"}, CONSUMERS),
    ("kmzb_redis_fallback_total", {"service"}, {"intake"}),
]
GARRISONS = set(re.findall("[A-Z]{3}", "WRO BYD LUB GOR LOD KRA RAD OPO RZE BIA GDA KAT KIE OLS POZ SZC KSP KGP"))
LIKE_AN_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{16}|@|[A-Z]{3}-\d{2}-\d{6}|\d+\.\d+\.\d+\.\d+|^[\w-]{22}$", re.ASCII
)


@pytest.fixture(scope="module")
def scraped(journey: Journey) -> dict[str, list[Metric]]:
    """All metrics of each service, after a report was sent, routed, opened, taken up, told of, and one was unusable."""
    sent = journey.send(*OPOLE, contact={"email": "watched@citizens.example"})
    officer = journey.officer("KMP-1661", "OPO")
    eventually(lambda: journey.case(sent.report_id, officer).is_success, 30)
    assert journey.change(sent.report_id, "take-up", officer).is_success
    journey.publish_unusable(Outgoing(REPORT_SUBMITTED.name, str(uuid4()), [], b"{nonsense"))
    awaited = [(service, "kmzb_dead_letters_total") for service in CONSUMERS]
    awaited += [("sla-monitor", "kmzb_sla_decided_total"), ("sla-monitor", "kmzb_sla_open")]
    awaited += [("notifier", "kmzb_notices_total")]
    for service, name in awaited:
        eventually(partial(journey.metric, service.replace("-", "_"), name), 30, what=f"{service}: {name}")
    texts = {each: journey.http.get(journey.metrics_url(each.replace("-", "_"))).text for each in SERVICES}
    return {service: list(text_string_to_metric_families(text)) for service, text in texts.items()}


def samples(metrics: list[Metric]) -> Iterator[Sample]:
    return (sample for metric in metrics for sample in metric.samples if sample.name.startswith("kmzb_"))


@pytest.mark.parametrize(("name", "labels", "services"), EXPECTED, ids=[name for name, _, _ in EXPECTED])
def test_a_figure_comes_from_whom_it_should_with_its_labels(
    scraped: dict[str, list[Metric]], name: str, labels: set[str], services: set[str]
) -> None:
    found = {service: [each for each in samples(metrics) if each.name == name] for service, metrics in scraped.items()}
    assert {service for service, said in found.items() if said} == services
    for service, said in found.items():
        assert all(each.labels.keys() == labels for each in said)
        assert {each.labels.get("service", service) for each in said} <= {service}


def test_no_label_says_who_or_which_report(scraped: dict[str, list[Metric]]) -> None:
    for metrics in scraped.values():
        for sample in samples(metrics):
            assert not [value for value in sample.labels.values() if LIKE_AN_ID.search(value)], sample


def test_a_garrison_is_the_finest_place(scraped: dict[str, list[Metric]]) -> None:
    labels = [each.labels for metrics in scraped.values() for each in samples(metrics)]
    assert {each["garrison"] for each in labels if "garrison" in each} <= GARRISONS
    assert not {name for each in labels for name in each} & {"unit", "beat", "district", "station", "report_id", "case"}


def test_names_tell_kind_and_unit(scraped: dict[str, list[Metric]]) -> None:
    own = {metric.name: metric for metrics in scraped.values() for metric in metrics if metric.name.startswith("kmzb_")}
    assert own
    for name, metric in own.items():
        assert re.fullmatch("[a-z_]+", name)
        assert metric.documentation
        assert not re.search("_(ms|millis|milliseconds|minutes|hours|days|kb|mb)(_|$)", name)
        kinds = {sample.name.removeprefix(name) for sample in metric.samples}
        match metric.type:
            case "counter":  # the parser takes the ending off the name
                assert kinds <= {"_total", "_created"}
            case "histogram":
                assert name.endswith("_seconds")
            case _:
                assert not name.endswith(("_total", "_count"))


def test_reports_are_counted_at_each_step(scraped: dict[str, list[Metric]]) -> None:
    def total(service: str, name: str) -> float:
        return sum(each.value for each in samples(scraped[service]) if each.name == name)

    assert total("intake", "kmzb_intake_reports_total") > 0
    assert total("routing", "kmzb_routing_reports_total") > 0
    assert total("notifier", "kmzb_notices_total") > 0
    assert total("sla-monitor", "kmzb_sla_open") > 0
    assert total("casework", "kmzb_redis_fallback_total") == 0

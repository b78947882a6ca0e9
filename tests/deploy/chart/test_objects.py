"""What the chart makes beside the pods is as the registry has it; no cluster runs it here.

Strimzi's and KEDA's schemas are in no package, so of those what matters is looked at.
"""

import json
import subprocess

import pytest
from contracts.topics import MIN_IN_SYNC, OPERATORS, REPLICATION, TOPICS
from deploy.access.rules import partner_rules, service_rules
from deploy.chart import FOLDER, REGISTRY, registry
from deploy.stack.services import SERVICES
from support.deploy.chart import SIZES, environment, helm, of_kind, pods, render

pytestmark = pytest.mark.long


def test_what_is_committed_is_as_the_registry_has_it() -> None:
    assert json.loads(REGISTRY.read_text("utf-8")) == registry()


@pytest.mark.parametrize("size", SIZES)
def test_helm_finds_nothing_amiss(size: str) -> None:
    words = [helm(), "lint", "--strict", str(FOLDER), "--values", str(FOLDER / f"values-{size}.yaml")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("size", SIZES)
def test_topics_are_the_registrys(size: str) -> None:
    documents = render(size)
    copies = 1 if size == "small" else REPLICATION
    in_sync = 1 if size == "small" else MIN_IN_SYNC
    found = of_kind(documents, "KafkaTopic")
    assert found.keys() == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        spec = found[topic.name]["spec"]
        assert (spec["partitions"], spec["replicas"]) == (topic.partitions, copies)
        assert spec["config"] == {**topic.config, "min.insync.replicas": in_sync}


def test_users_may_do_what_the_registry_says() -> None:
    found = of_kind(render("region"), "KafkaUser")
    assert found.keys() == {OPERATORS, *SERVICES}
    words = {"literal": "LITERAL", "prefix": "PREFIXED"}
    said = {
        (
            user,
            acl["resource"]["type"].upper(),
            acl["resource"]["name"],
            words[acl["resource"]["patternType"]],
            operation.upper(),
        )
        for user, each in found.items()
        for acl in each["spec"].get("authorization", {}).get("acls", ())
        for operation in acl["operations"]
    }
    rules = [*service_rules(""), *partner_rules("")]
    assert said == {
        (rule.principal, rule.kind.name, rule.name, rule.pattern.name, rule.operation.name) for rule in rules
    }
    [kafka] = of_kind(render("region"), "Kafka").values()
    assert kafka["spec"]["kafka"]["authorization"]["superUsers"] == [OPERATORS]


def test_a_namespace_stands_before_topics_users_and_groups() -> None:
    documents = render("region", "--set", "namespace=second.")
    assert all(name.startswith("second.kmzb.") for name in of_kind(documents, "KafkaTopic"))
    users = of_kind(documents, "KafkaUser")
    assert all(name.startswith("second.") for name in users)
    names = [acl["resource"]["name"] for acl in users["second.casework"]["spec"]["authorization"]["acls"]]
    assert all(name.startswith("second.") for name in names)
    assert environment(documents, "casework")["KMZB_KAFKA_USER"]["value"] == "second.casework"


def test_a_node_can_be_emptied_and_there_is_always_one_left() -> None:
    documents = render("region")
    budgets = of_kind(documents, "PodDisruptionBudget")
    assert budgets.keys() == {f"kmzb-{service}" for service in SERVICES}
    for name, budget in budgets.items():
        deployment = of_kind(documents, "Deployment")[name]
        assert budget["spec"]["selector"] == deployment["spec"]["selector"]
        assert deployment["spec"]["replicas"] == 2
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


@pytest.mark.parametrize("size", SIZES)
def test_each_pod_has_a_rule_of_whom_it_speaks_to(size: str) -> None:
    policies = of_kind(render(size), "NetworkPolicy")
    chosen = [each["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/name") for each in policies.values()]
    for name, pod in pods(render(size)).items():
        assert pod["metadata"]["labels"]["app.kubernetes.io/name"] in chosen, name
    everybody = policies["kmzb-nobody"]["spec"]
    assert everybody["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in everybody


def test_the_nation_grows_by_lag_and_by_no_more_than_there_are_partitions() -> None:
    documents = render("nation")
    scaled = of_kind(documents, "ScaledObject")
    assert scaled.keys() == {f"kmzb-{service}" for service in SERVICES}
    for name, each in scaled.items():
        assert 1 <= each["spec"]["minReplicaCount"] < each["spec"]["maxReplicaCount"] <= 12
        assert "replicas" not in of_kind(documents, "Deployment")[name]["spec"]
        assert each["spec"]["scaleTargetRef"]["name"] == name
        [trigger] = each["spec"]["triggers"]
        if name != "kmzb-intake":
            assert trigger["metadata"]["query"] == f'max(kmzb_consumer_lag_seconds{{service="{name[5:]}"}})'


def test_the_set_up_comes_before_an_upgrades_pods() -> None:
    [job] = of_kind(render("region"), "Job").values()
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "post-install,pre-upgrade"
    assert job["spec"]["template"]["spec"]["containers"][0]["command"][:2] == ["kmzb", "setup"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--set", "service.replica=3"), "replica"),
        (("--set", "services.casework.maxReplicas=13"), "maxReplicas"),
        (("--set", "services.archive.replicas=1"), "archive"),
        (("--set", "kafka.managed=false"), "kafka.bootstrap"),
        (("--set", "redis.managed=false"), "redis.url"),
        (("--set", "objects.url=http://photos"), "/objects/url"),
        (("--set", "images.services=kmzb-services"), "/images/services"),
        (("--set", "namespace=second"), "/namespace"),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else None,
)
def test_a_value_that_makes_no_sense_is_refused_by_name(words: tuple[str, ...], says: str) -> None:
    done = subprocess.run([helm(), "template", "kmzb", str(FOLDER), *words], capture_output=True, text=True)
    assert done.returncode != 0
    assert says in done.stderr

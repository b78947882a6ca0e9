"""What the chart makes is valid for Kubernetes, and each service is told what it needs."""

import json
from importlib import import_module
from pathlib import Path

import kubernetes_validate
import pytest
from chassis.settings import Settings, variables
from deploy.stack.services import SERVICES
from support.deploy.chart import SIZES, environment, of_kind, pods, render

pytestmark = pytest.mark.long
KUBERNETES = ("1.31", "1.37")
FILES = {"directory.toml": "x", "terms.toml": "x", "surges.toml": "x", "agencies.toml": "x"}


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("size", SIZES)
def test_what_is_kubernetes_own_is_valid(size: str, version: str) -> None:
    own = [each for each in render(size) if "." not in each["apiVersion"] or ".k8s.io/" in each["apiVersion"]]
    assert {"Deployment", "Service", "Job", "NetworkPolicy"} <= {each["kind"] for each in own}
    for each in own:
        kubernetes_validate.validate(each, version, strict=True)


def test_a_misspelt_name_is_refused_in_kubernetes_own() -> None:
    spoilt = json.loads(json.dumps(of_kind(render("region"), "Deployment")["kmzb-casework"]))
    spoilt["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(spoilt, "1.37", strict=True)


@pytest.mark.parametrize("size", SIZES)
def test_no_container_is_root_or_writes_or_takes_what_it_likes(size: str) -> None:
    for name, pod in pods(render(size)).items():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"], name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("size", SIZES)
def test_each_service_is_asked_whether_it_lives_and_is_ready(size: str) -> None:
    documents = render(size)
    for service in SERVICES:
        [container] = pods(documents)[f"kmzb-{service}"]["spec"]["containers"]
        paths = {probe: container[probe]["httpGet"]["path"] for probe in container if probe.endswith("Probe")}
        assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
        assert container["command"] == ["python", "-m", service.replace("-", "_")]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        told = {name: each.get("value", "") for name, each in environment(documents, service).items()}
        prefix = f"KMZB_{service.replace('-', '_').upper()}_"
        assert told[f"{prefix}URL"] == f"http://0.0.0.0:{ports['http']}"
        assert told[f"{prefix}METRICS_URL"] == f"http://0.0.0.0:{ports['metrics']}"
        default = import_module(f"{service.replace('-', '_')}.settings").Settings.model_fields["url"].default
        assert default.endswith(str(ports["http"]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_what_it_needs_and_only_what_it_knows(
    service: str, size: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings: type[Settings] = import_module(f"{service.replace('-', '_')}.settings").Settings
    told = environment(render(size), service)
    assert told.keys() <= set(variables(settings).values())
    (authority := tmp_path / "ca.crt").touch()
    for name, each in told.items():
        value = each.get("value") or SECRETS.get(each.get("valueFrom", {}).get("secretKeyRef", {}).get("key", ""), "x")
        monkeypatch.setenv(name, str(authority) if name == "KMZB_KAFKA_CA" else value)
    settings()


SECRETS = {
    "intake-secret": "ab" * 32,
    "receipt-secret": "cd" * 32,
    "contact-public-key": "5aWpJ0Mcm2I+NSGfChWD3CzpaqC9MjM2N7geTm6E0ww=",
    "contact-private-key": "ZGV2ZWxvcG1lbnQgb25seSwgbm90IGZvciByZWFsISE=",
    "link-secret": "ef" * 32,
    "webhook-secret": "01" * 32,
    "smtp-url": "smtp://mail.example",
}


def test_files_of_an_installation_are_told_to_those_who_read_them() -> None:
    documents = render(
        "region", *(word for name in FILES for word in ("--set", f"files.{name.replace('.', chr(92) + '.')}=x"))
    )
    assert of_kind(documents, "ConfigMap")["kmzb-files"]["data"] == FILES
    told = {
        variable: {name for name in (*SERVICES, "setup") if variable in environment(documents, name)}
        for variable in (
            "KMZB_TERMS_FILE",
            "KMZB_NOTIFIER_DIRECTORY",
            "KMZB_CASEWORK_SURGES_FILE",
            "KMZB_AGENCIES_FILE",
        )
    }
    assert told == {
        "KMZB_TERMS_FILE": {*SERVICES} - {"routing"},
        "KMZB_NOTIFIER_DIRECTORY": {"notifier"},
        "KMZB_CASEWORK_SURGES_FILE": {"casework"},
        "KMZB_AGENCIES_FILE": {"setup"},
    }
    for service in SERVICES:
        settings = import_module(f"{service.replace('-', '_')}.settings").Settings
        assert environment(documents, service).keys() <= set(variables(settings).values())


def test_nobody_is_told_a_secret_that_is_not_theirs() -> None:
    for service in SERVICES:
        told = environment(render("nation"), service)
        keys = {each["valueFrom"]["secretKeyRef"]["key"] for each in told.values() if "valueFrom" in each}
        others = {other for other in SERVICES if other != service} | {"admin"}
        assert not keys & others, service
        assert told["KMZB_KAFKA_PASSWORD"]["valueFrom"]["secretKeyRef"] == {"name": service, "key": "password"}

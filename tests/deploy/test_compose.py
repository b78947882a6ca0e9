"""docker-compose.yml against what it repeats: no engine runs it here, so its words are compared instead."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from chassis.settings import Settings, variables
from contracts.topics import OPERATORS
from deploy.access.rules import service_principal
from deploy.stack.servers.container import CONTROLLER_PORT, DATA, PORT, write
from deploy.stack.servers.kafka import Secured, broker_settings
from deploy.stack.services import HELPERS, SERVICES, metrics_variable, password_variable, url_variable
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
# What is built here, by the target it is built from.
BUILT = {"kmzb-services": "services", "kmzb-operations": "operations"}
ONE_SHOT = {"keys", "setup"}


def test_every_named_volume_and_service_exists() -> None:
    for name, container in CONTAINERS.items():
        for volume in container.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], (name, volume)
        assert container.get("depends_on", {}).keys() <= CONTAINERS.keys(), name


def test_a_volume_nobody_uses_is_not_declared() -> None:
    used = {volume.partition(":")[0] for each in CONTAINERS.values() for volume in each.get("volumes", ())}
    assert COMPOSE["volumes"].keys() <= used


def test_nothing_is_published_beyond_the_loopback() -> None:
    for name, container in CONTAINERS.items():
        assert all(port.startswith("127.0.0.1:") for port in container.get("ports", ())), name


def test_everything_that_stays_has_a_health_check() -> None:
    assert {name for name, container in CONTAINERS.items() if "healthcheck" not in container} == ONE_SHOT


def test_whoever_is_awaited_as_healthy_can_be() -> None:
    for container in CONTAINERS.values():
        for other, how in container.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert how["condition"] == expected


def test_metrics_are_where_prometheus_looks_and_published_to_nobody() -> None:
    prometheus = YAML(typ="safe").load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    targets = {target for each in prometheus["scrape_configs"][0]["static_configs"] for target in each["targets"]}
    served = {f"{name}:{_environment(name)[metrics_variable(name)].rpartition(':')[2]}" for name in SERVICES}
    assert targets == served
    published = {port.rpartition(":")[2] for each in CONTAINERS.values() for port in each.get("ports", ())}
    assert not published & {target.rpartition(":")[2] for target in targets}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_what_it_needs_and_only_what_it_knows(
    service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings: type[Settings] = import_module(f"{service.replace('-', '_')}.settings").Settings
    told = _environment(service)
    assert told.keys() - {"KMZB_REDIS_URL", *map(url_variable, SERVICES)} <= set(variables(settings).values())
    mounted = {target: source for source, target in map(_mounted, CONTAINERS[service].get("volumes", ()))}
    authority = tmp_path / "authority.pem"
    authority.touch()
    for name, value in told.items():
        file = authority if name == "KMZB_KAFKA_CA" else ROOT / mounted.get(value, "")
        monkeypatch.setenv(name, str(file) if value.startswith("/") else value)
    settings()


def test_addresses_that_people_are_given_lead_somewhere() -> None:
    published = {port.split(":")[1] for each in CONTAINERS.values() for port in each.get("ports", ())}
    for service in SERVICES:
        for name, value in _environment(service).items():
            if name.endswith("_URL") and name != url_variable(service) and value.startswith("http://127.0.0.1:"):
                assert str(urlsplit(value).port) in published, (service, name)
    # Where a service listens is no address for people.
    told = _environment("notifier")
    assert told["KMZB_NOTIFIER_URL"].startswith("http://0.0.0.0:")
    assert told["KMZB_NOTIFIER_PUBLIC_URL"].startswith("http://127.0.0.1:")
    for service in SERVICES:
        others = [
            value
            for name, value in _environment(service).items()
            if name not in (url_variable(service), metrics_variable(service))
        ]
        assert not [value for value in others if "0.0.0.0" in value], service


def test_an_image_is_named_with_its_version() -> None:
    images = {each["image"] for each in CONTAINERS.values()} - BUILT.keys()
    assert all(re.fullmatch(r"[a-z/]+:v?\d[\w.-]*", image) for image in images), images


def test_kafka_is_told_what_the_private_broker_is_told(tmp_path: Path) -> None:
    keys, broker = CONTAINERS["keys"], CONTAINERS["kafka"]
    assert keys["command"][:3] == ["python", "-m", "deploy.stack.servers.container"]
    folder, authority, host = keys["command"][3:]
    assert {target: source for source, target in map(_mounted, keys["volumes"])} == {
        folder: "kafka-keys",
        authority: "authority",
    }
    assert f"kafka-keys:{folder}:ro" in broker["volumes"]
    assert f"kafka-data:{DATA}" in broker["volumes"]
    assert f"{folder}/server.properties" in broker["command"][-1]
    assert _environment("setup")["KMZB_KAFKA_BOOTSTRAP"] == f"{host}:{PORT}"
    assert _environment("kafka")["KMZB_KAFKA_PASSWORD"] == _environment("keys")["KMZB_KAFKA_PASSWORD"]
    (public := tmp_path / "authority").mkdir()
    theirs, private = _properties(write(tmp_path, public, host, "password")), _private_broker(tmp_path)
    assert theirs.keys() == private.keys()
    assert {name for name in theirs if theirs[name] != private[name]} == {
        "advertised.listeners",
        "controller.quorum.voters",
        "listeners",
        "log.dirs",
    }
    assert theirs["advertised.listeners"] == f"SASL_SSL://{host}:{PORT}"


def test_nobody_else_is_given_the_keys_of_the_broker_and_everybody_whom_to_believe() -> None:
    mounted = {
        name: {source for source, _ in map(_mounted, each.get("volumes", ()))} for name, each in CONTAINERS.items()
    }
    assert {name for name, sources in mounted.items() if "kafka-keys" in sources} == {"keys", "kafka"}
    assert {name for name, sources in mounted.items() if "authority" in sources} == {"keys", "setup", *SERVICES}
    for name in ("setup", *SERVICES):
        [folder] = [target for source, target in map(_mounted, CONTAINERS[name]["volumes"]) if source == "authority"]
        assert _environment(name)["KMZB_KAFKA_CA"] == f"{folder}/authority.pem"


def test_each_service_is_a_user_of_its_own_with_the_password_that_the_set_up_gives_it() -> None:
    assert _environment("setup")["KMZB_KAFKA_USER"] == OPERATORS
    for service in SERVICES:
        told = _environment(service)
        assert told["KMZB_KAFKA_USER"] == service_principal("", service)
        stated = CONTAINERS[service]["environment"]["KMZB_KAFKA_PASSWORD"]
        assert CONTAINERS["setup"]["environment"][password_variable(service)] == stated
    passwords = {CONTAINERS[service]["environment"]["KMZB_KAFKA_PASSWORD"] for service in SERVICES}
    assert len(passwords) == len(SERVICES)  # each has a variable of its own


def _properties(file: Path) -> dict[str, str]:
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _private_broker(keys: Path) -> dict[str, str]:
    """What `make up` tells its broker, with the same keys."""
    secured = Secured(keys / "broker.store", keys / "authority.pem", "password")
    file = keys / "private.properties"
    file.write_text(broker_settings(keys, PORT + 1, CONTROLLER_PORT + 1, secured))
    return _properties(file)


def test_kafka_is_the_version_the_jars_are_of() -> None:
    pom = (ROOT / "deploy/stack/pom.xml").read_text()
    [version] = re.findall(r"<artifactId>kafka_2.13</artifactId>\s*<version>(.*)</version>", pom)
    assert CONTAINERS["kafka"]["image"] == f"apache/kafka:{version}"


def test_an_image_is_built_by_one_container_and_asked_of_no_registry() -> None:
    for image, target in BUILT.items():
        stands_on_it = [each for each in CONTAINERS.values() if each["image"] == image]
        builders = [each for each in stands_on_it if "build" in each]
        assert [each["build"] for each in builders] == [
            {"context": ".", "dockerfile": "deploy/Dockerfile", "target": target}
        ]
        assert all(each["pull_policy"] == ("build" if each in builders else "never") for each in stands_on_it)
    assert not [name for name, each in CONTAINERS.items() if each["image"] not in BUILT and "pull_policy" in each]


def test_a_service_stands_on_the_image_of_services_and_everything_else_of_ours_on_the_other() -> None:
    ours = {name: each["image"] for name, each in CONTAINERS.items() if each["image"] in BUILT}
    assert {name for name, image in ours.items() if image == "kmzb-services"} == set(SERVICES)
    assert {name for name, image in ours.items() if image == "kmzb-operations"} == {*HELPERS, *ONE_SHOT}


def test_a_check_of_health_is_part_of_every_image() -> None:
    for name, container in CONTAINERS.items():
        if container["image"] in BUILT and name not in ONE_SHOT:
            assert container["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "chassis.health"], name


def test_the_first_agencies_are_told_to_the_set_up_alone() -> None:
    told = {name: _environment(name).get("KMZB_AGENCIES_FILE") for name in CONTAINERS}
    readers = {name for name, file in told.items() if file}
    assert readers == {"setup"}
    for name in readers:
        mounted = {target: source for source, target in map(_mounted, CONTAINERS[name]["volumes"])}
        assert mounted[_environment(name)["KMZB_AGENCIES_FILE"]] == "deploy/deploy/agencies/agencies.toml", name


def test_intake_and_casework_keep_photos_in_one_folder() -> None:
    for name in ("intake", "casework"):
        mounted = {target: source for source, target in map(_mounted, CONTAINERS[name]["volumes"])}
        assert mounted[urlsplit(_environment(name)["KMZB_OBJECTS_URL"]).path] == "photos", name


def _mounted(volume: str) -> tuple[str, str]:
    """Source, from the root, and target of a mounted file."""
    source, target, *_ = volume.split(":")
    return source.removeprefix("./"), target


def _environment(name: str) -> dict[str, str]:
    """A container's variables, with the defaults of what `.env` may replace."""
    stated = CONTAINERS[name].get("environment", {})
    return {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for key, value in stated.items()}

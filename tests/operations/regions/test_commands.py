"""`kmzb garrison` on real brokers: who goes by which file is asked of the groups, and a refusal changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.settings import Settings
from contracts.policy.regions import region
from contracts.topics import CASEWORK, FOLLOW_UP
from support.effects import running
from support.operations.command import Kmzb
from support.wait import eventually

HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The regions' file, with nothing in it yet."""
    (made := tmp_path / "regions.toml").touch()
    return made


@pytest.fixture
def told(settings: Settings, file: Path) -> dict[str, str]:
    """An operator's environment."""
    bootstrap = {"KMZB_KAFKA_BOOTSTRAP": settings.kafka_bootstrap, "KMZB_NAMESPACE": settings.namespace}
    return {**bootstrap, "KMZB_REGIONS_FILE": str(file)}


def loop(told: dict[str, str], instance: str = "national") -> Loop:
    """Casework's consumer as an instance that starts now has it."""
    started = Settings.from_variables({**told, "KMZB_INSTANCE": instance})
    assert started.region == region(started.regions_file, instance)
    return Loop(started, started.region.member(CASEWORK), [FOLLOW_UP], lambda _: None, Health())


def how(kmzb: Kmzb, member: str, ends: int = 3) -> str:
    """How a member runs, as `show` has it."""
    found = {each["member"]: each["runs"] for each in kmzb.json("garrison", "show", ends=ends)["members"]}
    return str(found[member])


def test_after_a_move_whoever_runs_has_to_start_anew_with_the_file(
    topics: Callable[..., None], told: dict[str, str], file: Path
) -> None:
    topics(FOLLOW_UP)
    kmzb, since = Kmzb(told), (now() + HOUR).isoformat()
    words = ("garrison", "move", "KAT", "katowice", "--from", since, "--new")
    earlier = loop(told)
    with running(earlier):
        eventually(lambda: how(kmzb, "casework") == "as_written")
        assert "would say so" in kmzb(*words, "--dry-run")
        assert file.read_text() == ""
        done = kmzb.json(*words)
        assert done["changes"] == [{"garrison": "KAT", "instance": "katowice", "from": since}]
        assert {each["member"]: each["runs"] for each in done["members"]}["casework"] == "otherwise"
        assert "is katowice's" in kmzb(*words)  # said twice it is written once
        assert file.read_text().count("[[change]]") == 1
        with running(loop(told, "katowice")):
            eventually(lambda: how(kmzb, "casework.katowice") == "as_written")
            assert how(kmzb, "casework") == "otherwise"
            assert "runs by another file: give it this one and restart it" in kmzb("garrison", "show", ends=3)
    with running(earlier):  # as after an outage: what it goes by is what it read when it started
        eventually(lambda: how(kmzb, "casework") == "otherwise")
    with running(loop(told)):
        eventually(lambda: how(kmzb, "casework") == "as_written")
    assert how(kmzb, "notifier.katowice") == "not"


def test_a_refusal_changes_nothing(told: dict[str, str], file: Path) -> None:
    kmzb = Kmzb(told)
    assert "--from" in kmzb.refusal("garrison", "move", "KAT", "katowice", "--from", now().isoformat(), "--new")
    assert "--new says" in kmzb.refusal("garrison", "move", "KAT", "katowice", "--from", (now() + HOUR).isoformat())
    assert file.read_text() == ""
    bare = Kmzb({**told, "KMZB_REGIONS_FILE": ""})
    assert "KMZB_REGIONS_FILE is not set" in bare.refusal("garrison", "show")

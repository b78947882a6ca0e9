"""`kmzb` on a running system, as an operator types it: the helpers alone, without the services."""

import json
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from boundaries.published import KafkaDistrictTopic, read_published
from chassis.kafka.client import Publisher
from chassis.settings import Settings
from contracts.envelope import tombstone
from contracts.events.reports import ReportContent
from contracts.topics import CONTENT
from deploy.agencies import all_topics
from deploy.stack.infrastructure import KAFKA, POSTGRES, Stack
from deploy.stack.process import StackError
from deploy.stack.system import System
from operations.cli import app
from support.events import outgoing, report_id
from support.stack.processes import running_system
from typer.testing import CliRunner


@pytest.fixture(scope="module")
def system(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(stack, tmp_path_factory.mktemp("system"), "kmzb.", only=(), seed=None, watched=True) as up:
        yield up


def said(system: System, *words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--stack", str(system.root)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def refusal(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--stack", str(folder)])
    assert isinstance(done.exception, StackError), done.output
    return str(done.exception)


def test_status_names_every_program_and_whether_it_serves(system: System) -> None:
    lines = {line.split()[0]: line.split()[1] for line in said(system, "status").splitlines()}
    assert lines == {"issuer": "ready", "mailbox": "ready", "prometheus": "ready"}
    assert system.addresses["PROMETHEUS_URL"] in said(system, "status")


@pytest.mark.parametrize("command", ["restart", "kill"])
def test_what_is_ended_serves_again_when_the_command_returns(system: System, command: str) -> None:
    before = system.process("mailbox").pid
    assert said(system, command, "mailbox") == "  mailbox is ready again\n"
    assert system.process("mailbox").pid not in (None, before)


def test_what_is_stopped_stays_so_until_it_is_started(system: System) -> None:
    said(system, "stop", "issuer")
    assert system.process("issuer").pid is None
    assert "issuer       held" in said(system, "status")
    assert said(system, "start", "issuer") == "  issuer is ready\n"
    assert "issuer       ready" in said(system, "status")


def test_logs_and_variables_are_printed(system: System) -> None:
    assert "never for a real system" in said(system, "logs", "issuer")
    assert f"KMZB_INTAKE_URL={system.addresses['KMZB_INTAKE_URL']}" in said(system, "env").splitlines()


def test_a_token_says_who_the_officer_is(system: System) -> None:
    token = said(system, "token", "--role", "coordinator", "--unit", "KMP-1661", "--garrison", "OPO").strip()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["role"], claims["unit"], claims["garrison"]) == ("coordinator", "KMP-1661", "OPO")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--role", "boss"), "no role 'boss'; there are beat_officer, coordinator, garrison, headquarters"),
        (("--role", "headquarter"), "did you mean headquarters?"),
        ((), "a coordinator works in a unit: --unit KMP-1661"),
        (("--unit", "KMP-1616"), "no unit 'KMP-1616'; did you mean KMP-"),
        (("--unit", "KGP"), "no unit 'KGP'"),
        (("--unit", "OPO"), "no unit 'OPO'"),
        (("--unit", "KMP-1661", "--garrison", "WRO"), "KMP-1661 belongs to OPO, not to WRO"),
        (("--role", "garrison"), "a garrison works in a garrison: --garrison OPO"),
        (("--role", "garrison", "--garrison", "opo"), "no garrison 'opo'; there are WRO, BYD"),
    ],
)
def test_a_token_no_service_would_believe_is_not_printed(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    assert why in refusal(tmp_path, "token", *words)


def test_a_unit_says_which_garrison_its_officer_is_of(system: System) -> None:
    claims = jwt.decode(said(system, "token", "--unit", "KMP-1661").strip(), options={"verify_signature": False})
    assert (claims["unit"], claims["garrison"]) == ("KMP-1661", "OPO")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--set", "FOO"), "--set FOO has no value: write --set NAME=VALUE"),
        (("--set", "=1"), "no service knows this setting"),
        (("--set", "KMZB_INTAK_SECRET=1"), "did you mean KMZB_INTAKE_SECRET?"),
        (("--set", "INTAKE_SECRET=1"), "did you mean KMZB_INTAKE_SECRET?"),
        (("--set", "kmzb_log_level=DEBUG"), "did you mean KMZB_LOG_LEVEL?"),
        (("--set", "KMZB_LOG_LEVEL=DEBUG", "--set", "KMZB_LOG_LEVEL=INFO"), "has two values, DEBUG and INFO"),
        (("--set", "KMZB_KAFKA_BOOTSTRAP=127.0.0.1:1"), "servers are given in the environment"),
        (("--only", "intak"), "no service 'intak'; there are public-map, intake, "),
        (("--only", "sla_monitor"), "did you mean sla-monitor?"),
    ],
)
def test_what_no_service_knows_is_refused_before_anything_starts(
    tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    assert why in refusal(tmp_path / "new", "up", *words)
    assert not (tmp_path / "new").exists()


def test_the_dead_letters_of_a_system_are_found_by_its_folder(system: System) -> None:
    assert said(system, "dead-letters", "list") == "0 dead letters\n"


def test_what_stands_on_a_topic_is_printed_as_json(system: System) -> None:
    settings = Settings(kafka_bootstrap=system.addresses["KMZB_KAFKA_BOOTSTRAP"], namespace=system.stack.namespace)
    events = [ReportContent(report_id=report_id(number), description=f"number {number}") for number in (1, 2)]
    Publisher(settings, "test").publish([*map(outgoing, events), tombstone(CONTENT, str(report_id(1)))])
    messages = [json.loads(line) for line in said(system, "topics", "read", "content").splitlines()]
    assert len(messages) == 3
    first, last = [message for message in messages if message["key"] == str(report_id(1))]
    assert first["headers"]["ce_type"].endswith("ReportContent.v1")
    assert (first["value"]["description"], last["value"]) == ("number 1", None)
    [other] = said(system, "topics", "read", "content", "--key", str(report_id(2))).splitlines()
    assert json.loads(other)["value"]["description"] == "number 2"
    assert said(system, "topics", "read", "content", "--limit", "1").count("\n") == 1


def test_what_is_not_there_is_said_in_plain_words(system: System, tmp_path: Path) -> None:
    assert "nothing was brought up under" in refusal(tmp_path, "status")
    assert "no issuer has run under" in refusal(tmp_path, "token", "--role", "headquarters")
    assert "there is no 'intak'; there are issuer, mailbox" in refusal(system.root, "restart", "intak")
    assert "there is no log of 'intake'; there are issuer, mailbox, prometheus, supervisor" in refusal(
        system.root, "logs", "intake"
    )
    assert "there is no message 7; 0 arrived" in refusal(system.root, "mail", "7")
    assert "'case' is the name of" in refusal(system.root, "topics", "read", "case")
    assert "intake does not answer at http://127.0.0.1:" in refusal(system.root, "simulate")


def test_every_topic_is_named_with_who_writes_and_who_reads() -> None:
    listed = CliRunner().invoke(app, ["topics", "list"]).output
    assert all(f"{topic.name}\n    {topic.says}" in listed for topic in all_topics())


@pytest.mark.long
def test_set_up_on_given_servers_leaves_routing_nothing_to_wait_for(
    stack: Stack, namespace: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**stack.addresses, "KMZB_NAMESPACE": namespace}.items():
        monkeypatch.setenv(name, value)

    def set_up(*options: str) -> str:
        done = CliRunner().invoke(app, ["setup", "--replication", "1", *options], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    assert "district" not in set_up("--no-seed")
    assert "for 17 garrisons" in set_up()
    assert len(read_published(KafkaDistrictTopic(settings)).current()) == 17
    assert "for 0 garrisons" in set_up()


def test_set_up_without_servers_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (KAFKA, POSTGRES):
        monkeypatch.delenv(name, raising=False)
    done = CliRunner().invoke(app, ["setup"])
    assert str(done.exception) == f"{KAFKA} is not set"

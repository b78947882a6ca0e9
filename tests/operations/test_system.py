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
    with running_system(stack, tmp_path_factory.mktemp("system"), "kmzb.", only=(), seed=None) as up:
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
    assert lines == {"issuer": "ready", "mailbox": "ready"}


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
    assert "no issuer has run under" in refusal(tmp_path, "token")
    assert "there is no 'intak'; there are issuer, mailbox" in refusal(system.root, "restart", "intak")
    assert "no log" in refusal(system.root, "logs", "intake")
    assert "there is no message 7; 0 arrived" in refusal(system.root, "mail", "7")
    assert "'case' is the name of" in refusal(system.root, "topics", "read", "case")


def test_every_topic_is_named_with_who_writes_and_who_reads() -> None:
    listed = CliRunner().invoke(app, ["topics", "list"]).output
    assert all(f"{topic.name}\n    {topic.says}" in listed for topic in all_topics())


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

"""Servers that are away, or files that are wrong: one line with what to do, whatever the command, and no traceback."""

import re
import sys
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, KafkaException
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS, Stack
from deploy.stack.process import StackError
from operations.cli import main
from operations.problems import EXPECTED, in_words
from psycopg import OperationalError
from psycopg.errors import InsufficientPrivilege
from redis.exceptions import RedisError
from support.boundaries import feature, square, write_features

from deploy.stack import infrastructure

NOBODY = "127.0.0.1:1"


def failing(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *words: str) -> str:
    """What `kmzb` writes to stderr when it ends with 1."""
    monkeypatch.setattr(sys, "argv", ["kmzb", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capfd.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.parametrize(
    "words",
    [
        ("setup",),
        ("topics", "read", "content"),
        ("dead-letters", "list"),
        ("districts", "list"),
        ("districts", "locate", "17.9", "50.6"),
        ("districts", "seed"),
        ("districts", "prune"),
        ("districts", "import", "FILE"),
    ],
    ids=" ".join,
)
def test_kafka(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(KAFKA, NOBODY)
    monkeypatch.setenv(POSTGRES, f"postgresql://admin@{NOBODY}/postgres")
    file = write_features(tmp_path / "beats.geojson", feature("B-1", square(17.9, 50.6), parent="KMP-1661"))
    said = failing(monkeypatch, capfd, *(str(file) if word == "FILE" else word for word in words))
    assert said == f"kmzb: Kafka does not answer at {NOBODY}. Is it running, and is {KAFKA} right?\n"


@pytest.mark.parametrize(
    ("dsn", "why"),
    [
        (f"postgresql://admin@{NOBODY}/postgres", "PostgreSQL does not answer: "),
        ("postgresql://admin@127.0.0.1:port/postgres", "PostgreSQL "),
        ("nonsense", "PostgreSQL "),
    ],
)
def test_postgresql(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], dsn: str, why: str
) -> None:
    monkeypatch.setenv(KAFKA, stack.addresses[KAFKA])
    monkeypatch.setenv(POSTGRES, dsn)
    said = failing(monkeypatch, capfd, "setup")
    assert said.startswith(f"kmzb: {why}")
    assert said.count("\n") == 1


def test_a_table_of_agencies_that_is_none(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in (KAFKA, POSTGRES):
        monkeypatch.setenv(name, stack.addresses[name])
    for content in (None, "no toml", "[[agency]]\ncode = 7\n"):
        file = tmp_path / "agencies.toml"
        if content is not None:
            file.write_text(content)
        monkeypatch.setenv("KMZB_AGENCIES_FILE", str(file))
        said = failing(monkeypatch, capfd, "setup", "--no-seed", "--replication", "1")
        assert said.startswith(f"kmzb: the table of agencies, {file}, cannot be used: ")


@pytest.mark.parametrize(
    ("variable", "address", "why"),
    [
        (KAFKA, NOBODY, f"kafka does not answer at {NOBODY}. Is it running, and is {KAFKA} right?"),
        (KAFKA, "broker", f"{KAFKA}=broker is no address"),
        (
            POSTGRES,
            f"postgresql://admin:word@{NOBODY}/postgres",
            f"postgres does not answer at {NOBODY}/postgres. Is it",
        ),
        (POSTGRES, "nonsense", f"{POSTGRES}=nonsense is no address"),
        (REDIS, f"redis://:word@{NOBODY}/0", f"redis does not answer at {NOBODY}/0. Is it running, and is {REDIS}"),
        (REDIS, "nonsense", f"{REDIS}=nonsense is no address"),
    ],
)
def test_up_on_a_server_that_is_given_and_away(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, address: str, why: str
) -> None:
    monkeypatch.setattr(infrastructure, "GIVEN_SECONDS", 0.5)
    # The others answer, so that nothing private is started.
    servers = Stack(tmp_path, environ={**stack.addresses, variable: address})
    with pytest.raises(StackError, match=re.escape(why)) as refused:
        servers.start()
    assert "word" not in str(refused.value)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            KafkaException(KafkaError(KafkaError._TRANSPORT)),
            "Kafka does not answer: Local: Broker transport failure.",
        ),
        (
            OperationalError("connection failed: \n at …"),
            "PostgreSQL does not answer: connection failed:. Bring",
        ),
        (InsufficientPrivilege("permission denied"), "PostgreSQL refuses: permission denied"),
        (RedisError("Connection refused."), "Redis does not answer: Connection refused. Bring the stack up (kmzb up;"),
        (PermissionError(13, "Permission denied", "/data"), "/data: Permission denied"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_whatever_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch, problem: Exception, words: str) -> None:
    for name in (KAFKA, POSTGRES, REDIS):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(problem, EXPECTED)
    assert in_words(problem).startswith(words)
    assert "\n" not in in_words(problem)


def test_a_plan_that_is_damaged(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for content in ("", "[]", "{}", '{"stack": {"color": 1}, "system": {}}'):
        (tmp_path / "plan.json").write_text(content)
        said = failing(monkeypatch, capfd, "status", "--stack", str(tmp_path))
        assert said.startswith(f"kmzb: {tmp_path / 'plan.json'} can't be read (")

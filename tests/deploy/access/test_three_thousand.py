"""As many agencies with programs as there could be, added in one go on a secured broker; prints what that takes.

Half-way through the command is killed, and asked for again.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

import pytest
from confluent_kafka import Consumer
from contracts.topics import AGENCY, ANSWERS, CASEWORK, OPERATORS, answer_topic
from deploy.access.brokers import rules_there, users_with_password
from deploy.access.quotas import quotas_there
from deploy.access.rules import agency_principal, agency_rules
from deploy.agencies.registry import read_registry
from support.deploy.secured_broker import Broker, write
from support.operations.command import Kmzb
from support.wait import eventually

from deploy.stack import topics

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
AGENCIES = int(os.environ.get("KMZB_TEST_AGENCIES", "3000"))
KILLED_AT = AGENCIES // 2
CODES = [f"guard-{number:04}" for number in range(AGENCIES)]
USERS = {agency_principal("", code) for code in CODES}


class Said:
    """Prints as it comes how long what took, and how much memory the broker has then."""

    def __init__(self, broker: Broker, capsys: pytest.CaptureFixture[str]) -> None:
        self._broker, self._capsys = broker, capsys

    def __call__(self, line: str) -> None:
        with self._capsys.disabled():
            print(f"\n{line}; the broker has {memory(self._broker)} MB", end="", flush=True)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = monotonic()
        yield
        self(f"{what}: {monotonic() - began:.1f} s")


def memory(broker: Broker) -> int:
    """Megabytes the broker's process has, as the kernel counts."""
    [line] = [each for each in Path(f"/proc/{broker.pid}/status").read_text().splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) // 1024


def kill_half_way(told: Mapping[str, str], words: list[str], said: Said) -> None:
    """The command in a process of its own, killed once it says that half of them are done."""
    call = [sys.executable, "-c", "from operations.cli import script; script()", *words]
    with subprocess.Popen(call, env={**os.environ, **told}, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            said(f"kmzb: {line.rstrip()}")
            done = line.partition(" of ")[0]
            if done.isdecimal() and int(done) >= KILLED_AT:
                process.kill()
                return
        raise AssertionError(f"ended by itself, with {process.wait()}")


def assigned(consumer: Consumer) -> Callable[[], bool]:
    """Whether a reader of all answers has every one of them."""
    wanted = {answer_topic(code).name for code in CODES}

    def has_all() -> bool:
        consumer.poll(0.2)
        return {partition.topic for partition in consumer.assignment()} >= wanted

    return has_all


def test_three_thousand_agencies_are_let_in_in_one_go(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topics.create(broker.operators, [AGENCY], replication=1)
    names = {"BOOTSTRAP": broker.address, "USER": OPERATORS, "PASSWORD": broker.passwords[OPERATORS]}
    told = {f"KMZB_KAFKA_{name}": value for name, value in (names | {"CA": str(broker.authority)}).items()}
    kmzb, said = Kmzb(told), Said(broker, capsys)
    file, folder = tmp_path / "all.csv", tmp_path / "handed-over"
    file.write_text("code,name,categories\n" + "".join(f"{code},Straż {code},parking\n" for code in CODES))
    words = ["agency", "add", "--file", str(file), "--replication", "1", "--folder", str(folder)]
    said(f"{AGENCIES} agencies are to be added")
    with said.timed("kmzb agency add, killed half-way"):
        kill_half_way(told, words, said)
    before = {agency.code: agency.changed_at for agency in read_registry(broker.operators).all()}
    handed = {file: file.read_bytes() for code in before for file in (folder / code).iterdir()}
    assert KILLED_AT <= len(before) < AGENCIES
    with said.timed(f"kmzb agency add again, for the other {AGENCIES - len(before)}"):
        kmzb(*words)
    after = {agency.code: agency.changed_at for agency in read_registry(broker.operators).all()}
    assert after.keys() == set(CODES)
    assert after.items() >= before.items(), "those that were there are as they were"
    assert handed == {file: file.read_bytes() for file in handed}
    assert {len(list(each.iterdir())) for each in folder.iterdir()} == {5}
    check_access(broker, kmzb, said)
    check_reading(broker, said)
    check_removal(broker, kmzb, said)


def check_access(broker: Broker, kmzb: Kmzb, said: Said) -> None:
    with said.timed("kmzb access apply, which has nothing left to do"):
        kmzb("access", "apply")
    there, quotas = rules_there(broker.admin()), quotas_there(broker.operators)
    assert {rule for code in CODES for rule in agency_rules("", code)} <= there.keys()
    assert quotas.keys() >= USERS
    assert users_with_password(broker.admin()) >= USERS
    said(f"{len(there)} rules and {len(quotas)} quotas are there")


def check_reading(broker: Broker, said: Said) -> None:
    reader = {**broker.as_user(CASEWORK), "group.id": CASEWORK, "group.protocol": "consumer"}
    with closing(Consumer({**reader, "auto.offset.reset": "earliest"})) as consumer:
        consumer.subscribe([f"^{ANSWERS}$"])
        with said.timed("casework is assigned all answers"):
            eventually(assigned(consumer), 600)
        assert write(broker, OPERATORS, answer_topic(CODES[-1]).name) is None
        with said.timed("and reads one"):
            eventually(lambda: (message := consumer.poll(0.2)) and not message.error(), 60)


def check_removal(broker: Broker, kmzb: Kmzb, said: Said) -> None:
    with said.timed("kmzb agency remove, half of them"):
        kmzb("agency", "remove", *CODES[::2])
    with said.timed("kmzb access apply after it"):
        kmzb("access", "apply")
    kept = {agency_principal("", code) for code in CODES[1::2]}
    assert USERS & {rule.principal for rule in rules_there(broker.admin())} == kept
    assert USERS & users_with_password(broker.admin()) == kept
    assert USERS & quotas_there(broker.operators).keys() == kept

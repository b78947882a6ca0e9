"""As many agencies with programs as there could be, added in one go on a secured broker; prints what that takes."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

import pytest
from confluent_kafka import Consumer
from contracts.topics import AGENCY, ANSWERS, CASEWORK, OPERATORS, answer_topic
from deploy.access.brokers import rules_there
from deploy.access.quotas import quotas_there
from deploy.access.rules import agency_principal, agency_rules
from support.deploy.secured_broker import Broker, write
from support.operations.command import Kmzb
from support.wait import eventually

from deploy.stack import topics

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
AGENCIES = 3000


class Figures:
    """What took how long."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = monotonic()
        yield
        self.lines.append(f"{what}: {monotonic() - began:.1f} s")


def memory(broker: Broker) -> int:
    """Megabytes the broker's process has, as the kernel counts."""
    [line] = [each for each in Path(f"/proc/{broker.pid}/status").read_text().splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) // 1024


def assigned(consumer: Consumer) -> Callable[[], bool]:
    """Whether a reader of all answers has every one of them."""

    def has_all() -> bool:
        consumer.poll(0.2)
        return len(consumer.assignment()) == AGENCIES

    return has_all


def test_three_thousand_agencies_are_let_in_in_one_go(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topics.create(broker.operators, [AGENCY], replication=1)
    told = {"BOOTSTRAP": broker.address, "USER": OPERATORS, "PASSWORD": broker.passwords[OPERATORS]}
    kmzb = Kmzb({f"KMZB_KAFKA_{name}": said for name, said in (told | {"CA": str(broker.authority)}).items()})
    codes = [f"guard-{number:04}" for number in range(AGENCIES)]
    file, folder, figures = tmp_path / "all.csv", tmp_path / "handed-over", Figures()
    file.write_text("code,name,categories\n" + "".join(f"{code},Straż {code},parking\n" for code in codes))
    before = memory(broker)
    with figures.timed("kmzb agency add, with folders"):
        kmzb("agency", "add", "--file", str(file), "--replication", "1", "--folder", str(folder))
    with figures.timed("kmzb access apply, which has nothing left to do"):
        kmzb("access", "apply")
    there = rules_there(broker.admin())
    assert {rule for code in codes for rule in agency_rules("", code)} <= there.keys()
    assert {agency_principal("", code) for code in codes} <= quotas_there(broker.operators).keys()
    reader = {**broker.as_user(CASEWORK), "group.id": CASEWORK, "group.protocol": "consumer"}
    with closing(Consumer(reader)) as consumer:
        consumer.subscribe([f"^{ANSWERS}$"])
        with figures.timed("casework is assigned all answers"):
            eventually(assigned(consumer), 600)
        assert write(broker, OPERATORS, answer_topic(codes[-1]).name) is None
        with figures.timed("and reads one"):
            eventually(lambda: (message := consumer.poll(0.2)) and not message.error(), 60)
    after = memory(broker)
    with figures.timed("kmzb agency remove, half of them"):
        kmzb("agency", "remove", *codes[::2])
    with figures.timed("kmzb access apply after it"):
        kmzb("access", "apply")
    left = {rule.principal for rule in rules_there(broker.admin())}
    assert {agency_principal("", code) for code in codes} & left == {agency_principal("", code) for code in codes[1::2]}
    with capsys.disabled():
        print(
            f"\n{AGENCIES} agencies, {len(there)} rules; the broker: {before} MB before, {after} after",
            *figures.lines,
            sep="\n",
        )

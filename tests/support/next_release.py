"""The release of the contracts after this one: made up, for readers of today to meet; as a package, or as messages."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import contracts
from chassis.kafka.messages import Newer, Received, read_message
from contracts import RELEASE
from contracts.envelope import TYPE_PREFIX, Outgoing
from support.events import on_the_log

NEXT = "99.0.0"
_CONTRACTS = Path(contracts.__file__).parent
# What the next release adds, as edits of this one's sources: (file, what stands there, what stands there then).
_GROWTH = (
    ("__init__.py", f'RELEASE = "{RELEASE}"', f'RELEASE = "{NEXT}"'),
    ("statuses.py", '    NEW = "new"\n', '    NEW = "new"\n    ARCHIVED = "archived"\n'),
    ("events/cases.py", '    WATER = "water"\n', '    WATER = "water"\n    DRONE = "drone"\n'),
    (
        "events/cases.py",
        "\n\nCHANGES = (\n",
        "\n\nclass CaseSealed(CaseChange, frozen=True, kw_only=True):\n"
        '    """Nobody may look at it any more, `until`."""\n\n'
        "    until: Instant\n\n\nCHANGES = (\n    CaseSealed,\n",
    ),
    (
        "events/reports.py",
        "class ReportContested(",
        "class ReportPraised(FollowUp, frozen=True, kw_only=True):\n"
        '    """The one who reported says thank you."""\n\n    why: Text\n\n\nclass ReportContested(',
    ),
    ("events/reports.py", "    sender: Sha256\n", '    sender: Sha256\n    weather: Text = "none"\n'),
    ("events/reports.py", "FOLLOW_UPS = (", "FOLLOW_UPS = (ReportPraised, "),
    (
        "events/reports.py",
        "class ReportContact(",
        "class PhotoAdded(ReportEvent, frozen=True, kw_only=True):\n"
        '    """One photo more."""\n\n    photo: Name\n\n\nclass ReportContact(',
    ),
    ("topics.py", "events=(reports.ReportContent, ", "events=(reports.ReportContent, reports.PhotoAdded, "),
)


def next_contracts(folder: Path) -> Path:
    """The package `contracts` as its next release has it, below the folder; gives the folder."""
    there = folder / "contracts"
    shutil.copytree(_CONTRACTS, there, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in _GROWTH:
        text = (there / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has {text.count(old)} of {old!r}"
        (there / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def run_with(folder: Path, program: Path, *arguments: str) -> str:
    """Run a program with the contracts in a folder instead of ours; gives what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(program), *arguments], capture_output=True, text=True, timeout=50, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def from_next_release(message: Outgoing, *, event: str | None = None, **fields: Any) -> Outgoing:
    """A message as a writer with the next release may send it: of a new event, with new fields or values."""
    name = event or dict(message.headers)["ce_type"].decode().removeprefix(TYPE_PREFIX).removesuffix(".v1")
    headers = dict(message.headers) | {
        "ce_type": f"{TYPE_PREFIX}{name}.v1".encode(),
        "ce_dataschema": f"urn:kmzb:{name}.v1:{NEXT}".encode(),
    }
    value = json.loads(message.value or b"{}") | fields
    return Outgoing(message.topic, message.key, list(headers.items()), json.dumps(value).encode())


def received_by_base(message: Outgoing) -> Received:
    """A newer writer's message as a handler gets it for which the base of its topic suffices."""
    newer = read_message(on_the_log(message))
    assert isinstance(newer, Newer)
    assert newer.base is not None
    return newer.base

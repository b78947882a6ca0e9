"""Reads the programs' logs at the end: who was started again, and whose worker failed."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from deploy.stack.services import SERVICES

from faults.ledger import Failed, Restarted

_STARTED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) started (\S+)$")


def restarts(logs: Path) -> Iterator[Restarted]:
    """Every start by the supervisor."""
    for line in _lines(logs / "supervisor.log"):
        if found := _STARTED.match(line):
            at = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            yield Restarted(at=at, program=found[2])


def failures(logs: Path) -> Iterator[Failed]:
    """Every worker that ended with an error, with the last line of its traceback that is not indented."""
    for name in [*SERVICES, *(f"{service}-twin" for service in SERVICES)]:
        for line in _lines(logs / f"{name}.log"):
            if '"worker failed"' in line:
                entry = json.loads(line)
                words = [line for line in str(entry.get("exception", "")).splitlines() if line[:1].strip()]
                at = datetime.fromisoformat(entry["timestamp"])
                yield Failed(at=at, program=name, worker=entry["worker"], error=words[-1][:300] if words else "")


def _lines(log: Path) -> list[str]:
    return log.read_text(errors="replace").splitlines() if log.exists() else []

"""CPU time of process trees and of PostgreSQL's backends, as the kernel counts it: user + system, from /proc.

Never wall time: the machine may be shared. A process counts from its birth or from the first reading to the second.
"""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# "postgres: kmzb_casework kmzb_b1_casework 127.0.0.1(40000) idle", and what vacuums a database by itself.
_BACKEND = re.compile(r"postgres: (?P<user>\S+) (?P<database>\S+) \S+\(\d+\)")
_VACUUM = re.compile(r"postgres: autovacuum worker (?P<database>\S+)")
# Whoever connects as this is the bench itself, looking.
ADMINISTRATOR = "postgres"
Life = tuple[int, int]
"""A process: its id, and when it began, since ids are given again."""
Reading = Mapping[Life, float]
"""Seconds of CPU by process."""


class MeasurementError(Exception):
    """What was measured can't be trusted; the text says why."""


@dataclass(frozen=True, slots=True)
class Stat:
    """One process: its parent, when it began (ticks since the machine's start), seconds of CPU of all its threads."""

    pid: int
    parent: int
    born: int
    seconds: float


def parse_stat(text: str) -> Stat:
    """A line of /proc/<pid>/stat. The name in brackets may hold spaces and brackets, so fields count from the last."""
    pid, _, rest = text.partition(" ")
    fields = rest.rpartition(")")[2].split()
    return Stat(int(pid), int(fields[1]), int(fields[19]), (int(fields[11]) + int(fields[12])) / _TICKS)


def all_processes() -> dict[int, Stat]:
    """Every process of the machine, by id."""
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = parse_stat(Path(entry.path, "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
            found[stat.pid] = stat
    return found


def descendants(roots: Iterable[int], processes: Mapping[int, Stat]) -> set[int]:
    """The roots and all that they, and theirs, have started."""
    children: dict[int, list[int]] = {}
    for stat in processes.values():
        children.setdefault(stat.parent, []).append(stat.pid)
    found: set[int] = set()
    waiting = [root for root in roots if root in processes]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def serves(title: str, databases: Collection[str]) -> bool:
    """Whether a process of PostgreSQL works for one of the databases, on somebody else's behalf than the bench's."""
    if client := _BACKEND.match(title):
        return client["database"] in databases and client["user"] != ADMINISTRATOR
    vacuum = _VACUUM.match(title)
    return vacuum is not None and vacuum["database"] in databases


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads the CPU of the trees below `roots`, and of those backends of a `postmaster` that serve `databases`."""

    roots: tuple[int, ...] = ()
    postmaster: int | None = None
    databases: frozenset[str] = frozenset()

    def read(self) -> Reading:
        """Seconds of CPU so far. Raises MeasurementError when a root has ended."""
        processes = all_processes()
        if gone := [root for root in self.roots if root not in processes]:
            raise MeasurementError(f"ended while it was measured: {gone}")
        counted = descendants(self.roots, processes)
        counted |= {
            stat.pid for stat in processes.values() if stat.parent == self.postmaster and self._serves(stat.pid)
        }
        return {(pid, processes[pid].born): processes[pid].seconds for pid in counted}

    def _serves(self, pid: int) -> bool:
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return serves(title.replace(b"\0", b" ").decode(errors="replace"), self.databases)


def spent(before: Reading, after: Reading) -> float:
    """Seconds of CPU between two readings. What ended in between takes its last bit along."""
    return sum(seconds - before.get(life, 0.0) for life, seconds in after.items())

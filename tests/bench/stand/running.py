"""What a line is measured on: the run's servers, services as they are shipped, and peers as processes of their own."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from secrets import token_hex

from chassis.settings import Settings
from contracts.events.districts import District
from deploy.stack.databases import DATABASES
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS, Stack
from deploy.stack.listening import listener
from deploy.stack.process import Part, Process, wait_ready
from deploy.stack.services import port_of, url_variable
from deploy.stack.system import Seed, System
from support.stack.processes import running_system

from bench.core.cpu import MeasurementError, Meter
from bench.core.rounds import Row, Say
from bench.stand.beats import leaves, publish_beats
from bench.stand.log import Log
from deploy.stack import databases

TESTS = Path(__file__).resolve().parents[2]
READY = "ready"
"""A peer prints this once it can be measured."""
_PEER_SECONDS = 60.0
BEATS = "beats.msgpack"


@dataclass(frozen=True)
class Bench:
    """One run: its servers, a folder for what runs on them, how often and how much is measured."""

    stack: Stack
    root: Path
    say: Say
    rounds: int = 5
    scale: float = 0.1

    def size(self, full: int, tenth: int | None = None) -> int:
        """How many of something: as many as in the full form, times the scale; `tenth` where a tenth takes too long."""
        if tenth is not None and self.scale < 1:
            return max(1, round(tenth * 10 * self.scale))
        return max(1, round(full * self.scale))

    def seconds(self, full: float, least: float = 1.0) -> float:
        """For how long, likewise."""
        return max(least, full * self.scale)

    def beats(self, settings: Settings) -> int:
        """Publish every garrison's beats: a Seed."""
        return publish_beats(self.root / BEATS, settings)

    def leaves(self) -> list[District]:
        """The same beats, those with a geometry."""
        return leaves(self.root / BEATS)

    def pid(self, server: str) -> int:
        """The process of one of the servers, by the variable that names it. Raises MeasurementError for another's."""
        address = self.stack.addresses[server]
        found = listener(port_of(server, address if "//" in address else f"//{address}"))
        if found is None or found.pid is None:
            raise MeasurementError(f"{server}={address} is no process of this user, so its CPU can't be read")
        return found.pid


Line = Callable[[Bench], Iterable[Row]]
"""Measures one line of the table, row by row: those that were measured stay when a later one can't be."""


@dataclass(frozen=True)
class Running:
    """Services that run in a namespace of their own."""

    bench: Bench
    system: System

    @cached_property
    def log(self) -> Log:
        """The topics of this namespace."""
        return Log(self.bench.stack.addresses[KAFKA], self.system.stack.namespace)

    def pid(self, name: str) -> int:
        """The process of a service. Raises MeasurementError when it does not run."""
        pid = self.system.process(name).pid
        if pid is None:
            raise MeasurementError(f"{name} has ended:\n{self.system.process(name).tail()}")
        return pid

    def url(self, name: str) -> str:
        """Where a service answers."""
        return self.system.addresses[url_variable(name)]

    def database(self, service: str) -> str:
        """The name of a service's database."""
        return next(each.name(self.system.stack.namespace) for each in DATABASES if each.service == service)

    def admin(self, service: str) -> str:
        """How the bench looks into a service's database; what that costs is not counted as the service's."""
        return databases.dsn(self.bench.stack.addresses[POSTGRES], None, self.database(service))

    def meter(self, *names: str, redis: bool = False) -> Meter:
        """Reads the CPU of services and of those who serve their databases, and of Redis where asked."""
        with_database = {each.service for each in DATABASES}
        return Meter(
            roots=(*map(self.pid, names), *([self.bench.pid(REDIS)] if redis else [])),
            postmaster=self.bench.pid(POSTGRES),
            databases=frozenset(self.database(name) for name in names if name in with_database),
        )


@contextmanager
def running(
    bench: Bench, *names: str, settings: Mapping[str, str] | None = None, seed: Seed | None = None
) -> Iterator[Running]:
    """These services, ready, in a namespace nobody has used; stopped at the end."""
    name = token_hex(3)
    with running_system(
        bench.stack, bench.root / name, f"b{name}.", settings=settings, only=names, seed=seed
    ) as system:
        yield Running(bench, system)


@contextmanager
def peer_program(
    bench: Bench, module: str, *arguments: str, environ: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """A program of bench.peers as a process; it has said READY. Stopped at the end."""
    argv = (sys.executable, "-m", f"bench.peers.{module}", *arguments)
    with peer_process(bench, module, argv, environ=environ) as process:
        yield process


@contextmanager
def peer_process(
    bench: Bench,
    name: str,
    argv: tuple[str, ...],
    *,
    environ: Mapping[str, str] | None = None,
    ready: Callable[[], bool] | None = None,
) -> Iterator[Process]:
    """Any program as a process, once it is ready: by what is asked, else by the word READY in its log."""
    root = bench.root / token_hex(3)
    log = root / "logs" / f"{name}.log"
    has_said_so = ready or (lambda: log.exists() and READY in log.read_text(errors="replace"))
    variables = {"PYTHONPATH": str(TESTS), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", **(environ or {})}
    process = Process(root, Part(name, argv, has_said_so, variables))
    process.start()
    try:
        wait_ready(process, _PEER_SECONDS)
        yield process
    finally:
        process.stop()

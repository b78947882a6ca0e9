"""A program of the stack as a process of its own: started detached, found again by its pid file, stopped by signal.

Whoever starts it may leave: `kmzb up` ends, its programs stay, and the supervisor or `kmzb down` finds them here.
"""

import fcntl
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from typing import NoReturn

from deploy.interrupts import undisturbed
from deploy.stack.listening import Listener, listener, listens

# PostgreSQL needs up to three tries after a crash: the first find what is left of the old one.
ENDINGS = 3
LOG_LIMIT = 20 * 1024 * 1024


class StackError(Exception):
    """Something the stack needs can't be had; the text says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """What to run. `ready` asks whether it serves, on `port`; `patience` is how long a polite stop may take."""

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], bool]
    environ: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15.0
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A part under a root folder, running or not."""

    root: Path
    part: Part

    @property
    def log(self) -> Path:
        return self.root / "logs" / f"{self.part.name}.log"

    @property
    def pidfile(self) -> Path:
        return self.root / "run" / f"{self.part.name}.pid"

    @property
    def held(self) -> Path:
        """While this file exists the supervisor leaves the part stopped."""
        return self.root / "run" / f"{self.part.name}.held"

    @property
    def pid(self) -> int | None:
        """The process id while it runs; None once it is gone, also when another process got its number since."""
        return running(self.pidfile)

    @property
    def serves(self) -> bool:
        """Whether it runs and serves: itself, and not another process that answers on its port."""
        pid = self.pid
        return pid is not None and (self.part.port is None or listens(pid, self.part.port)) and self.part.ready()

    @property
    def port_conflict(self) -> Listener | None:
        """Who listens on the port in its place, so that it never will serve."""
        if self.part.port is None or (there := listener(self.part.port)) is None or there.pid == self.pid:
            return None
        return None if self.pid is not None and listens(self.pid, self.part.port) else there

    def start(self) -> None:
        """Start it unless it runs. Two who start it at once take turns, so that it never runs twice."""
        for folder in (self.log.parent, self.pidfile.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with self.pidfile.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.pid is None:
                pid = self._spawn()
                self.pidfile.write_text(f"{pid} {_born(pid) or '?'}")

    def _spawn(self) -> int:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        # By way of a shell that leaves at once, so that init is the parent: a dead child that its parent does not wait
        # for stays in the table of processes, and PostgreSQL takes its old self there for a rival.
        done = subprocess.run(
            ["sh", "-c", 'setsid "$@" </dev/null >>"$0" 2>&1 & echo $!', str(self.log), *self.part.argv],
            env=dict(self.part.environ),
            stdout=subprocess.PIPE,
            check=True,
            umask=0o077,
            start_new_session=True,  # a terminal's Ctrl-C must not end the shell before it has said the pid
        )
        return int(done.stdout)

    def stop(self) -> None:
        """Ask it to leave, wait, and kill it when it does not."""
        stop([self])

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone. A supervisor may have started it again by then."""
        if (life := Life.of(self)) is not None:
            life.end(signal.SIGKILL)
            wait_until(lambda: life.over, 10)

    def tail(self, lines: int = 12) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def running(pidfile: Path) -> int | None:
    """The pid a pid file names, while that very process runs."""
    try:
        pid, born = pidfile.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    return int(pid) if _born(int(pid)) == born else None


@dataclass(frozen=True, slots=True)
class Life:
    """One run of a part: what is stopped is this one, not the next that a supervisor may start meanwhile."""

    pid: int
    born: str

    @classmethod
    def of(cls, process: Process) -> "Life | None":
        """The run there is now."""
        pid = process.pid
        born = _born(pid) if pid is not None else None
        return cls(pid, born) if pid is not None and born is not None else None

    @property
    def over(self) -> bool:
        return _born(self.pid) != self.born

    def end(self, number: signal.Signals) -> None:
        """Send the signal, to this run alone."""
        if not self.over:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def start(processes: Iterable[Process]) -> None:
    """Start those that do not run, side by side.

    In threads, which no interrupt hits: whoever was started is written down, so that it can be stopped.
    """
    with ThreadPoolExecutor() as pool:
        with undisturbed():  # the pool waits at its end for the threads it knows of
            starting = pool.map(Process.start, processes)
        list(starting)  # raises what one of them raised


def stop(processes: Iterable[Process]) -> None:
    """Ask all to leave at once, wait for the slowest, and kill what stays."""
    lives = [(process.part, life) for process in processes if (life := Life.of(process)) is not None]
    for part, life in lives:
        life.end(part.stop_signal)
    patience = max((part.patience for part, _ in lives), default=0)
    wait_until(lambda: all(life.over for _, life in lives), patience)
    for _, life in lives:
        life.end(signal.SIGKILL)
    wait_until(lambda: all(life.over for _, life in lives), 10)


def wait_ready(process: Process, seconds: float) -> None:
    """Wait until the part serves. Raises StackError with its last log lines when it ends or takes too long."""
    serving = False

    def settled() -> bool:
        nonlocal serving
        serving = process.serves
        return serving or process.pid is None

    wait_until(settled, seconds)
    if not serving:
        _give_up(process, "ended" if process.pid is None else f"does not answer after {seconds:.0f} s")


def wait_supervised(process: Process, seconds: float) -> None:
    """The same for a part that a supervisor starts, and starts again: it has failed when it ended several times."""
    before = process.pidfile.read_text() if process.pidfile.exists() and process.pid is None else ""
    lives: set[str] = set()
    serving = False

    def settled() -> bool:
        nonlocal serving
        # By what the pid file says: a program that ends within a moment is never seen alive.
        if process.pidfile.exists():
            lives.add(process.pidfile.read_text())
            lives.discard(before)
        serving = process.serves
        return serving or len(lives) > ENDINGS or process.port_conflict is not None

    wait_until(settled, seconds)
    if not serving:
        often = len(lives) > ENDINGS
        _give_up(process, "ends again and again" if often else f"is not ready after {seconds:.0f} s")


def _give_up(process: Process, what: str) -> NoReturn:
    if port_conflict := process.port_conflict:
        what = f"can't serve: on its port {process.part.port} listens {port_conflict}; end that, or set another address"
    raise StackError(f"{process.part.name} {what}. The end of {process.log}:\n{process.tail()}")


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Ask again and again until the condition holds or the time is over; says whether it held."""
    deadline = monotonic() + seconds
    nothing = Event()
    while not condition():
        if monotonic() > deadline:
            return False
        nothing.wait(pause)
    return True


def _born(pid: int) -> str | None:
    """When a process was started, as the kernel counts; None for one that is gone or only waits to be reaped."""
    try:
        # The name in brackets may hold spaces and brackets itself, so fields count from the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]

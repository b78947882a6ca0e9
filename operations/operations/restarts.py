"""What `kmzb dev` does while it runs: restart the services whose files change, and show what services complain of."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from threading import Event

from deploy.stack.process import Process, StackError, start, stop, wait_ready
from deploy.stack.services import SERVICES
from deploy.stack.system import System
from watchfiles import watch

READY_SECONDS = 30.0
LOOK_MILLISECONDS = 500
WATCHING = "watching: save a file and its service restarts; Ctrl-C ends it all"
SHOWN_LEVELS = ("warning", "error", "critical")

_SHARED = ("contracts", "chassis", "web", "districts", "objects")

Watched = Mapping[Path, frozenset[str]]
"""Folder → the services that restart when something below it changes."""


def watched_folders() -> dict[Path, frozenset[str]]:
    """Each service's package restarts that service; the packages on which they stand restart all.

    The looks of all pages restart those who have pages: the address of a file that browsers keep is made at the start.
    """
    services = {package_folder(service.replace("-", "_")): frozenset([service]) for service in SERVICES}
    with_pages = {service for folder, named in services.items() if (folder / "web").is_dir() for service in named}
    shared = {package_folder(package): frozenset(SERVICES) for package in _SHARED}
    return {**services, **shared, package_folder("web") / "design": frozenset(with_pages)}


def package_folder(package: str) -> Path:
    """Where a package's files are. Raises StackError when it is not installed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise StackError(f"the package {package} is not installed: run `make setup`")
    return Path(spec.submodule_search_locations[0])


def services_to_restart(changed: Iterable[Path], watched: Watched) -> frozenset[str]:
    """The services that run a changed file: those of the innermost folder it is in."""
    folders = (next((folder for folder in file.parents if folder in watched), None) for file in changed)
    return frozenset().union(*(watched[folder] for folder in folders if folder))


def needs_setup(changed: Iterable[Path]) -> bool:
    """Whether topics or tables may be others than before."""
    return any(file.parent.name == "migrations" or file.name == "topics.py" for file in changed)


def restart_on_change(system: System, watched: Watched, stopped: Event) -> Iterator[str]:
    """Restart services as their files change, until `stopped` or Ctrl-C; gives lines for the developer.

    A service that does not start is held until a file of it is saved again, or until the end.
    """
    logs = [NewLines(process) for process in system.programs()]
    failed: set[str] = set()
    looks = watch(*map(str, watched), stop_event=stopped, rust_timeout=LOOK_MILLISECONDS, yield_on_timeout=True)
    try:
        for number, changed in enumerate(looks):
            if number == 0:
                yield WATCHING
            files = [Path(name) for _, name in changed]
            if services := services_to_restart(files, watched).intersection(system.only):
                yield f"{', '.join(sorted({file.name for file in files}))} changed: {', '.join(sorted(services))}"
                if needs_setup(files):
                    yield from _set_up(system)
                yield from restart([system.process(name) for name in sorted(services)], failed)
            for log in logs:
                yield from log.complaints()
    finally:
        for name in failed:
            system.process(name).held.unlink(missing_ok=True)


def restart(processes: Iterable[Process], failed: set[str]) -> Iterator[str]:
    """Stop and start them; those that `failed` before are let go, and those that fail now are held."""
    chosen = [process for process in processes if process.part.name in failed or not process.held.exists()]
    stop(chosen)
    for process in chosen:
        process.held.unlink(missing_ok=True)
    start(chosen)
    for process in chosen:
        try:
            wait_ready(process, READY_SECONDS)
            failed.discard(process.part.name)
            yield f"{process.part.name} is ready"
        except StackError as why:
            process.held.touch()
            process.stop()
            failed.add(process.part.name)
            yield f"{str(why).partition('. The end of ')[0]}; it waits until you save again"


def _set_up(system: System) -> Iterator[str]:
    """New topics and migrations, by a process of its own: this one has read the old ones."""
    command = [sys.executable, "-m", "operations.cli", "setup", "--no-seed", "--replication", "1"]
    environ = {**os.environ, **system.addresses}
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    yield from done.stdout.strip().splitlines()[-3:]


class NewLines:
    """What a program has written to its log since the last look."""

    def __init__(self, process: Process) -> None:
        self._name, self._log = process.part.name, process.log
        self._read = self._log.stat().st_size if self._log.exists() else 0

    def complaints(self) -> Iterator[str]:
        """The new lines that are warnings, errors or no log records at all, as a traceback is."""
        if not self._log.exists():
            return
        with self._log.open("rb") as file:
            file.seek(self._read if self._log.stat().st_size >= self._read else 0)  # it was begun anew
            for line in file:
                if shown := complaint(line.decode(errors="replace").rstrip()):
                    yield f"{self._name}: {shown}"
            self._read = file.tell()


def complaint(line: str) -> str | None:
    """A line of a log as a developer wants to see it; None for one that says that all is well."""
    try:
        record = json.loads(line)
        level, event = record.pop("level"), record.pop("event")
    except (ValueError, KeyError, TypeError, AttributeError):
        return line or None
    if level not in SHOWN_LEVELS:
        return None
    trace = record.pop("exception", "")
    said = " ".join(f"{name}={value}" for name, value in record.items() if name not in ("service", "timestamp"))
    return "\n".join(filter(None, [f"{level}: {event} {said}".rstrip(), trace]))

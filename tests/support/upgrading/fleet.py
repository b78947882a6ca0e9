"""One instance of every service, each replaced while people use it: by another release of it, and back."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from checks.releases.archive import kept
from deploy.stack.process import Part, Process, wait_ready
from deploy.stack.system import System
from support.stack.ports import free_url
from support.upgrading import set_up_before

from deploy.stack import services

CHECKOUT = Path(__file__).resolve().parents[3]
READY_SECONDS = 120
Release = Callable[[str, Mapping[str, str], str], Part]
"""Given a service, where an instance of it answers (by variable), and what that is called: how it is run."""


def todays(system: System) -> Release:
    """The release that this checkout is."""
    return lambda service, where, name: services.part(service, {**system.addresses, **where}, name=name)


class ReleaseBefore:
    """The release that was put in place last, unpacked into a folder, for a system that its own code sets up."""

    def __init__(self, folder: Path, system: System) -> None:
        archive = kept(CHECKOUT)
        assert archive is not None
        self.version, self._system = archive.version, system
        self._path = os.pathsep.join(map(str, archive.unpack(folder, CHECKOUT)))
        self._told: dict[str, dict[str, str]] = {}

    def set_up(self) -> None:
        """What `kmzb setup` of that release does."""
        stack = self._system.stack
        where = {"root": str(stack.root), "namespace": stack.namespace} | {
            "servers": stack.given,
            "settings": self._system.settings,
        }
        done = subprocess.run(
            [sys.executable, set_up_before.__file__],
            input=json.dumps(where), env={"PATH": os.environ["PATH"], "PYTHONPATH": self._path},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self._told = json.loads(done.stdout)

    def __call__(self, service: str, where: Mapping[str, str], name: str) -> Part:
        part = services.part(service, {**self._system.addresses, **where}, name=name)
        return replace(part, environ={**self._told[service], **where, "PYTHONPATH": self._path})


class Fleet:
    """The instances of one system; `url` says where a service answers at this moment."""

    def __init__(self, root: Path) -> None:
        self._root, self._count = root, 0
        self._running: dict[str, tuple[str, Process]] = {}

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        for running in self._running.values():
            running[1].stop()

    def url(self, service: str) -> str:
        return self._running[service][0]

    def start(self, release: Release) -> None:
        """All of them at once, where none runs."""
        for service in services.SERVICES:
            self._running[service] = self._started(service, release)
        for _, process in self._running.values():
            wait_ready(process, READY_SECONDS)

    def replace(self, service: str, release: Release) -> None:
        """A new instance takes over once it is ready, then the old one is asked to leave; it never ended by itself."""
        url, process = self._started(service, release)
        wait_ready(process, READY_SECONDS)
        _, before = self._running[service]
        self._running[service] = url, process
        assert before.pid is not None, before.tail(40)
        before.stop()

    def _started(self, service: str, release: Release) -> tuple[str, Process]:
        self._count += 1
        url = free_url()
        where = {services.url_variable(service): url, services.metrics_variable(service): free_url()}
        process = Process(self._root, release(service, where, f"{service}-{self._count}"))
        process.start()
        return url, process

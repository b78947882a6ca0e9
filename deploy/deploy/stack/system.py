"""The whole system under one folder: stack, topics, databases, secrets, services, and what keeps them running."""

import fcntl
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chassis.settings import Settings

from deploy.access.cluster import apply_access, let_services_in
from deploy.agencies import all_topics, first_agencies
from deploy.agencies.registry import publish_missing, read_registry
from deploy.private_files import write_private
from deploy.stack import databases, services, topics
from deploy.stack.infrastructure import KAFKA, POSTGRES, USER, Say, Stack, silent
from deploy.stack.process import Part, Process, StackError, running, start, stop, wait_supervised
from deploy.stack.servers import prometheus
from deploy.stack.services import OBJECTS
from deploy.suggestions import no_such

Seed = Callable[[Settings], int]
"""Publishes default districts where there are none, as the operators; gives for how many garrisons."""
Places = Callable[[str], int]
"""Given the DSN of the public map's database, imports the places people find by name; gives how many are new."""
READY_SECONDS = 120  # a machine that does much else; what ends again and again is noticed long before
FIRST_PORT = 8100
WATCH = "PROMETHEUS_URL"
"""Where the stack's Prometheus is; not `KMZB_…`, which services would take for a setting."""


class System:
    """A stack and the services on it. `settings` are variables that override what the services would be told.

    `first_port` is where the services' ports begin, the next free ones if taken; None takes any free private ports.
    `seed` gives every garrison that has none the default districts: routing waits until all garrisons have some;
    `places` fills the map's search for places. `watched` runs a Prometheus beside the services.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        settings: Mapping[str, str] | None = None,
        first_port: int | None = FIRST_PORT,
        only: Sequence[str] = services.SERVICES,
        seed: Seed | None = None,
        places: Places | None = None,
        watched: bool = False,
    ) -> None:
        self.stack = stack
        self.root = stack.root
        self.settings = dict(settings or {})
        self.first_port = first_port
        self.only = tuple(only)
        self.seed, self.places = seed, places
        self.watched = watched
        self._ports: dict[str, int] = {}

    @classmethod
    def load(cls, root: Path) -> "System":
        """The system that was brought up under this folder."""
        plan = json.loads((root / "plan.json").read_text())
        stack = Stack(root, **plan["stack"], settled=True)
        return cls(stack, **plan["system"])

    @property
    def addresses(self) -> dict[str, str]:
        """Every variable of the system: addresses, DSNs, secrets."""
        places = self.stack.addresses
        ports = self._service_ports()
        urls = {services.url_variable(name): f"http://127.0.0.1:{ports[name]}" for name in services.SERVICES}
        metrics = {
            services.metrics_variable(name): f"http://127.0.0.1:{ports[services.metrics_port(name)]}"
            for name in services.SERVICES
        }
        return {
            **places,
            "KMZB_NAMESPACE": self.stack.namespace,
            **databases.dsns(places[POSTGRES], self.stack.namespace),
            **urls,
            **metrics,
            **services.secrets(self.stack.keys),
            **({services.password_variable(name): said for name, said in self._passwords.items()}),
            **services.helpers(ports["issuer"], ports["mailbox"]),
            f"{OBJECTS}URL": (self.stack.root.absolute() / "photos").as_uri(),
            **({WATCH: f"http://127.0.0.1:{ports['prometheus']}"} if self.watched else {}),
            **self.settings,
        }

    def up(self, say: Say = silent) -> None:
        """Bring everything up, or what of it doesn't run. Raises StackError naming what failed, with its last words."""
        for name in self.only:  # what can't be run is said before anything is made
            services.port_of(variable := services.url_variable(name), self.addresses[variable])
        with self._alone():
            self.set_up(say)
            if self.watched:
                metrics = {name: self.addresses[services.metrics_variable(name)] for name in self.only}
                prometheus.prepare(self.root / "prometheus", metrics)
            if self._write_plan():
                stop([self.supervisor, *self.programs()])  # what runs was told something else
            # By itself the supervisor would do so half a second later.
            start(process for process in self.programs() if not process.held.exists())
            start([self.supervisor])
            if self.seed:  # while the services start
                sets = self.seed(self.stack.operators)
                say(f"default districts published for {sets} garrisons" if sets else "districts are there")
            if self.places:
                new = self.places(self.addresses["KMZB_PUBLIC_MAP_POSTGRES_DSN"])
                say(f"{new:,} places imported" if new else "places are there")
        for process in self.programs():
            if process.held.exists():
                say(f"{process.part.name} is held stopped")
                continue
            wait_supervised(process, READY_SECONDS)
            # Where, since a port that was taken is not waited for: the next free one is.
            say(f"{process.part.name} is ready {self.address(process.part.name)}".rstrip())

    def address(self, program: str) -> str:
        """Where people reach a program; empty for one that only other programs ask."""
        return self.addresses.get(WATCH if program == "prometheus" else services.url_variable(program), "")

    def set_up(self, say: Say = silent) -> None:
        """Bring up the servers, make topics and databases that are missing, and migrate; nothing when all is there."""
        places = self.stack.addresses

        def make_topics() -> None:
            operators = self.stack.operators
            made = topics.create(operators, all_topics(), replication=self.stack.replication)
            say(f"{made} topics made" if made else "topics are there")
            if added := publish_missing(operators, first_agencies().values()):
                say(f"{added} agencies added")
            if self._passwords:
                let_services_in(operators, self._passwords)
                applied = apply_access(operators, read_registry(operators).all())
                say(f"each service is a user of its own, and so is each of {applied.agencies} agencies")

        def make_databases() -> None:
            applied = databases.create(places[POSTGRES], self.stack.namespace)
            say(f"{len(applied)} migrations applied" if applied else "databases are up to date")

        self.stack.start(say, {KAFKA: make_topics, POSTGRES: make_databases})

    def down(self) -> None:
        """Stop everything; data stays."""
        with self._alone():
            stop([self.supervisor])
            stop(self.programs())
            self.stack.stop()

    def programs(self) -> list[Process]:
        """The helpers and the services, running or not."""
        variables = self.addresses
        issuer_port, mailbox_port = self._service_ports()["issuer"], self._service_ports()["mailbox"]
        own = services.helpers(issuer_port, mailbox_port)  # whatever the services are told to use instead
        parts = [
            services.helper("issuer", self.root / "issuer", issuer_port, own["KMZB_CASEWORK_JWKS_URL"]),
            services.helper("mailbox", self.root / "mail", mailbox_port, own["KMZB_NOTIFIER_SMTP_URL"]),
            *(services.part(name, variables) for name in services.SERVICES if name in self.only),
        ]
        if self.watched:
            parts.append(prometheus.part(self.root / "prometheus", variables[WATCH]))
        return [Process(self.root, part) for part in parts]

    def processes(self) -> list[Process]:
        """All that the supervisor keeps running."""
        return [*self.stack.processes(), *self.programs()]

    def process(self, name: str) -> Process:
        """One of them by name. Raises StackError for a name there is none of."""
        known = {process.part.name: process for process in self.processes()}
        if name not in known:
            raise StackError(no_such("", name, known))
        return known[name]

    @property
    def _passwords(self) -> dict[str, str]:
        """Of the services' users, by service; none on a Kafka that is open."""
        return services.passwords(self.stack.keys) if self.stack.addresses.get(USER) else {}

    @property
    def supervisor(self) -> Process:
        """What keeps the others running."""
        argv = (sys.executable, "-m", "deploy.stack.supervisor", str(self.root))
        environ = {**os.environ, "PYTHONSAFEPATH": "1"}
        return Process(self.root, Part("supervisor", argv, ready=lambda: True, environ=environ))

    def _service_ports(self) -> dict[str, int]:
        if not self._ports:
            for index, name in enumerate((*services.SERVICES, *services.HELPERS)):
                pinned = self.first_port is not None and name in services.SERVICES
                first = (self.first_port or 0) + index
                alive = self.stack.settled or running(self.root / "run" / f"{name}.pid") is not None
                self._ports[name] = self.stack.ports.get(name, first=first if pinned else None, in_use=alive)
                if name in services.SERVICES:
                    metrics, first = services.metrics_port(name), first + services.METRICS_ABOVE
                    self._ports[metrics] = self.stack.ports.get(metrics, first=first if pinned else None, in_use=alive)
            if self.watched:
                alive = self.stack.settled or running(self.root / "run" / "prometheus.pid") is not None
                usual = self.first_port + 990 if self.first_port is not None else None  # 9090, where people look for it
                self._ports["prometheus"] = self.stack.ports.get("prometheus", first=usual, in_use=alive)
        return self._ports

    def _write_plan(self) -> bool:
        """Write down how to find this system again, and its variables for people; says whether they are new."""
        stack = {
            "namespace": self.stack.namespace,
            "replication": self.stack.replication,
            "durable": self.stack.durable,
            "secured": self.stack.secured,
            "environ": self.stack.given,
        }
        system: dict[str, Any] = {"settings": self.settings, "first_port": self.first_port, "only": self.only}
        system["watched"] = self.watched
        env = self.root / "env"
        before = env.read_text() if env.exists() else ""
        after = "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(self.addresses.items()))
        write_private(self.root / "plan.json", json.dumps({"stack": stack, "system": system}, indent=1))
        write_private(env, after)
        return before != after

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two `up` or `down` of the same folder take turns."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

"""Kafka, PostgreSQL and Redis for the system: what the environment already names, else private ones under a folder."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psycopg
from chassis.settings import Settings
from contracts.topics import OPERATORS

from deploy.interrupts import undisturbed
from deploy.stack.process import Part, Process, StackError, running, stop, wait_ready, wait_until
from deploy.stack.servers import kafka, postgres, redis
from deploy.stack.state import Keys, Ports

KAFKA, REDIS, POSTGRES = "KMZB_KAFKA_BOOTSTRAP", "KMZB_REDIS_URL", "KMZB_POSTGRES_ADMIN_DSN"
USER, PASSWORD, CA = "KMZB_KAFKA_USER", "KMZB_KAFKA_PASSWORD", "KMZB_KAFKA_CA"
IDENTITY = (USER, PASSWORD, CA, "KMZB_KAFKA_CERTIFICATE", "KMZB_KAFKA_KEY")
"""Who the operators are to a Kafka that asks."""
PARTS = {KAFKA: "kafka", POSTGRES: "postgres", REDIS: "redis"}
START_SECONDS = 60
GIVEN_SECONDS = 5
Say = Callable[[str], None]
"""Takes a line of progress."""


def silent(line: str) -> None:
    """For callers who need no progress."""


class Stack:
    """The three servers under `root`. Started twice, it finds what runs; started again, it takes its ports again.

    `durable` False is for tests: nothing waits for the disk or is tuned for long runs. `secured` has a private Kafka
    ask everybody who he is, over TLS. `namespace` sets topics and databases apart on servers that several systems
    share. `settled` takes the remembered ports as they are, for one that is up.
    """

    def __init__(
        self,
        root: Path,
        *,
        namespace: str = "",
        replication: int = 1,
        durable: bool = True,
        secured: bool = False,
        environ: Mapping[str, str] = os.environ,
        settled: bool = False,
    ) -> None:
        self.root = root.absolute()
        self.namespace = namespace
        self.replication = replication
        self.durable, self.secured = durable, secured
        self.settled = settled
        named = (*PARTS, *IDENTITY) if environ.get(KAFKA) else PARTS
        self.given = {name: environ[name] for name in named if environ.get(name)}
        self.ports = Ports(self.root / "ports.json")
        self.keys = Keys(self.root / "secrets.json")
        self._allotted: dict[str, int] = {}

    @property
    def addresses(self) -> dict[str, str]:
        """Where the three servers are, and who the operators are to Kafka, by the variables that say it."""
        secured = self.secured and KAFKA not in self.given
        own = {
            **(self._identity() if secured else {}),
            KAFKA: f"127.0.0.1:{self._port('kafka')}",
            REDIS: f"redis://127.0.0.1:{self._port('redis')}/0",
            POSTGRES: f"postgresql://{postgres.ADMIN}:{self.keys.hex('postgres')}"
            f"@127.0.0.1:{self._port('postgres')}/postgres",
        }
        return {**own, **self.given}

    @property
    def operators(self) -> Settings:
        """What the operators' Kafka clients are told. Raises ValueError naming what can't be used."""
        return Settings.from_variables({**self.addresses, "KMZB_NAMESPACE": self.namespace})

    def start(self, say: Say = silent, then: Mapping[str, Callable[[], None]] | None = None) -> None:
        """Bring up what does not run. Raises StackError naming what can't be had.

        `then` has what is to be done with a server (by its variable) as soon as it runs, while others still start.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        addresses = self.addresses  # ports and passwords are settled before several threads need them
        if KAFKA not in self.given:
            self._secured(addresses)  # and what can't be secured is refused before anything starts

        def bring_up(name: str) -> None:
            if name in self.given:
                self._require(name)
                say(f"{name} is given, so no private server is started")
            else:
                self._start(name, addresses)
                say(f"{PARTS[name]} runs")
            if then and name in then:
                then[name]()

        with ThreadPoolExecutor(max_workers=3) as pool:
            with undisturbed():
                coming_up = pool.map(bring_up, PARTS)
            list(coming_up)  # raises what one of them raised

    def stop(self) -> None:
        """Stop the private servers; their data stays."""
        alive = [name for name, part in PARTS.items() if self._pid(part)]
        stop([Process(self.root, self._part(name, self.addresses)) for name in alive])
        kafka.keep_classes(self.root / "kafka", secured=self.secured)
        self._allotted = {}

    def processes(self) -> list[Process]:
        """The private servers, running or not, ready to be started again."""
        return [Process(self.root, self._part(name, self.addresses)) for name in self._private()]

    def _private(self) -> list[str]:
        return [name for name in PARTS if name not in self.given]

    def _require(self, name: str) -> None:
        """Raises StackError when a given server does not answer."""
        address = self.given[name]
        asked = {POSTGRES: postgres.ready, REDIS: redis.ready}
        where = address.rpartition("@")[2]  # no password
        try:
            answers = partial(kafka.ready, self.operators) if name == KAFKA else partial(asked[name], address)
            answered = wait_until(answers, GIVEN_SECONDS)
        except (ValueError, psycopg.Error) as wrong:
            raise StackError(f"{name}={where} is no address: {wrong}") from wrong
        if not answered:
            raise StackError(f"{PARTS[name]} does not answer at {where}. Is it running, and is {name} right?")

    def _start(self, name: str, addresses: Mapping[str, str]) -> None:
        process = Process(self.root, self._part(name, addresses))
        process.start()
        wait_ready(process, START_SECONDS)

    def _part(self, name: str, addresses: Mapping[str, str]) -> Part:
        makers = {KAFKA: self._kafka, POSTGRES: self._postgres, REDIS: self._redis}
        return makers[name](addresses)

    def _kafka(self, addresses: Mapping[str, str]) -> Part:
        folder = self.root / "kafka"
        controller = self._port("kafka-controller")
        secured = self._secured(addresses)
        settings = kafka.prepare(folder, self._port("kafka"), controller, durable=self.durable, secured=secured)
        return kafka.part(settings, self.operators, durable=self.durable)

    def _secured(self, addresses: Mapping[str, str]) -> kafka.Secured | None:
        return kafka.secure(self.root / "kafka", addresses[PASSWORD]) if self.secured else None

    def _identity(self) -> dict[str, str]:
        return {
            USER: OPERATORS,
            PASSWORD: self.keys.hex("kafka"),
            CA: str(kafka.authority(self.root / "kafka")),
        }

    def _postgres(self, addresses: Mapping[str, str]) -> Part:
        folder = self.root / "postgres"
        postgres.prepare(folder, self.keys.hex("postgres"))
        return postgres.part(folder, self._port("postgres"), addresses[POSTGRES], durable=self.durable)

    def _redis(self, addresses: Mapping[str, str]) -> Part:
        return redis.part(self.root / "redis", self._port("redis"), addresses[REDIS])

    def _port(self, name: str) -> int:
        if not self._allotted:
            self._allot()
        return self._allotted[name]

    def _allot(self) -> None:
        """Take all ports together, before anything starts: a port is no longer free once its server begins to."""
        owners = {"kafka": "kafka", "kafka-controller": "kafka", "postgres": "postgres", "redis": "redis"}
        self._allotted = {
            name: self.ports.get(name, in_use=self.settled or self._pid(owner) is not None)
            for name, owner in owners.items()
        }

    def _pid(self, part: str) -> int | None:
        return running(self.root / "run" / f"{part}.pid")

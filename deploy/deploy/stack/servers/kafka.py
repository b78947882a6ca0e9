"""A private Kafka broker: one process that is broker and controller, from the jars `make setup` fetched."""

import base64
import os
import signal
import socket
import subprocess
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from chassis.clock import now
from chassis.kafka.client import connection
from chassis.settings import Settings
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.access.certificates import LONG, key_store, new_authority
from deploy.private_files import write_private
from deploy.stack.process import Part, StackError

VERSION = "4.4.0"
QUICK = "-XX:TieredStopAtLevel=1"
HASTE = """
group.consumer.min.session.timeout.ms=3000
group.consumer.session.timeout.ms=3000
group.consumer.min.heartbeat.interval.ms=1000
group.consumer.heartbeat.interval.ms=1000
"""


def home() -> Path:
    """Where the jars are: one place per user, so that a second clone starts at once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "kmzb" / f"kafka-{VERSION}"


@dataclass(frozen=True, slots=True)
class Secured:
    """What a secured broker needs: its key and certificate, who signed, the password of the super user `operators`."""

    key_store: Path
    authority: Path
    password: str


def authority(folder: Path) -> Path:
    """Who signs below a secured broker's folder."""
    return folder / "keys" / "authority.pem"


def secure(folder: Path, password: str) -> Secured:
    """An authority of the broker's own and what it signs, made once. Raises StackError for a broker that was open.

    For as long as such a folder may last: it is good for this machine alone, and nobody would renew it.
    """
    store = folder / "keys" / "broker.store"
    if not store.exists():
        if (folder / "data").exists():
            root = folder.parent
            raise StackError(
                f"{root} is of an earlier release, whose Kafka was open to everybody; its data can't be secured where"
                f" it stands. `kmzb clean --stack {root}` ends what runs there and forgets the data"
            )
        since = now() - timedelta(minutes=1)
        made = new_authority(store.parent, since)
        key_store(store, *made.sign(store.parent, "broker", since, LONG))
    return Secured(store, authority(folder), password)


def prepare(
    folder: Path, port: int, controller_port: int, *, durable: bool = True, secured: Secured | None = None
) -> Path:
    """Write the broker's settings and format its folder the first time; gives the settings file. Raises StackError.

    Not durable is for tests, which kill consumers all day: a dead one is replaced in half the time.
    """
    if not (home() / "complete").exists():
        raise StackError("Kafka's jars are missing: run `make setup`, or set KMZB_KAFKA_BOOTSTRAP to a broker")
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.properties"
    write_private(settings, broker_settings(folder / "data", port, controller_port, secured, durable=durable))
    if not (folder / "data" / "meta.properties").exists():
        cluster = "k" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        _format(settings, cluster, secured.password if secured else "")
    return settings


def broker_settings(
    data: Path,
    port: int,
    controller_port: int,
    secured: Secured | None,
    *,
    durable: bool = True,
    listen: str = "127.0.0.1",
    host: str = "127.0.0.1",
) -> str:
    """What a broker is told. `listen` is where clients connect on this machine, `host` how they find it."""
    templates = ["server.properties"] + ["secured.properties"] * bool(secured)
    template = "".join(Path(__file__).with_name(name).read_text() for name in templates) + ("" if durable else HASTE)
    values = {"port": port, "controller_port": controller_port, "data": data, "listen": listen, "host": host}
    return template.format(**values, **(asdict(secured) if secured else {}))


def part(settings: Path, clients: Settings, *, durable: bool = True) -> Part:
    """The broker, to be run. The first one to end politely leaves the class archive that makes later starts quick.

    Not durable is for tests: a broker of minutes never earns back what the second compiler costs, and what it would
    tidy up at its end is thrown away.
    """
    secured = clients.kafka_ca is not None
    keep_classes(settings.parent, secured=secured)
    archive = _archive(secured=secured)
    shared = archive.exists()
    flags = [f"-XX:SharedArchiveFile={archive}" if shared else f"-XX:ArchiveClassesAtExit={_fresh(settings.parent)}"]
    flags += ["-Xlog:disable", "-Xms256m", "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    flags += [] if durable else [QUICK]
    return Part(
        name="kafka",
        argv=("java", *flags, "-cp", _classpath(), "kafka.Kafka", str(settings)),
        ready=lambda: ready(clients),
        environ={"PATH": os.environ["PATH"]},
        stop_signal=signal.SIGTERM if durable or not shared else signal.SIGKILL,
        patience=30,
        port=int(clients.kafka_bootstrap.rpartition(":")[2]),
    )


def ready(clients: Settings) -> bool:
    """Whether the broker answers for its metadata."""
    # A plain connection first: librdkafka backs off between tries and would notice the broker late.
    host, _, port = clients.kafka_bootstrap.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        admin = AdminClient({**connection(clients), "log_level": 0, "socket.timeout.ms": 3000})
        return bool(admin.list_topics(timeout=3).brokers)
    except (OSError, KafkaException):
        return False


def _classpath() -> str:
    return ":".join(str(jar) for jar in sorted((home() / "lib").glob("*.jar")))


def _archive(*, secured: bool) -> Path:
    """A secured broker needs other classes, too: hundreds of them, each read from its jar otherwise."""
    return home() / ("classes-secured.jsa" if secured else "classes.jsa")


def _fresh(folder: Path) -> Path:
    return folder / "classes.jsa"


def keep_classes(folder: Path, *, secured: bool) -> None:
    """Share an archive a broker below this folder has written; by rename, so that no start reads half of one."""
    fresh, archive = _fresh(folder), _archive(secured=secured)
    if archive.exists() or not fresh.exists():
        return
    try:
        fresh.replace(archive)
    except OSError:  # the cache may be read-only, or on another disk: then every start is a plain one
        fresh.unlink(missing_ok=True)


def _format(settings: Path, cluster: str, password: str) -> None:
    """Make the broker's folder one of a new cluster, which knows the operators' password. Raises StackError."""
    archive = _archive(secured=bool(password))
    shared = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
    flags = ["-Xlog:disable", QUICK, *shared, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
    command = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings)]
    command += ["--add-scram", f"SCRAM-SHA-512=[name=operators,password={password}]"] if password else []
    done = subprocess.run(["java", *flags, "-cp", _classpath(), *command], capture_output=True, text=True)
    if done.returncode:
        raise StackError(f"Kafka's folder can't be formatted:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")

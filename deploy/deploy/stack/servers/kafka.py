"""A private Kafka broker: one process that is broker and controller, from the jars `make setup` fetched."""

import base64
import os
import signal
import socket
import subprocess
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

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
    template = Path(__file__).with_name("server.properties").read_text()
    template += "" if durable else HASTE
    values = {"port": port, "controller_port": controller_port, "data": folder / "data"}
    if secured:
        template += Path(__file__).with_name("secured.properties").read_text()
        values |= asdict(secured)
    write_private(settings, template.format(**values))
    if not (folder / "data" / "meta.properties").exists():
        cluster = "k" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        _format(settings, cluster, secured.password if secured else "")
    return settings


def part(settings: Path, address: str, *, durable: bool = True) -> Part:
    """The broker, to be run. The first one to end politely leaves the class archive that makes later starts quick.

    Not durable is for tests: a broker of minutes never earns back what the second compiler costs, and what it would
    tidy up at its end is thrown away.
    """
    archive, fresh = _archive(), settings.parent / "classes.jsa"
    if not archive.exists() and fresh.exists():
        _adopt(fresh, archive)
    shared = archive.exists()
    flags = [f"-XX:SharedArchiveFile={archive}" if shared else f"-XX:ArchiveClassesAtExit={fresh}"]
    flags += ["-Xlog:disable", "-Xms256m", "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    flags += [] if durable else [QUICK]
    return Part(
        name="kafka",
        argv=("java", *flags, "-cp", _classpath(), "kafka.Kafka", str(settings)),
        ready=lambda: ready(address),
        environ={"PATH": os.environ["PATH"]},
        stop_signal=signal.SIGTERM if durable or not shared else signal.SIGKILL,
        patience=30,
        port=int(address.rpartition(":")[2]),
    )


def ready(address: str) -> bool:
    """Whether the broker answers for its metadata."""
    # A plain connection first: librdkafka backs off between tries and would notice the broker late.
    host, _, port = address.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        admin = AdminClient({"bootstrap.servers": address, "log_level": 0, "socket.timeout.ms": 3000})
        return bool(admin.list_topics(timeout=3).brokers)
    except (OSError, KafkaException):
        return False


def _classpath() -> str:
    return ":".join(str(jar) for jar in sorted((home() / "lib").glob("*.jar")))


def _archive() -> Path:
    return home() / "classes.jsa"


def _adopt(fresh: Path, archive: Path) -> None:
    """Share an archive a broker has written; by rename, so that no start reads half of one."""
    try:
        fresh.replace(archive)
    except OSError:  # the cache may be read-only, or on another disk: then every start is a plain one
        fresh.unlink(missing_ok=True)


def _format(settings: Path, cluster: str, password: str) -> None:
    """Make the broker's folder one of a new cluster, which knows the operators' password. Raises StackError."""
    archive = [f"-XX:SharedArchiveFile={_archive()}"] if _archive().exists() else []
    flags = ["-Xlog:disable", QUICK, *archive, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
    command = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings)]
    command += ["--add-scram", f"SCRAM-SHA-512=[name=operators,password={password}]"] if password else []
    done = subprocess.run(["java", *flags, "-cp", _classpath(), *command], capture_output=True, text=True)
    if done.returncode:
        raise StackError(f"Kafka's folder can't be formatted:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")

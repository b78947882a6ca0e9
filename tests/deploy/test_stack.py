"""The private servers, their memory of ports and keys, and the databases made on them."""

import base64
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from chassis.settings import Settings
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from contracts.topics import DISTRICT, REPORT_SUBMITTED, Topic
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS, Stack
from deploy.stack.process import Part, Process, StackError, wait_until
from deploy.stack.services import SERVICES, environment
from deploy.stack.state import Keys, Ports
from deploy.stack.system import System
from nacl.public import PrivateKey, PublicKey, SealedBox
from psycopg import sql
from support.stack.databases import Clone

from deploy.stack import databases
from deploy.stack import topics as cluster


def test_servers_take_ports_of_their_own(stack: Stack) -> None:
    ports = {
        int(stack.addresses[name].partition("/0")[0].rpartition(":")[2].partition("/")[0]) for name in (KAFKA, REDIS)
    }
    assert len(ports) == 2
    assert not ports & {5432, 6379, 9092}


def test_a_second_start_finds_what_runs(stack: Stack) -> None:
    before = {process.part.name: process.pid for process in stack.processes()}
    stack.start()
    assert {process.part.name: process.pid for process in stack.processes()} == before


def test_given_servers_are_used_and_not_started(tmp_path: Path) -> None:
    environ = {KAFKA: "broker:9092", REDIS: "redis://cache:6379/0", POSTGRES: "postgresql://admin@db/postgres"}
    given = Stack(tmp_path, environ=environ)
    assert given.processes() == []
    assert given.addresses == environ


def test_a_folder_whose_kafka_was_open_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "kafka" / "data").mkdir(parents=True)
    with pytest.raises(StackError, match=f"`kmzb clean --stack {tmp_path}` ends what runs there and forgets the data"):
        Stack(tmp_path, secured=True, environ={}).start()
    assert not (tmp_path / "run").exists()


def test_a_service_is_told_its_own_password_and_never_the_operators(tmp_path: Path) -> None:
    system = System(Stack(tmp_path, namespace="n.", secured=True, environ={}), first_port=None)
    told = {service: environment(service, system.addresses) for service in SERVICES}
    assert {name: each["KMZB_KAFKA_USER"] for name, each in told.items()} == {name: f"n.{name}" for name in SERVICES}
    passwords = {each["KMZB_KAFKA_PASSWORD"] for each in told.values()}
    assert len(passwords) == len(SERVICES)
    operators = system.addresses["KMZB_KAFKA_PASSWORD"]
    assert system.addresses["KMZB_KAFKA_USER"] == "operators"
    assert all(operators not in each.values() for each in told.values())
    for service, each in told.items():
        assert passwords & set(each.values()) == {each["KMZB_KAFKA_PASSWORD"]}, service


def test_a_port_is_remembered_until_somebody_else_has_it(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    first = ports.get("kafka")
    assert ports.get("kafka") == first
    with socket.socket() as other:
        other.bind(("127.0.0.1", first))
        other.listen()
        assert ports.get("kafka", in_use=True) == first
        assert ports.get("kafka") != first


def test_the_next_free_port_follows_the_first(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert ports.get("intake", first=taken) > taken


def test_keys_are_kept_private_and_fit_together(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "secrets.json")
    private, public = map(base64.b64decode, keys.box())
    sealed = SealedBox(PublicKey(public)).encrypt(b"anna@example.test")
    assert SealedBox(PrivateKey(private)).decrypt(sealed) == b"anna@example.test"
    assert Keys(tmp_path / "secrets.json").box() == keys.box()
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_pid_file_of_another_process_with_that_number_counts_as_stopped(tmp_path: Path) -> None:
    process = Process(tmp_path, Part("sleeper", ("sleep", "60"), ready=lambda: True, environ={"PATH": "/usr/bin:/bin"}))
    process.start()
    pid = process.pid
    assert pid is not None
    written = process.pidfile.read_text()
    process.pidfile.write_text(f"{pid} 1")
    assert process.pid is None
    process.pidfile.write_text(written)
    process.stop()
    assert wait_until(lambda: process.pid is None, 5)


def test_a_topic_is_as_the_registry_says(stack: Stack, topics: Callable[..., None], namespace: str) -> None:
    topics(DISTRICT)
    admin = AdminClient({"bootstrap.servers": stack.addresses[KAFKA]})
    resource = ConfigResource(ResourceType.TOPIC, namespace + DISTRICT.name)
    config = next(iter(admin.describe_configs([resource]).values())).result()
    assert config["cleanup.policy"].value == "compact"
    assert config["max.message.bytes"].value == str(8 * 1024 * 1024)


def test_a_topic_with_other_partitions_is_refused(settings: Settings, topics: Callable[..., None]) -> None:
    topics(REPORT_SUBMITTED)
    other = Topic(REPORT_SUBMITTED.name, "the same with fewer", ("intake",), ("routing",), partitions=3)
    with pytest.raises(StackError, match="12 partitions and not 3"):
        cluster.create(settings, [other], replication=1)


@pytest.mark.parametrize("service", [each.service for each in databases.DATABASES])
def test_a_service_uses_its_tables_and_cannot_change_them(database: Callable[[str], Clone], service: str) -> None:
    clone = database(service)
    with psycopg.connect(clone.owner, autocommit=True) as owner:
        owner.execute("create table probe (n int)")
    with psycopg.connect(clone.service, autocommit=True) as user:
        user.execute("select 1")
        for statement in ("drop table probe", "create table other (n int)", "alter table probe add m int"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                user.execute(statement.encode())


def test_a_service_cannot_open_anothers_database(database: Callable[[str], Clone], stack: Stack) -> None:
    casework = database("casework")
    stranger = databases.dsn(stack.addresses[POSTGRES], "kmzb_notifier", casework.name)
    database("notifier")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(stranger)


def test_geometry_is_there_where_it_is_needed(database: Callable[[str], Clone]) -> None:
    for service in ("casework", "public-map"):
        with psycopg.connect(database(service).service) as connection:
            assert connection.execute("select st_x(st_point(1, 2))").fetchone() == (1.0,)


def test_set_ups_of_one_system_at_the_same_time_take_turns(stack: Stack, namespace: str) -> None:
    admin = stack.addresses[POSTGRES]
    try:
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda _: databases.create(admin, namespace), range(3)))
        # Each migration was applied by one of them: as many in all as for a system that is set up by itself.
        assert sum(map(len, done)) == len(databases.create(admin, f"{namespace}alone.")) > 0
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            for name in (d.name(each) for d in databases.DATABASES for each in (namespace, f"{namespace}alone.")):
                connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def test_databases_of_namespaces_have_names_of_their_own() -> None:
    dsns = databases.dsns("postgresql://admin:secret@127.0.0.1:5/postgres", "demo.")
    assert dsns["KMZB_CASEWORK_POSTGRES_DSN"].endswith("@127.0.0.1:5/kmzb_demo_casework")
    assert "kmzb_casework:" in dsns["KMZB_CASEWORK_POSTGRES_DSN"]

"""Taking a backup while everybody goes on: offsets first, then the databases, so that nothing falls between the two."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

import psycopg
from chassis import clock
from chassis.kafka.client import topic_name
from chassis.kafka.lag import Ends
from chassis.settings import Settings
from confluent_kafka import OFFSET_END
from contracts.topics import OPERATORS
from deploy.private_files import write_private
from deploy.stack.databases import ServiceDatabase, dsn, of_instance
from deploy.stack.infrastructure import POSTGRES
from deploy.stack.process import StackError
from psycopg.conninfo import conninfo_to_dict

from operations.backups import dumps, photos
from operations.backups.folder import KEYS, PHOTOS, Manifest, Place, Store, require_new, sha256_of, write_manifest
from operations.consumption.groups import admin_client, positions, system_topics, topics_read
from operations.consumption.members import own_member
from operations.dead_letters.blocked_keys import dsn_of
from operations.target import Target

SECRET = (
    "KMZB_INTAKE_SECRET",
    "KMZB_INTAKE_RECEIPT_SECRET",
    "KMZB_INTAKE_CONTACT_PUBLIC_KEY",
    "KMZB_NOTIFIER_CONTACT_PRIVATE_KEY",
    "KMZB_NOTIFIER_LINK_SECRET",
    "KMZB_NOTIFIER_WEBHOOK_SECRET",
)
"""Keys without which receipts, sealed contacts and links that are out in the world mean nothing any more."""
Say = Callable[[str], None]


def take(target: Target, folder: Path, say: Say) -> Manifest:
    """Write a backup into a new folder. Raises StackError, KafkaException, psycopg.Error; then there is no manifest."""
    admin = admin_of(target.addresses)
    dumps.require_tools()
    require_new(folder)
    settings, taken_at = target.settings, clock.now()
    objects = photos.store_of(target.addresses) if settings.region.is_national else None  # all regions' are one store
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ends = ends_of(settings)
    stores = []
    for database in of_instance(settings.instance):
        began = monotonic()
        stores.append(_copy(target, admin, database, folder))
        say(f"{database.service}: {stores[-1].size:,} bytes in {monotonic() - began:.1f} s")
    count, began = 0, monotonic()
    if objects:
        count = photos.copy_out(objects, folder / PHOTOS)
        say(f"photos: {count} in {monotonic() - began:.1f} s")
    keys = {name: target.addresses[name] for name in SECRET if target.addresses.get(name)}
    write_private(folder / KEYS, "".join(f"{name}={shlex.quote(value)}\n" for name, value in keys.items()))
    manifest = Manifest(
        cluster=cluster_of(settings),
        namespace=settings.namespace,
        instance=settings.instance,
        taken_at=taken_at,
        ends=ends,
        stores=tuple(stores),
        photos=count,
        keys=tuple(keys),
    )
    write_manifest(folder, manifest)
    return manifest


def admin_of(addresses: Mapping[str, str]) -> str:
    """The DSN of whoever may read every row, as no service may. Raises StackError where it is not known."""
    if not addresses.get(POSTGRES):
        raise StackError(f"{POSTGRES} is not set: a backup is of every row, which only a superuser may read")
    return addresses[POSTGRES]


def name_of(database: ServiceDatabase, addresses: Mapping[str, str]) -> str:
    """What the service itself is told that its database is called. Raises StackError where it is not known."""
    dsn = dsn_of(database.service, addresses)
    return str(conninfo_to_dict(dsn or "").get("dbname") or database.role)


def cluster_of(settings: Settings) -> str:
    """What the Kafka cluster calls itself. Raises KafkaException."""
    return str(admin_client(settings).list_topics(timeout=10).cluster_id)


def ends_of(settings: Settings) -> tuple[Place, ...]:
    """Where every topic ends. Raises KafkaException."""
    numbers = [(topic, number) for topic in system_topics(settings) for number in range(topic.partitions)]
    names = [(topic_name(settings, topic.name), number) for topic, number in numbers]
    found = Ends(settings, OPERATORS).offsets(names, OFFSET_END)
    return tuple(Place(topic.name, number, found[name]) for (topic, number), name in zip(numbers, names, strict=True))


def _copy(target: Target, admin: str, database: ServiceDatabase, folder: Path) -> Store:
    """What was read is noted first: effects are committed before offsets, so the copy has at least what they say."""
    service, name, settings = database.service, name_of(database, target.addresses), target.settings
    member = own_member(settings, service)
    read = positions(settings, member, topics_read(settings, member))
    if not dumps.exists(admin, name):
        raise StackError(f"there is no database {name}: run `kmzb setup`, or is KMZB_NAMESPACE right?")
    file = folder / f"{service}.dump"
    dumps.dump(admin, name, file)
    file.chmod(0o600)
    with psycopg.connect(dsn(admin, None, name)) as connection:
        applied = [str(row[0]) for row in connection.execute("select name from schema_migration order by name")]
    return Store(
        service=service,
        file=file.name,
        size=file.stat().st_size,
        sha256=sha256_of(file),
        migrations=tuple(applied),
        read=tuple(Place(each.topic.name, each.partition, each.next) for each in read),
    )

"""Restoring stores from a backup: each goes on where it was at the end, and tells nobody anything a second time.

First everything is looked at that may stand in the way. Then a new database is filled and brought to what its service
had said by the end, and only then it takes the old one's place: who is interrupted before finds everything as it was.
"""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from chassis import clock
from chassis.postgres import Connection
from contracts.policy.surges import surge_policy
from contracts.policy.terms import policy
from contracts.topics import CASEWORK, NOTIFIER, Topic
from deploy.stack.databases import ServiceDatabase, of_instance
from deploy.stack.process import StackError
from psycopg.rows import dict_row

from deploy.stack import databases
from operations.backups import dumps, ledger, photos
from operations.backups.cases import catching_up as cases
from operations.backups.folder import KEYS, PHOTOS, Manifest, Places, places, require_usable
from operations.backups.gap import ABOUT_RUNNING, require_kept
from operations.backups.taking import admin_of, cluster_of, name_of
from operations.consumption.groups import commit, positions, require_stopped, system_topics, topics_read
from operations.consumption.members import own_member
from operations.rebuilding.plans import plan_of
from operations.rebuilding.replaying import rebuild
from operations.target import Target

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of a database: `aside` is what the one that is there will be called, None if it is empty."""

    database: ServiceDatabase
    name: str
    aside: str | None


def plan(target: Target, folder: Path, manifest: Manifest, services: Sequence[str], replace: bool) -> list[Planned]:
    """What a restore of these services would do. Changes nothing.

    Raises StackError for everything that stands in its way: another system's or a newer release's backup, damage, a
    service that runs, a database in use or not empty, a log that lost what came after. KafkaException, psycopg.Error.
    """
    dumps.require_tools()
    admin, settings = admin_of(target.addresses), target.settings
    require_usable(folder, manifest, services, cluster_of(settings), settings)
    _require_same_keys(target, folder)
    planned = []
    for database in of_instance(settings.instance):
        if database.service not in services:
            continue
        require_stopped(settings, member := own_member(settings, database.service))
        read, own = topics_read(settings, member), _own_topics(target, database.service)
        require_kept(settings, read, places(manifest.store(database.service).read))
        require_kept(settings, own, places(manifest.ends))
        name = name_of(database, target.addresses)
        planned.append(Planned(database, name, _aside(admin, name, replace)))
    if CASEWORK in services:
        _policies(target)
    if NOTIFIER in services:
        ledger.configuration_of(target)
    return planned


def restore(target: Target, folder: Path, manifest: Manifest, planned: Sequence[Planned], say: Say) -> None:
    """Do what was planned, and say of each store that it is done. Raises StackError, KafkaException, psycopg.Error:
    then the others are as they were.
    """
    for each in planned:
        began = monotonic()
        told = _restore_store(target, folder, manifest, each)
        say(f"{each.database.service}: {told}; {monotonic() - began:.1f} s")
    if not target.settings.region.is_national:
        return  # all regions' photos are one store, the nation's to bring back
    objects = photos.store_of(target.addresses)
    missing = photos.list_missing(objects, folder / PHOTOS)
    photos.put_back(objects, folder / PHOTOS, missing)
    say(f"photos: {len(missing)} of {manifest.photos} were missing and are back")


def _restore_store(target: Target, folder: Path, manifest: Manifest, planned: Planned) -> str:
    admin, database, service = admin_of(target.addresses), planned.database, planned.database.service
    store, new = manifest.store(service), f"{planned.name}_restored"
    dumps.make_room(admin, database, new, target.addresses)
    dumps.load(admin, new, folder / store.file)
    databases.bring_up_to_date(admin, new, database)
    dsn = databases.dsn(admin, None, new)
    told = _catch_up(target, service, dsn, places(store.read), places(manifest.ends))
    require_stopped(target.settings, own_member(target.settings, service))
    if service == CASEWORK:
        told += f"; it reads {_read_again(target, places(store.read))} messages again"
    dumps.put_in_place(admin, new, planned.name, planned.aside)
    return told


def _catch_up(target: Target, service: str, dsn: str, read: Places, ends: Places) -> str:
    """Bring a store from the backup to the end, as its administrator; gives in words what that took."""
    if service in (CASEWORK, NOTIFIER):
        with Connection.connect(dsn, row_factory=dict_row) as connection:
            if service == CASEWORK:
                return cases.catch_up(connection, target.settings, _policies(target), read, ends)
            return ledger.catch_up(connection, target.settings, ledger.configuration_of(target), read, ends)
    with Connection.connect(dsn, row_factory=dict_row) as connection:
        connection.execute("delete from outbox")  # what is not on the log follows from the replay
    plan = plan_of(service, target.addresses)
    if all(each.committed is None for each in positions(target.settings, plan.member, plan.topics)):
        return "it had read nothing"
    return rebuild(plan, target.settings, dsn, lambda _: None)


def _read_again(target: Target, read: Places) -> int:
    """Have casework read on from where the copy had come: words, follow-ups and clocks it takes in itself, once."""
    member = own_member(target.settings, CASEWORK)
    heard = [topic for topic in topics_read(target.settings, member) if topic not in ABOUT_RUNNING]
    found = positions(target.settings, member, heard)
    noted = {each: read.get((each.topic.name, each.partition), each.first) for each in found}
    back = [(each, max(each.first, min(each.next, offset))) for each, offset in noted.items()]
    commit(target.settings, member, back)
    return sum(each.next - to for each, to in back)


def _own_topics(target: Target, service: str) -> list[Topic]:
    """Those that say what a store lacks; of what a service tells about its reading, nothing has to be there."""
    said = system_topics(target.settings)
    return [topic for topic in said if service in (CASEWORK, NOTIFIER) and service in topic.writers and topic.events]


def _policies(target: Target) -> cases.Policies:
    """Raises StackError for a file that can't be used."""
    terms, surges = (target.addresses.get(name) for name in ("KMZB_TERMS_FILE", "KMZB_CASEWORK_SURGES_FILE"))
    try:
        return cases.Policies(policy(Path(terms) if terms else None), surge_policy(Path(surges) if surges else None))
    except (OSError, ValueError) as wrong:
        raise StackError(f"the terms or the policy of surges can't be used: {wrong}") from wrong


def _require_same_keys(target: Target, folder: Path) -> None:
    """Raises StackError where this system has other keys: no contact could be opened, no receipt would be known."""
    file = folder / KEYS  # which may be kept elsewhere
    kept = dict(word.split("=", 1) for word in shlex.split(file.read_text())) if file.exists() else {}
    others = [name for name, value in kept.items() if target.addresses.get(name, value) != value]
    if others:
        raise StackError(
            f"{', '.join(others)} of this system is another than in the backup: give its services those of"
            f" {folder / KEYS} first, or receipts and contacts of before mean nothing"
        )


def _aside(admin: str, name: str, replace: bool) -> str | None:
    """What the database that is there is to be called. Raises StackError for one in use, or that holds reports unless
    `replace` says that this is meant.
    """
    if not dumps.exists(admin, name):
        return None
    if users := dumps.connected(admin, name):
        raise StackError(f"{name} is used by {', '.join(users)}: stop every one, and say this again")
    if not dumps.holds_reports(admin, name):
        return None
    if not replace:
        raise StackError(
            f"{name} holds reports: --replace says that the backup is to take its place; it is kept under another name"
        )
    return f"{name}_before_{clock.now():%Y%m%d%H%M%S}"

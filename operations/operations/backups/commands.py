"""`kmzb backup` and `kmzb restore`: a copy of what no topic says, and going on from one."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from chassis.settings import Settings
from deploy.stack.process import StackError
from deploy.suggestions import no_such

from operations.backups import dumps, restoring, taking
from operations.backups.folder import STORES, Manifest, read_manifest, require_new, stores_of
from operations.consumption.members import own_member, own_service
from operations.printing import Json, Yes, in_short, print_json
from operations.target import FolderOrEnvironment, find_target

_Folder = Annotated[Path, typer.Argument(help="Of the backup.")]


def backup(
    folder: _Folder,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whether it could be written.")] = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Copy what no topic says into a new folder, while everybody goes on.

    The databases of casework, sla-monitor, notifier and public-map, how far each
    had read, the photos, and those keys that are known here. The folder holds
    citizens' words and what opens their contacts: keep it as you keep those.
    Topics are not copied: the log has three copies. With KMZB_INSTANCE and its
    databases in the environment it is of that region's three, without photos,
    which are the nation's. Exit codes: 0; 1 not possible, and the folder is no
    backup; 2 usage.
    """
    target, began = find_target(stack), monotonic()
    stores, photos = stores_of(target.settings.instance), " and photos" if target.settings.region.is_national else ""
    if dry_run:
        require_new(folder)
        taking.admin_of(target.addresses)
        dumps.require_tools()
        if json:
            print_json({"done": False, "stores": stores})
        else:
            typer.echo(f"{', '.join(stores)}{photos} would be copied into {folder}. Nothing was done.")
        return
    made = taking.take(target, folder, (lambda _: None) if json else typer.echo)
    if json:
        print_json({"done": True, "seconds": round(monotonic() - began, 3), **_as_json(made)})
        return
    typer.echo(f"{folder} is a backup of {made.taken_at:%Y-%m-%d %H:%M:%S} UTC, {in_short(monotonic() - began)}.")
    typer.echo(
        f"keys.env has {len(made.keys)} keys: keep it apart from the rest. What only services know is not in it."
    )


def restore(
    folder: _Folder,
    service: Annotated[
        list[str] | None, typer.Option(help=f"Only this one, may be said again: {', '.join(STORES)}.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also in place of a database with reports, which is kept beside.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Have services go on from a backup, on the log as it is now.

    Stop every instance of these services; the others run on. Each store is filled
    and brought to what its service had said by the end: nothing is published or
    sent again, and what came after the backup is there. What officers wrote since
    is not, for no topic says it. A region's own instance is restored with its
    KMZB_INSTANCE and databases in the environment; the others go on. Without --yes
    it says what would be done. Exit codes: 0; 1 refused or not possible; 2 usage.
    """
    target, began, manifest = find_target(stack), monotonic(), read_manifest(folder)
    services = _chosen(target.settings, service)
    planned = restoring.plan(target, folder, manifest, services, replace)
    said: list[str] = []
    if yes:
        restoring.restore(target, folder, manifest, planned, said.append if json else typer.echo)
    if json:
        found = [{"service": each.database.service, "database": each.name, "aside": each.aside} for each in planned]
        document = {"done": yes, "seconds": round(monotonic() - began, 3), "stores": found, "told": said}
        print_json({**document, "backup": _as_json(manifest)})
        return
    for each in planned:
        called = "is now" if yes else "would be"
        before = f"what was there {called} called {each.aside}" if each.aside else "it held no report"
        typer.echo(f"{each.database.service}: {each.name} from {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC; {before}")
    members = ", ".join(own_member(target.settings, name) for name in services)
    done = f"Done in {in_short(monotonic() - began)}; start {members}."
    typer.echo(done if yes else "Nothing was done; --yes does it.")


def _chosen(settings: Settings, named: Sequence[str] | None) -> tuple[str, ...]:
    """The services of the environment's instance that are named, all for none. Raises StackError."""
    stores = stores_of(settings.instance)
    services = tuple(own_service(settings, name) for name in named or stores)
    if unknown := [name for name in services if name not in stores]:
        raise StackError(no_such("service that keeps something, ", unknown[0], stores))
    return services


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(backup)
    app.command()(restore)


def _as_json(manifest: Manifest) -> dict[str, object]:
    return {
        "taken_at": manifest.taken_at,
        "release": manifest.release,
        "instance": manifest.instance,
        "cluster": manifest.cluster,
        "copies": {store.service: store.size for store in manifest.stores},
        "photos": manifest.photos,
        "keys": manifest.keys,
    }

"""`kmzb districts …`: import, seed, list, prune and look up districts, and make beats for tests."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from boundaries.areas import geo, units
from boundaries.importing import checking, plan
from boundaries.importing.document import Refused
from chassis import clock
from chassis.settings import Settings, load
from contracts.events.districts import DistrictSet, Level
from contracts.topics import IMPORT
from deploy.stack.infrastructure import KAFKA
from deploy.stack.process import StackError

from boundaries import beats, published, seed
from operations.locating import locate_place
from operations.problems import require_kafka
from operations.target import DEFAULT, find_target

SHOWN_FAULTS = 100

app = typer.Typer(no_args_is_help=True, help="Districts: who answers for which piece of the country.")


def open_topic() -> published.DistrictTopic:
    """The topic on the Kafka the environment names; without one, on the development stack that was brought up."""
    if KAFKA in os.environ:
        settings = load(Settings, IMPORT)
        require_kafka(settings)
        return published.KafkaDistrictTopic(settings)
    return published.KafkaDistrictTopic(find_target(DEFAULT).settings)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="GeoJSON or TopoJSON, plain or gzipped.")],
    garrison: Annotated[str | None, typer.Option(help="Only this garrison, like OPO.")] = None,
    level: Annotated[
        str, typer.Option(help="Level of features that name none: beat, station, area, gmina, powiat.")
    ] = "beat",
    crs: Annotated[str | None, typer.Option(help="Coordinate system, like EPSG:2180; else WGS 84.")] = None,
    chosen: Annotated[str | None, typer.Option("--object", help="Which object of a TopoJSON file.")] = None,
    tolerance_m2: Annotated[float, typer.Option(help="Overlaps up to this area are let pass.")] = checking.TOLERANCE_M2,
    allow_losses: Annotated[
        bool, typer.Option("--allow-losses", help="Units may lose ground, or claim another garrison's.")
    ] = False,
    allow_moves: Annotated[
        bool, typer.Option("--allow-moves", help="Districts may lie elsewhere than their code is known to.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and compare, publish nothing.")] = False,
    valid_from: Annotated[datetime | None, typer.Option(help="Current from (UTC); now if not given.")] = None,
) -> None:
    """Check a file against the current set and publish it as a new version, or refuse it and change nothing."""
    at = clock.now()
    since = valid_from.replace(tzinfo=UTC) if valid_from else at
    topic = open_topic()
    request = plan.ImportRequest(file, level, garrison, crs, chosen, tolerance_m2, allow_losses, allow_moves)
    try:
        if late := plan.valid_from_faults(since, at):
            raise Refused(late)
        made = plan.import_plan(request, _read(topic), published.new_version(at))
        for line in made.lines:
            typer.echo(line)
        if dry_run:
            typer.echo("dry run: nothing was published")
            return
        with saying_what_took_effect():
            for announced in plan.publish(topic, made, at, since):
                typer.echo(_said(announced))
        for pruned, version in published.prune(topic, at):
            typer.echo(f"{pruned}: old version {version} cleared away")
    except Refused as refused:
        _list_faults(refused.faults)
        raise typer.Exit(1) from refused


@contextmanager
def saying_what_took_effect() -> Iterator[None]:
    """Whoever interrupts a publication is told how to see what of it happened. Raises typer.Exit."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Interrupted. Each garrison has its new set whole or its old one: kmzb districts list", err=True)
        raise typer.Exit(130) from None


def _list_faults(faults: list[str]) -> None:
    more = [f"and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
    for line in (f"refused, nothing changed: {len(faults)} faults", *faults[:SHOWN_FAULTS], *more):
        typer.echo(line if line.startswith("refused") else f"  {line}", err=True)


@app.command("seed")
def seed_all() -> None:
    """Publish the default set of every garrison that has none: gminas and Warsaw's districts in place of beats."""
    at = clock.now()
    done = seed.seed_missing(open_topic(), published.new_version(at), at)
    for announced in done:
        typer.echo(_said(announced))
    if not done:
        typer.echo("every garrison has a current set")


@app.command("list")
def list_sets() -> None:
    """Show each garrison's current set, and versions that wait to be cleared away."""
    found = _read(open_topic())
    current = found.current()
    for garrison, announced in sorted(found.sets.items()):
        districts = current.get(garrison)
        counts = {level: sum(d.level is level for d in districts or ()) for level in Level}
        kinds = ", ".join(f"{count} {level}" for level, count in counts.items() if count)
        others = len(found.districts.get(garrison, {}).keys() - {announced.version})
        typer.echo(
            f"{garrison}  {announced.version}  since {announced.valid_from:%Y-%m-%d %H:%M}  "
            f"{kinds if districts else 'INCOMPLETE, not used'}" + (f"  (+{others} other versions)" if others else "")
        )
    if not found.sets:
        typer.echo("no garrison has a set: kmzb districts seed")


@app.command()
def prune() -> None:
    """Clear away versions that ended more than seven days ago."""
    for garrison, version in published.prune(open_topic(), clock.now()):
        typer.echo(f"{garrison}: {version} cleared away")


@app.command()
def locate(
    longitude: Annotated[float, typer.Argument(help="WGS 84, degrees east.", min=-180, max=180)],
    latitude: Annotated[float, typer.Argument(help="WGS 84, degrees north.", min=-90, max=90)],
) -> None:
    """Say who answers for a place by the current sets, as routing does: garrison, unit, station, district."""
    lines, answered = locate_place(_read(open_topic()), longitude, latitude)
    typer.echo("\n".join(lines))
    if not answered:
        raise typer.Exit(1)


@app.command("generate-beats")
def generate_beats(
    out: Annotated[Path, typer.Argument(help="GeoJSON to write; .gz at the end compresses it.")],
    garrison: Annotated[str | None, typer.Option(help="Only this garrison.")] = None,
    chance: Annotated[int, typer.Option("--seed", help="The same number gives the same beats.")] = 1,
) -> None:
    """Make some 8,000 plausible beats for tests and load. They are invented: the police has the real ones."""
    if garrison is not None and garrison not in units.garrisons():
        raise StackError(f"{garrison}: no garrison; they are {', '.join(units.garrisons())}")
    features = beats.generate(chance, garrison)
    if out.suffix == ".gz":
        geo.write_features(out, features)
    else:
        out.write_text(json.dumps(geo.collection(features), ensure_ascii=False), encoding="utf-8")
    typer.echo(f"{len(features)} beats written to {out}")


def _read(topic: published.DistrictTopic) -> published.Published:
    """The topic; what on it can't be read is named and passed over, since an import is what replaces it."""
    found = published.read_published(topic)
    for unreadable in found.unreadable:
        typer.echo(f"passed over: {unreadable}", err=True)
    return found


def _said(announced: DistrictSet) -> str:
    return f"{announced.garrison}: version {announced.version} is current, {announced.count} districts"

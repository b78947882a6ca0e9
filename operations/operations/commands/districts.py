"""`kmzb districts …`: import, seed, list, prune and look up districts, and make beats for tests."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import shapely
import typer
from boundaries.areas import geo
from boundaries.importing import checking, plan, reading
from chassis import clock
from chassis.settings import Settings, load
from contracts.events.districts import DistrictSet, Level
from contracts.topics import IMPORT
from deploy.stack.infrastructure import KAFKA

from boundaries import beats, published, seed
from operations.target import DEFAULT, find_target

SHOWN_FAULTS = 100

app = typer.Typer(no_args_is_help=True, help="Districts: who answers for which piece of the country.")


def open_topic() -> published.DistrictTopic:
    """The topic on the Kafka the environment names; without one, on the development stack that was brought up."""
    if KAFKA in os.environ:
        return published.KafkaDistrictTopic(load(Settings, IMPORT))
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and compare, publish nothing.")] = False,
    valid_from: Annotated[datetime | None, typer.Option(help="Current from (UTC); now if not given.")] = None,
) -> None:
    """Check a file against the current set and publish it as a new version, or refuse it and change nothing."""
    at = clock.now()
    since = valid_from.replace(tzinfo=UTC) if valid_from else at
    topic = open_topic()
    request = plan.ImportRequest(file, level, garrison, crs, chosen, tolerance_m2)
    try:
        if late := plan.valid_from_faults(since, at):
            raise reading.Refused(late)
        made = plan.import_plan(request, published.read_published(topic), published.new_version(at))
        for line in made.lines:
            typer.echo(line)
        if dry_run:
            typer.echo("dry run: nothing was published")
            return
        for announced in plan.publish(topic, made, at, since):
            typer.echo(_said(announced))
        for pruned, version in published.prune(topic, at):
            typer.echo(f"{pruned}: old version {version} cleared away")
    except reading.Refused as refused:
        typer.echo(f"refused, nothing changed: {len(refused.faults)} faults", err=True)
        for fault in refused.faults[:SHOWN_FAULTS]:
            typer.echo(f"  {fault}", err=True)
        if len(refused.faults) > SHOWN_FAULTS:
            typer.echo(f"  and {len(refused.faults) - SHOWN_FAULTS} more", err=True)
        raise typer.Exit(1) from refused
    except published.TopicError as failed:
        typer.echo(f"the topic failed: {failed}", err=True)
        raise typer.Exit(1) from failed


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
    found = published.read_published(open_topic())
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
    longitude: Annotated[float, typer.Argument(help="WGS 84, degrees east.")],
    latitude: Annotated[float, typer.Argument(help="WGS 84, degrees north.")],
) -> None:
    """Say who answers for a place by the current sets: garrison, unit, station, district."""
    point = shapely.Point(longitude, latitude)
    for garrison, districts in published.read_published(open_topic()).current().items():
        by_code = {district.code: district for district in districts}
        for leaf in districts:
            if leaf.geometry is None or not geo.from_geojson(leaf.geometry).covers(point):
                continue
            chain = [leaf]
            while (parent := chain[-1].parent) is not None:
                chain.append(by_code[parent])
            typer.echo(" → ".join(f"{district.name} [{district.code}]" for district in reversed(chain)))
            typer.echo(f"{garrison} version {leaf.version}" + (", approximate" if leaf.approximate else ""))
            return
    typer.echo("no district covers this place")
    raise typer.Exit(1)


@app.command("generate-beats")
def generate_beats(
    out: Annotated[Path, typer.Argument(help="GeoJSON to write; .gz at the end compresses it.")],
    garrison: Annotated[str | None, typer.Option(help="Only this garrison.")] = None,
    chance: Annotated[int, typer.Option("--seed", help="The same number gives the same beats.")] = 1,
) -> None:
    """Make some 8,000 plausible beats for tests and load. They are invented: the police has the real ones."""
    features = beats.generate(chance, garrison)
    if out.suffix == ".gz":
        geo.write_features(out, features)
    else:
        out.write_text(json.dumps(geo.collection(features), ensure_ascii=False), encoding="utf-8")
    typer.echo(f"{len(features)} beats written to {out}")


def _said(announced: DistrictSet) -> str:
    return f"{announced.garrison}: version {announced.version} is current, {announced.count} districts"

"""`kmzb districts …`: import, seed, list, prune and look up districts, and make beats for tests."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import shapely
import typer
from chassis import clock
from chassis.settings import Settings, load
from contracts.districts import Level
from contracts.topics import IMPORT
from deploy.stack.infrastructure import KAFKA

from boundaries import beats, checking, geo, importing, reading, running
from operations.commands.running import DEFAULT, find

SHOWN_FAULTS = 100

app = typer.Typer(no_args_is_help=True, help="Districts: who answers for which piece of the country.")


def open_log() -> running.DistrictLog:
    """The topic on the Kafka the environment names; without one, on the development stack that was brought up."""
    if KAFKA in os.environ:
        return running.KafkaLog(load(Settings, IMPORT))
    system = find(DEFAULT)
    return running.KafkaLog(Settings(kafka_bootstrap=system.addresses[KAFKA], namespace=system.stack.namespace))


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
    valid_from: Annotated[datetime | None, typer.Option(help="In force from (UTC); now if not given.")] = None,
) -> None:
    """Check a file against the running set and publish it as a new version, or refuse it and change nothing."""
    at = clock.now()
    since = valid_from.replace(tzinfo=UTC) if valid_from else at
    log = open_log()
    order = importing.Order(file, level, garrison, crs, chosen, tolerance_m2)
    try:
        if late := importing.moment_fault(since, at):
            raise reading.Refused(late)
        plan = importing.plan(order, running.read_known(log), running.new_version(at))
        for line in plan.lines:
            typer.echo(line)
        if dry_run:
            typer.echo("dry run: nothing was published")
            return
        for done in importing.execute(log, plan, at, since):
            typer.echo(f"{done.garrison}: version {done.version} in force, {done.count} districts")
        for old in running.prune(log, at):
            typer.echo(f"{old[0]}: old version {old[1]} cleared away")
    except reading.Refused as refused:
        typer.echo(f"refused, nothing changed: {len(refused.faults)} faults", err=True)
        for fault in refused.faults[:SHOWN_FAULTS]:
            typer.echo(f"  {fault}", err=True)
        if len(refused.faults) > SHOWN_FAULTS:
            typer.echo(f"  and {len(refused.faults) - SHOWN_FAULTS} more", err=True)
        raise typer.Exit(1) from refused
    except running.LogError as wrong:
        typer.echo(f"the topic failed: {wrong}", err=True)
        raise typer.Exit(1) from wrong


@app.command("seed")
def seed_all() -> None:
    """Publish the default set of every garrison that has none: gminas and Warsaw's districts in place of beats."""
    at = clock.now()
    done = running.seed_missing(open_log(), running.new_version(at), at)
    for each in done:
        typer.echo(f"{each.garrison}: version {each.version} in force, {each.count} districts")
    if not done:
        typer.echo("every garrison has a set in force")


@app.command("list")
def list_sets() -> None:
    """Show each garrison's set in force, and versions that wait to be cleared away."""
    known = running.read_known(open_log())
    in_force = known.running()
    for garrison, current in sorted(known.sets.items()):
        held = in_force.get(garrison)
        counts = {level: sum(d.level is level for d in held or ()) for level in Level}
        kinds = ", ".join(f"{count} {level}" for level, count in counts.items() if count)
        others = len(known.districts.get(garrison, {}).keys() - {current.version})
        typer.echo(
            f"{garrison}  {current.version}  since {current.valid_from:%Y-%m-%d %H:%M}  "
            f"{kinds if held else 'INCOMPLETE, not in force'}" + (f"  (+{others} other versions)" if others else "")
        )
    if not known.sets:
        typer.echo("no set is in force: kmzb districts seed")


@app.command()
def prune() -> None:
    """Clear away versions that ended more than seven days ago."""
    for garrison, version in running.prune(open_log(), clock.now()):
        typer.echo(f"{garrison}: {version} cleared away")


@app.command()
def locate(
    longitude: Annotated[float, typer.Argument(help="WGS 84, degrees east.")],
    latitude: Annotated[float, typer.Argument(help="WGS 84, degrees north.")],
) -> None:
    """Say who answers for a place by the sets in force: garrison, unit, station, district."""
    point = shapely.Point(longitude, latitude)
    for garrison, districts in running.read_known(open_log()).running().items():
        by_code = {district.code: district for district in districts}
        for leaf in districts:
            if leaf.geometry is None or not geo.from_geojson(leaf.geometry).covers(point):
                continue
            chain = [leaf]
            while (parent := chain[-1].parent) is not None:
                chain.append(by_code[parent])
            typer.echo(" → ".join(f"{each.name} [{each.code}]" for each in reversed(chain)))
            typer.echo(f"{garrison} version {leaf.version}" + (", approximate" if leaf.approximate else ""))
            return
    typer.echo("no district covers this place")
    raise typer.Exit(1)


@app.command("generate-beats")
def generate_beats(
    out: Annotated[Path, typer.Argument(help="GeoJSON to write; .gz at the end compresses it.")],
    garrison: Annotated[str | None, typer.Option(help="Only this garrison.")] = None,
    seed: Annotated[int, typer.Option(help="The same number gives the same beats.")] = 1,
) -> None:
    """Make some 8,000 plausible beats for tests and load. They are invented: the police has the real ones."""
    features = beats.generate(seed, garrison)
    if out.suffix == ".gz":
        geo.write_features(out, features)
    else:
        out.write_text(json.dumps(geo.collection(features), ensure_ascii=False), encoding="utf-8")
    typer.echo(f"{len(features)} beats written to {out}")

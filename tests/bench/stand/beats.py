"""Some 8,000 plausible beats on the topic of districts, made once and kept as a file: that takes a minute."""

from pathlib import Path

import msgspec
from boundaries.areas import geo, units
from boundaries.published import KafkaDistrictTopic
from chassis.clock import now
from chassis.settings import Settings
from contracts.events.districts import District, Level

from boundaries import beats, published, seed

VERSION = "2026-01-01T00.00.00Z-beats"


def publish_beats(file: Path, settings: Settings) -> int:
    """Publish every garrison's beats; gives for how many garrisons. A Seed, once `file` is given."""
    topic, at = KafkaDistrictTopic(settings), now()
    sets = districts(file)
    for of_garrison in sets:
        published.publish_set(topic, of_garrison, at, valid_from=at)
    return len(sets)


def leaves(file: Path) -> list[District]:
    """The beats alone, those with a geometry."""
    return [district for of_garrison in districts(file) for district in of_garrison if district.geometry is not None]


def districts(file: Path) -> list[list[District]]:
    """The districts of each garrison, from the file if it is there."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_bytes(msgspec.msgpack.encode(_generate()))
        draft.replace(file)
    return msgspec.msgpack.decode(file.read_bytes(), type=list[list[District]])


def _generate() -> list[list[District]]:
    found = {garrison: seed.garrison_and_units(garrison, VERSION) for garrison in units.garrisons()}
    for properties, shape in beats.generate():
        garrison = units.units()[properties["parent"]].garrison
        beat = District(
            garrison=garrison,
            version=VERSION,
            code=properties["code"],
            level=Level.BEAT,
            name=properties["name"],
            parent=properties["parent"],
            geometry=geo.as_geojson(shape),
        )
        found[garrison].append(beat)
    return list(found.values())

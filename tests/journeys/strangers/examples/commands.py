"""What operators type, and files from regions: kinds 3 and 10, and what a newcomer trips over."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from boundaries.areas import geo
from boundaries.areas.administrative import gminas
from journeys.strangers.shape import Answer, Command, Example, Exit, Gives, Request
from journeys.strangers.stage import Stage
from support.boundaries import feature, square
from support.wait import eventually

BREATH = square(17.90, 50.66)
Features = Sequence[Mapping[str, Any]]


def _gmina(code: str) -> dict[str, Any]:
    return geo.as_geojson(gminas()[code].geometry)


def _two_lines() -> Features:
    return [feature("R9", BREATH, parent="KMP-1661", name="Rejon\n9")]


def _numbers() -> Features:
    codes = [code for code in gminas() if code.startswith("0220")]
    return [feature(None, _gmina(code), teryt=int(f"{code}2")) for code in codes]


def _in_metres() -> Features:
    return [feature("R9", BREATH, parent="KMP-1661")]


def _one_gmina() -> Features:
    return [feature("160101", _gmina("160101"), name="Brzeg")]


def _three_positions() -> Features:
    ring = [[18, 50.6], [18.1, 50.6], [18, 50.6]]
    return [feature("R9", {"type": "Polygon", "coordinates": [ring]}, parent="KMP-1661", name="Centrum")]


def _beat_r1(gmina: str, unit: str) -> Features:
    return [feature("R1", _gmina(gmina), parent=unit, name="Rejon 1")]


def _transfer_to_an_ambiguous_beat(stage: Stage) -> int:
    """An Opole officer names beat R1, which two other garrisons have: both are listed, and nothing is changed."""
    for gmina, unit in (("246901", "KMP-2469"), ("106101", "KMP-1061")):
        code, said = Command("districts import {file}", partial(_beat_r1, gmina, unit))(stage)
        assert code == 0, said
    transfer = Request("casework", "POST", "/v1/cases/{case}/transfer", {"to": "R1", "reason": "rejon pierwszy"})
    eventually(lambda: "KAT/R1 or LOD/R1" in transfer(stage).text)
    Answer(422, ["KAT/R1 or LOD/R1"])(stage, answer := transfer(stage))
    return answer.status_code


def _import(*options: str) -> str:
    return " ".join(("districts import {file} --garrison OPO", *options))


LINK = {"crs": {"type": "link", "properties": {"href": "http://example.test/2180.prj", "type": "esriwkt"}}}
COMMANDS: Sequence[Example] = (
    Example(
        3, "a file with a beat of two lines", Command(_import(), _two_lines), Exit(1, ["feature 1 (R9", "not one line"])
    ),
    Example(
        10,
        "TERYT codes as numbers",
        Command("districts import {file} --level gmina", _numbers),
        Exit(1, ["is a number", "feature 1"]),
    ),
    Example(
        10,
        "a crs given as a link",
        Command(_import(), _in_metres, LINK),
        Exit(1, ["coordinate system is not understood"]),
    ),
    Example(
        10,
        "a file of one gmina",
        Command("districts import {file} --level gmina", _one_gmina),
        Exit(1, ["KPP-1601: would lose", "160102"]),
    ),
    Example(
        10,
        "a ring of three positions",
        Command(_import(), _three_positions),
        Exit(1, ["feature 1 (R9 Centrum)", "3 positions"]),
    ),
    Example(
        10, "a place beside every district", Command("districts locate 15.004 51.20"), Exit(0, ["this is the nearest"])
    ),
    Example(11, "a beat of two other garrisons", _transfer_to_an_ambiguous_beat, Gives(422), slow=True),
    Example("newcomer", "--set FOO", Command("up --stack {root}/none --set FOO"), Exit(1, ["FOO"])),
    Example(
        "newcomer",
        "a misspelt prefix",
        Command("up --stack {root}/none --set KMZB_CASEWRK_URL=x"),
        Exit(1, ["KMZB_CASEWRK_URL"]),
    ),
    Example(
        "newcomer", "an unknown service", Command("up --stack {root}/none --only cassework"), Exit(1, ["casework"])
    ),
    Example("newcomer", "a role there is none of", Command("token --role boss"), Exit(1, ["no role 'boss'"])),
    Example(
        "newcomer",
        "set-up with Kafka away",
        Command("setup", environ={"KMZB_KAFKA_BOOTSTRAP": "127.0.0.1:9"}),
        Exit(1, ["Kafka does not answer at 127.0.0.1:9"]),
    ),
)

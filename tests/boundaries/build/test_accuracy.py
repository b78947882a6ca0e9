"""Places whose powiat is known from elsewhere, located by the polygons alone."""

import gzip
from pathlib import Path

import pytest
from boundaries.areas import DATA, places
from boundaries.build import accuracy, country, sources

# Far from their own powiat, each looked into; boundaries/README.md says what is wrong with whom.
EXPLAINED = {
    "GeoNames": {"Czarnowąsy", "Chmielowice", "Osiedle-Nowiny"},
    "PRNG": {"Rudawka Jaśliska", "Polany Surowiczne", "Jasiel", "Surowica", "Gadka"},
}


def test_prng_places_lie_in_their_powiat() -> None:
    known = [(place.name, place.longitude, place.latitude, place.powiat) for place in places.list_places()]
    result = accuracy.score(known)
    assert result.right >= 0.995
    assert result.near() >= 0.9
    assert {each.name for each in result.mistakes if each.metres > 300} == EXPLAINED["PRNG"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_geonames_towns_lie_in_their_powiat(tmp_path: Path) -> None:
    result = accuracy.score(sources.read_geonames(tmp_path))
    assert result.right >= 0.999
    assert {each.name for each in result.mistakes} == EXPLAINED["GeoNames"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_build_gives_what_is_committed(tmp_path: Path) -> None:
    country.build(tmp_path / "packages", tmp_path / "out")
    for built in sorted((tmp_path / "out").iterdir()):
        committed = DATA / built.name
        # Unpacked: compressors differ between machines, the content may not.
        assert gzip.decompress(built.read_bytes()) == gzip.decompress(committed.read_bytes()), built.name

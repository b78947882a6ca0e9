"""The table of units: every powiat answered for once, every seat where its unit is."""

from collections import Counter

from boundaries.areas import administrative, places, units, warsaw


def test_counts() -> None:
    kinds = Counter(unit.kind for unit in units.units().values())
    assert kinds == {"KGP": 1, "KWP": 16, "KSP": 1, "KPP": 271, "KMP": 65, "KRP": 7}
    assert len(units.garrisons()) == 17


def test_every_powiat_has_one_unit_and_warsaw_seven() -> None:
    answered = Counter(powiat for unit in units.units().values() for powiat in unit.powiats)
    assert set(answered) == set(administrative.powiats())
    assert {powiat: count for powiat, count in answered.items() if count > 1} == {"1465": 7}
    assert set(units.unit_of_powiat()) == set(administrative.powiats()) - {"1465"}


def test_the_capital_s_garrison_is_warsaw_and_nine_powiats() -> None:
    mine = {powiat for unit in units.units_of("KSP") for powiat in unit.powiats}
    assert mine == {"1465", "1405", "1408", "1412", "1414", "1417", "1418", "1421", "1432", "1434"}
    others = {powiat[:2] for unit in units.units_of("RAD") for powiat in unit.powiats}
    assert others == {"14"}


def test_a_garrison_keeps_to_one_voivodeship() -> None:
    for garrison in units.garrisons():
        assert len({powiat[:2] for unit in units.units_of(garrison) for powiat in unit.powiats}) == 1, garrison


def test_names_tell_kind_and_seat() -> None:
    spelled = {"KPP": "Komenda Powiatowa Policji", "KMP": "Komenda Miejska Policji", "KRP": "Komenda Rejonowa Policji"}
    for unit in units.units().values():
        if unit.kind in spelled:
            assert unit.name.startswith(spelled[unit.kind]), unit
            assert unit.short_name.startswith(f"{unit.kind} "), unit
    assert units.units()["KMP-1661"].short_name == "KMP Opole"
    assert units.units()["KMP-1661"].name == "Komenda Miejska Policji w Opolu"


def test_every_seat_is_a_place_its_unit_answers_for() -> None:
    known = {(place.powiat, place.name) for place in places.list_places()}
    known |= {(gmina.teryt[:4], gmina.name) for gmina in administrative.gminas().values()}
    for unit in units.units().values():
        # The county unit of the powiat round Kraków sits in the city, which is no part of that powiat.
        if unit.kind in ("KPP", "KMP") and unit.code != "KPP-1206":
            seat = unit.short_name.partition(" ")[2]
            assert any((powiat, seat) in known for powiat in unit.powiats), unit


def test_warsaw_s_districts_belong_to_the_seven() -> None:
    districts = warsaw.districts()
    assert len(districts) == 18
    assert {district.unit for district in districts} == {f"KRP-{number}" for number in range(1, 8)}

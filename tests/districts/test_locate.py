"""The district of a place: inside, on borders, in holes and gaps, outside; against a slow and simple twin."""

import math
from fractions import Fraction

import pytest
from contracts.base import Owner
from contracts.events.districts import Level
from contracts.events.routing import Method, Reason
from districts.index import Found, Index, NotFound, index_of, locate, metres_per_degree
from districts.leaves import leaves_of
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from support.districts import UNIT, UNIT_NAME, area, command, leaves, multipolygon, polygon, set_of, square

WGS84 = Geod(ellps="WGS84")
NEAREST_M = 300.0
# One hundredth of a degree is some 707 m eastwards and 1,112 m northwards here.
#
#   50.64  ┌────────┬────────┐
#          │   C    │   D    │          E: two islands
#   50.62  ├────────┼────────┤          H: a frame with a hole, in which lies K, smaller than the hole
#          │   A    │   B    │          P, Q: overlap
#   50.60  └────────┴────────┘
#        17.80    17.84    17.88
COUNTRY = index_of(
    leaves(
        area("C", polygon(square(17.80, 50.62, 17.84, 50.64))),
        area("B", polygon(square(17.84, 50.60, 17.88, 50.62))),
        area("D", polygon(square(17.84, 50.62, 17.88, 50.64))),
        area("A", polygon(square(17.80, 50.60, 17.84, 50.62))),
        area("E", multipolygon(square(18.10, 50.60, 18.12, 50.61), square(18.20, 50.60, 18.22, 50.61))),
        area("H", polygon(square(18.40, 50.60, 18.60, 50.70), square(18.44, 50.62, 18.56, 50.68))),
        area("K", polygon(square(18.50, 50.64, 18.52, 50.66))),
        area("Q", polygon(square(18.80, 50.60, 18.84, 50.62))),
        area("P", polygon(square(18.82, 50.60, 18.86, 50.62))),
    ),
    complete=True,
)


def found(longitude: float, latitude: float) -> tuple[str, Method, int]:
    answer = locate(COUNTRY, longitude, latitude, NEAREST_M)
    assert isinstance(answer, Found)
    return answer.leaf.code, answer.method, round(answer.border_m)


@pytest.mark.parametrize(
    ("what", "longitude", "latitude", "code", "method", "border_m"),
    [
        ("inside, nearest to the southern border", 17.82, 50.601, "A", Method.CONTAINS, 111),
        ("inside, nearest to the eastern border", 17.839, 50.61, "A", Method.CONTAINS, 71),
        ("on a border of two", 17.84, 50.61, "A", Method.SHARED_BORDER, 0),
        ("on another border of two", 17.86, 50.62, "B", Method.SHARED_BORDER, 0),
        ("on the corner of four", 17.84, 50.62, "A", Method.SHARED_BORDER, 0),
        ("on the border of one", 17.80, 50.61, "A", Method.CONTAINS, 0),
        ("on the corner of one", 17.88, 50.64, "D", Method.CONTAINS, 0),
        ("a nanodegree beside the border of two", 17.840000001, 50.61, "B", Method.CONTAINS, 0),
        ("on the first island", 18.11, 50.605, "E", Method.CONTAINS, 556),
        ("on the second island", 18.21, 50.605, "E", Method.CONTAINS, 556),
        ("in the frame, nearest to the hole", 18.43, 50.65, "H", Method.CONTAINS, 707),
        ("on the border of the hole", 18.44, 50.65, "H", Method.CONTAINS, 0),
        ("in the hole, near the frame", 18.441, 50.65, "H", Method.NEAREST, 71),
        ("in the hole, near the enclave", 18.499, 50.65, "K", Method.NEAREST, 71),
        ("in the enclave", 18.51, 50.65, "K", Method.CONTAINS, 707),
        ("in an overlap", 18.83, 50.61, "P", Method.CONTAINS, 708),
        ("inside one, on the border of the other", 18.82, 50.61, "Q", Method.CONTAINS, 1112),
        ("just outside", 17.799, 50.61, "A", Method.NEAREST, 71),
        ("just outside a corner", 17.799, 50.599, "A", Method.NEAREST, 132),
        ("outside, as near to one as to the other", 17.84, 50.599, "A", Method.NEAREST, 111),
    ],
)
def test_a_place_has_one_district(
    what: str, longitude: float, latitude: float, code: str, method: Method, border_m: int
) -> None:
    assert found(longitude, latitude) == (code, method, border_m), what


@pytest.mark.parametrize(
    ("what", "longitude", "latitude", "nearest", "metres"),
    [
        ("in the middle of the hole", 18.47, 50.65, "H", 2122),
        ("west of all", 17.79, 50.61, "A", 708),
        ("between the islands", 18.16, 50.605, "E", 2832),
    ],
)
def test_a_place_too_far_from_every_district_is_unroutable(
    what: str, longitude: float, latitude: float, nearest: str, metres: int
) -> None:
    answer = locate(COUNTRY, longitude, latitude, NEAREST_M)
    assert isinstance(answer, NotFound), what
    assert answer.nearest is not None
    assert answer.metres is not None
    assert (answer.reason, answer.nearest.code, round(answer.metres)) == (Reason.OUTSIDE, nearest, metres)


def test_how_far_is_near_is_a_matter_of_setting() -> None:
    east_of_all = (18.861, 50.61)
    assert isinstance(locate(COUNTRY, *east_of_all, 70.0), NotFound)
    assert isinstance(locate(COUNTRY, *east_of_all, 71.0), Found)


def test_near_means_in_metres_not_in_degrees() -> None:
    index = index_of(
        leaves(
            area("EAST", polygon(square(18.004, 50.60, 18.02, 50.61))),  # 0.0040°, 283 m
            area("NORTH", polygon(square(17.98, 50.6085, 18.003, 50.62))),  # 0.0035°, 389 m
        ),
        complete=True,
    )
    answer = locate(index, 18.0, 50.605, NEAREST_M)
    assert isinstance(answer, Found)
    assert answer.leaf.code == "EAST"


def test_the_answer_names_everyone_from_the_garrison_down_to_the_beat() -> None:
    districts = [
        *command(),
        area("KP-1", None, level=Level.STATION, name="Komisariat I"),
        area("R-7", polygon(square(17.8, 50.6, 17.9, 50.7)), level=Level.BEAT, name="Rejon 7", parent="KP-1"),
        area("166105", polygon(square(17.9, 50.6, 18.0, 50.7)), name="Prószków"),
        area("KMP-2", polygon(square(18.0, 50.6, 18.1, 50.7)), level=Level.UNIT, name="KMP 2", parent="OPO"),
    ]
    index = index_of(leaves_of(set_of(districts), districts), complete=True)
    owners = [locate(index, longitude, 50.65, NEAREST_M).leaf.owner for longitude in (17.85, 17.95, 18.05)]  # type: ignore[union-attr]
    opole = {"garrison": "OPO", "unit": UNIT, "unit_name": UNIT_NAME}
    assert owners == [
        Owner(**opole, station="KP-1", beat="R-7", district="R-7"),
        Owner(**opole, district="166105"),
        Owner(garrison="OPO", unit="KMP-2", unit_name="KMP 2"),
    ]


def test_without_any_district_nothing_is_known() -> None:
    assert locate(Index(), 17.9, 50.6, NEAREST_M) == NotFound(Reason.NO_BOUNDARIES)
    assert locate(index_of((), complete=True), 17.9, 50.6, NEAREST_M) == NotFound(Reason.NO_BOUNDARIES)


def test_outside_while_a_garrison_is_missing_may_be_inside_that_one() -> None:
    answer = locate(index_of(COUNTRY.leaves, complete=False), 19.5, 50.6, NEAREST_M)
    assert isinstance(answer, NotFound)
    assert answer.reason is Reason.NO_BOUNDARIES


@pytest.mark.parametrize("latitude", [49.0, 52.0, 54.8])
@pytest.mark.parametrize(("metres", "off"), [(300, 0.001), (5_000, 0.001), (150_000, 0.02)])
@pytest.mark.parametrize("azimuth", range(0, 360, 45))
def test_metres_are_as_exact_as_promised(latitude: float, metres: float, off: float, azimuth: float) -> None:
    longitude, there, _ = WGS84.fwd(19.0, latitude, azimuth, metres)
    east, north = metres_per_degree(latitude)
    measured = math.hypot((longitude - 19.0) * east, (there - latitude) * north)
    assert measured == pytest.approx(metres, rel=off)


Triangle = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
# Few and coarse positions, so that corners, borders and overlaps are met all the time.
position = st.tuples(st.integers(0, 8), st.integers(0, 8))


def turn(a: tuple[int, int], b: tuple[int, int], point: tuple[int, int]) -> Fraction:
    """Which side of the line from a to b the point is on, exactly: of the very floats the code gets."""
    (ax, ay), (bx, by), (px, py) = (map(Fraction, degrees(*each)) for each in (a, b, point))
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


def degrees(x: int, y: int) -> tuple[float, float]:
    return 17.8 + x * 0.0013, 50.6 + y * 0.0009


def side(triangle: Triangle, point: tuple[int, int]) -> str:
    a, b, c = triangle
    turns = [turn(a, b, point), turn(b, c, point), turn(c, a, point)]
    if all(each > 0 for each in turns) or all(each < 0 for each in turns):
        return "inside"
    return "border" if all(each >= 0 for each in turns) or all(each <= 0 for each in turns) else "outside"


def border_m(triangle: Triangle, point: tuple[int, int]) -> float:
    """Metres from the point to the triangle's border, edge by edge."""
    longitude, latitude = degrees(*point)
    east, north = metres_per_degree(latitude)
    corners = [((x - longitude) * east, (y - latitude) * north) for x, y in (degrees(*each) for each in triangle)]
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    return min(_to_edge(*a, *b) for a, b in edges)


def _to_edge(ax: float, ay: float, bx: float, by: float) -> float:
    along = min(1.0, max(0.0, -(ax * (bx - ax) + ay * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)))
    return math.hypot(ax + along * (bx - ax), ay + along * (by - ay))


@given(
    triangles=st.lists(st.tuples(position, position, position).filter(lambda t: turn(*t) != 0), min_size=1, max_size=6),
    point=st.tuples(st.integers(-4, 12), st.integers(-4, 12)),
)
def test_the_index_answers_as_asking_every_district_does(triangles: list[Triangle], point: tuple[int, int]) -> None:
    codes = [f"T{number}" for number in range(len(triangles))]
    shapes = [polygon([list(degrees(*each)) for each in (*triangle, triangle[0])]) for triangle in triangles]
    index = index_of(leaves(*(area(*pair) for pair in zip(codes, shapes, strict=True))), complete=True)
    answer = locate(index, *degrees(*point), NEAREST_M)

    sides = [side(triangle, point) for triangle in triangles]
    far = [border_m(triangle, point) for triangle in triangles]
    if "inside" in sides:
        expected, method = sides.index("inside"), Method.CONTAINS
    elif "border" in sides:
        expected, method = sides.index("border"), Method.SHARED_BORDER if sides.count("border") > 1 else Method.CONTAINS
    else:
        expected, method = far.index(min(far)), Method.NEAREST
    if method is Method.NEAREST and far[expected] > NEAREST_M:
        assert isinstance(answer, NotFound)
        assert answer.metres == pytest.approx(far[expected], abs=1e-6)
        return
    assert isinstance(answer, Found)
    assert answer.method is method
    chosen = codes.index(answer.leaf.code)
    # Of equally near ones the last digit may decide: what matters is that no other is nearer.
    assert chosen == expected or (method is Method.NEAREST and far[chosen] == pytest.approx(far[expected], abs=1e-6))
    assert answer.border_m == pytest.approx(far[chosen], abs=1e-6)

"""Every pair of colours that meets on a page can be told apart: by those who see little, and by the colour-blind."""

import re
from itertools import combinations
from pathlib import Path

import pytest
import web.design
from contracts.statuses import Status

STATIC = Path(web.design.__file__).parent / "static"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
SPRITE = (STATIC / "icons.svg").read_text(encoding="utf-8")
BOTH = {name: (light, dark) for name, light, dark in re.findall(r"--([a-z-]+): light-dark\((#\w+), (#\w+)\);", TOKENS)}
STATUSES = [f"status-{status.value}" for status in Status]
TONES = ["good", "warn", "bad", "note", *STATUSES]
GROUNDS = ["paper", "surface"]

TEXT = [
    *((text, ground) for text in ("ink", "link", "brand") for ground in (*GROUNDS, "brand-soft")),
    *(("ink", ground) for ground in ("shade", *(f"{tone}-soft" for tone in TONES))),
    *((f"{tone}-text", ground) for tone in TONES for ground in (*GROUNDS, f"{tone}-soft")),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-header", "header"),
    ("bad-soft", "bad-text"),  # the button that calls 112
]
SECONDARY = [("ink-muted", ground) for ground in (*GROUNDS, "shade")]
MARKS = [
    *((mark, ground) for mark in ("control", "focus", *TONES) for ground in GROUNDS),
    *((tone, f"{tone}-soft") for tone in TONES),
    ("brand", "shade"),
    ("control", "shade"),
]
# Viénot, Brettel, Mollon 1999: what is left of linear RGB for those without one kind of cone.
BLIND = {
    "protanopia": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deuteranopia": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


def linear(colour: str) -> tuple[float, ...]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    darker, lighter = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other)))
    return (lighter + 0.05) / (darker + 0.05)


def seen(colour: str, kind: str) -> tuple[float, ...]:
    """L*a*b* of a colour as somebody without one kind of cone sees it."""
    red, green, blue = (
        sum(weight * part for weight, part in zip(row, linear(colour), strict=True)) for row in BLIND[kind]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def shape(status: str) -> str:
    found = re.search(rf'<symbol id="{status}"[^>]*>(.*?)</symbol>', SPRITE)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("pairs", "least"), [(TEXT, 7.0), (SECONDARY, 4.5), (MARKS, 3.0)], ids=["text", "more", "marks"]
)
def test_what_meets_contrasts(pairs: list[tuple[str, str]], least: float) -> None:
    measured = {
        (front, back, mode): contrast(BOTH[front][mode], BOTH[back][mode]) for front, back in pairs for mode in (0, 1)
    }
    assert {pair: round(found, 2) for pair, found in measured.items() if found < least} == {}


def test_older_browsers_have_the_light_colours() -> None:
    plain = dict(re.findall(r"^  --([a-z-]+): (#\w+);", TOKENS, flags=re.MULTILINE))
    assert len(plain) > 40
    assert plain == {name: light for name, (light, _) in BOTH.items()}


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_the_colour_blind_tell_statuses_apart(kind: str, mode: int) -> None:
    for one, other in combinations(STATUSES, 2):
        here, there = (seen(BOTH[status][mode], kind) for status in (one, other))
        difference = sum((a - b) ** 2 for a, b in zip(here, there, strict=True)) ** 0.5
        assert difference > 20 or shape(one) != shape(other), (one, other)


def test_every_status_has_a_shape_of_its_own() -> None:
    assert len({shape(status) for status in STATUSES}) == len(Status)


def test_no_sheet_has_a_colour_of_its_own() -> None:
    """A colour that isn't a token has no dark twin, and nobody computed its contrast."""
    allowed = {"#fff", "#000", "#666", "#ffffff1f", "#ffd27a"}  # print, and what stands on the header in both modes
    for sheet in sorted(STATIC.glob("*.css")):
        if sheet.name != "tokens.css":
            assert set(re.findall(r"#[0-9a-f]{3,8}\b", sheet.read_text(encoding="utf-8"))) <= allowed, sheet.name

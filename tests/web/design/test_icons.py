"""One sprite: a pictogram for each category, a shape for each status, and what pages ask for is there."""

import re
from pathlib import Path

import pytest
import web.design
from contracts.policy.categories import catalogues
from contracts.statuses import Status
from web.design.about import symbols

ROOT = Path(__file__).resolve().parents[3]
DESIGN = Path(web.design.__file__).parent
SOURCES = [
    file
    for folder in (DESIGN, ROOT / "public-map" / "public_map", ROOT / "casework" / "casework")
    for kind in ("*.html", "*.js", "*.py")
    for file in folder.rglob(kind)
    if "vendor" not in file.parts
]
ASKED = {
    name: file.name
    for file in SOURCES
    for name in re.findall(r"""["'#](ui-[a-z][a-z0-9-]*)["']""", file.read_text(encoding="utf-8"))
}


def test_every_category_and_status_has_its_symbol() -> None:
    codes = {category.code for catalogue in catalogues() for category in catalogue.category}
    named = {f"category-{code}" for code in codes} | {f"status-{status.value}" for status in Status}
    assert {name for name in symbols() if not name.startswith("ui-")} == named
    assert len(symbols()) == len(set(symbols()))


def test_what_pages_ask_for_is_there() -> None:
    assert {name: file for name, file in ASKED.items() if name not in symbols()} == {}


def test_nothing_is_drawn_that_no_page_asks_for() -> None:
    assert {name for name in symbols() if name.startswith("ui-")} - ASKED.keys() == set()


def test_the_sprite_takes_its_colour_from_the_text() -> None:
    sprite = (DESIGN / "static" / "icons.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', sprite)) <= {"none", "currentColor"}
    assert sprite.count('viewBox="0 0 24 24"') == len(symbols())
    assert "style=" not in sprite


@pytest.mark.parametrize("name", ["tokens.css", "base.css", "components.css", "forms.css", "data.css", "specimens.css"])
def test_a_sheet_is_read_at_one_sitting(name: str) -> None:
    assert len((DESIGN / "static" / name).read_text(encoding="utf-8").splitlines()) <= 250

"""Templates of every service hold nothing that the policy of pages refuses."""

import re
from pathlib import Path

import pytest
from checks.sources import PACKAGES

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = [
    ROOT / "services/web/web/design/templates",
    *(ROOT / package / "web/templates" for package in PACKAGES.values()),
]
TEMPLATES = sorted(file for folder in FOLDERS for file in folder.rglob("*.html"))
REFUSED = {
    "an inline style": r"<style|\sstyle=",
    "an inline script": r'<script(?![^>]*\b(src=|type="application/json"))',
    "a handler in markup": r"\son[a-z]+=",
    "an address elsewhere": r"""\s(src|href)=["']?(https?:)?//(?!www\.openstreetmap\.org|eur-lex)""",
    "markup that is believed": r"\|\s*safe\b",
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: f"{file.parents[2].name}/{file.name}")
def test_a_template_holds_nothing_the_policy_refuses(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [what for what, pattern in REFUSED.items() if re.search(pattern, text)] == []

"""What axe-core finds on a page that somebody can't use: WCAG 2.2 AA and below."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
# No rule that is asked for looks into sheets or sounds, which it would load again.
_RUN = """(runOnly) => axe.run(document, { resultTypes: ["violations"], preload: false, runOnly })"""
_ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def axe(page: Page, *, colours_only: bool = False) -> None:
    """Fails with each rule the page breaks in the state it is in, and the elements that break it.

    `colours_only`: the rules by which colours matter, for a state that was looked at in others.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(_RUN, _COLOURS if colours_only else _ALL)
    broken = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}"
        + "".join(f"\n    {node['html'][:160]}\n      {_why(node)}" for node in violation["nodes"][:5])
        for violation in found["violations"]
    ]
    assert not broken, f"axe-core on {page.url}:\n" + "\n".join(broken)


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))[:300]

"""Where the focus is, as somebody sees it who has no mouse: marked, in the window, not covered (WCAG 2.4.7, 2.4.11)."""

from typing import Any

from playwright.sync_api import Page

# A radio button or a box may be marked by the label around it. What is larger than the window may stand out of it.
_FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return { what: "nothing" };
  const around = [element, element.closest("label")].filter(Boolean);
  const outlined = around.find((one) => {
    const { opacity, outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
    const drawn = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && !/, 0\\)$|transparent/.test(outlineColor);
    return drawn && opacity !== "0";
  });
  const seen = outlined ?? element;
  const box = seen.getBoundingClientRect();
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
    && (box.height > innerHeight ? box.top < innerHeight : box.top >= -1 && box.bottom <= innerHeight + 1)
    && (box.width > innerWidth ? box.left < innerWidth : box.left >= -1 && box.right <= innerWidth + 1);
  const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].map(([x, y]) => {
    const hit = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    return seen.contains(hit);
  });
  return {
    what: element.outerHTML.replace(/\\s+/g, " ").slice(0, 120),
    marked: Boolean(outlined),
    inside,
    bare: points.filter(Boolean).length,
    box: [box.left, box.top, box.width, box.height].map(Math.round),
  };
}"""
_BARE = 3
"""Of five points of an element: so many are covered by nothing."""


def seen_focus(page: Page) -> str:
    """What has the focus; fails where nobody could tell by looking at the page."""
    focus: dict[str, Any] = page.evaluate(_FOCUS)
    what: str = focus["what"]
    assert what != "nothing", "nothing has the focus"
    assert focus["marked"], f"the focus is not marked: {what} at {focus['box']}"
    assert focus["inside"], f"the focus is out of the window: {what} at {focus['box']}"
    assert focus["bare"] >= _BARE, f"something covers the focus: {what} at {focus['box']}"
    return what

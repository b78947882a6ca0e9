"""The verification card on A4: with the case's photos where there are any, for those alone who may see them."""

import re

from browser.conftest import Opening
from journeys.journey import Journey, Receipt
from playwright.sync_api import Page, Route, expect
from support.browser.desk import SLOW, DeskWindow
from support.intake import pictures
from support.wait import eventually

UNIT, GARRISON = "KMP-1661", "OPO"
PLACE = (17.955, 50.655)
A4 = (595, 842)
"""Points, of 1/72 inch."""
# What the browser's own dialog would get: whether each photo is there at that moment.
_PRINT = """() => {
  window.printed = [];
  const widths = () => [...document.querySelectorAll(".case-photo")].map(({ naturalWidth }) => naturalWidth);
  window.print = () => window.printed.push(widths());
}"""
_FIRST_PHOTO = "document.querySelector('.case-photo')?.naturalWidth"


def uploaded(system: Journey, size: tuple[int, int]) -> str:
    """A photo's token."""
    jpeg = pictures.encoded(pictures.drawing(size=size))
    headers = {"Content-Type": "image/jpeg", **system.new_sender()}
    answer = system.http.post(system.url("intake", "/v1/photos"), content=jpeg, headers=headers)
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["photo"]
    return token


def reported(system: Journey, *sizes: tuple[int, int]) -> Receipt:
    receipt = system.send(*PLACE, description="Auta na chodniku.", photos=[uploaded(system, size) for size in sizes])
    officer = system.officer(UNIT, GARRISON)

    def whole() -> bool:
        found = system.case(receipt.report_id, officer)
        return found.is_success and len((found.json()["words"] or {"photos": []})["photos"]) == len(sizes)

    eventually(whole, 30, what="a case with its photos")
    return receipt


def pages(page: Page) -> tuple[list[tuple[int, int]], int]:
    """What a printer gets: the size of each page in points, and how many pictures there are."""
    pdf = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in sizes], pdf.count(b"/Subtype /Image")


def test_the_card_is_printed_once_its_photos_are_there(system: Journey, window: Opening) -> None:
    receipt = reported(system, (800, 600), (600, 800))
    opened, held = window(1440), list[Route]()
    # Before the desk is open, which shows its first case at once, and asks for no photo twice.
    opened.context.route(re.compile(rf"{receipt.report_id}/photos/2$"), lambda route: held.append(route))
    desk = DeskWindow(opened, UNIT)
    desk.page.evaluate(_PRINT)
    desk.open(receipt.report_id)
    eventually(lambda: desk.page.evaluate(_FIRST_PHOTO) == 800 and len(held) == 1, what="one photo of two")
    desk.keys("v")
    assert desk.page.evaluate("window.printed") == []
    held[0].continue_()
    eventually(lambda: desk.page.evaluate("window.printed.length") == 1, what="a card")
    desk.case.get_by_role("button", name="Karta").click()
    eventually(lambda: desk.page.evaluate("window.printed.length") == 2, what="another card")
    assert desk.page.evaluate("window.printed") == [[800, 600]] * 2
    expect(desk.case).to_contain_text("2 zdjęcia")
    sizes, photos = pages(desk.page)
    assert set(sizes) == {A4}
    assert photos == 2
    desk.page.emulate_media(media="print")
    desk.page.set_viewport_size({"width": 674, "height": 1000})  # A4 without its margins, in pixels of 1/96 inch
    desk.window.screenshot("card")


def test_who_may_not_read_the_words_prints_the_card_without_photos(system: Journey, window: Opening) -> None:
    receipt = reported(system, (800, 600))
    desk = DeskWindow(window(1440), UNIT, "headquarters", subject="kgp")
    desk.window.open("casework", f"/desk?open={receipt.report_id}")
    expect(desk.case.locator(".case-number")).to_be_visible(timeout=SLOW)
    expect(desk.case.locator(".case-photo")).to_have_count(0)
    expect(desk.case).not_to_contain_text("1 zdjęcie")
    sizes, photos = pages(desk.page)
    assert (set(sizes), photos) == ({A4}, 0)

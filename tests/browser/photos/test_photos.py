"""Photos from a phone to the officer's desk, in browsers: added, removed, sent, seen, erased."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from browser.conftest import Opening
from contracts.topics import CASEWORK, INTAKE
from journeys.journey import Journey
from PIL import Image
from playwright.sync_api import FilePayload, Page, Request, expect
from support.browser.desk import SLOW, DeskWindow
from support.browser.people import Citizen
from support.intake import pictures
from support.wait import eventually

UNIT, GARRISON = "KMP-1661", "OPO"
HERE = pictures.exif(17.925, 50.668)
FAR = pictures.exif(18.6, 54.35)


def file(name: str, content: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


CAR = file("auto.jpg", pictures.encoded(pictures.drawing(size=(800, 600)), exif=HERE))
HOLIDAY = file("morze.jpg", pictures.encoded(pictures.drawing(size=(600, 800)), exif=FAR))


@pytest.fixture
def stored(system: Journey) -> Callable[[], set[str]]:
    """What the store of photos holds."""
    folder = Path(urlsplit(system.addresses["KMZB_OBJECTS_URL"]).path)
    return lambda: {path.name for path in folder.glob("*/*-*")}


def details(citizen: Citizen) -> Page:
    """As far as the photos, on a phone."""
    citizen.window.open("public_map", "/report")
    citizen.search("opole", "Opole")
    expect(citizen.page.locator("#place-unit")).to_contain_text("Policji")
    citizen.go_on("place")
    citizen.choose_category("speeding")
    citizen.go_on("category")
    return citizen.page


def add(page: Page, *files: FilePayload) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("#photo-add").click()
    chooser.value.set_files(list(files))


def test_an_officer_sees_the_photo_that_a_citizen_sent_and_it_is_erased_with_the_words(
    system: Journey, window: Opening, stored: Callable[[], set[str]]
) -> None:
    before = stored()
    citizen = Citizen(window(360))
    page = details(citizen)
    add(page, CAR, HOLIDAY)
    photos = page.locator("#photos > li")
    expect(photos.filter(has_text="Dodane")).to_have_count(2)
    expect(photos.nth(1).locator(".notice")).to_contain_text("Czy to miejsce się zgadza?")
    expect(photos.nth(0).locator(".notice")).to_be_hidden()
    photos.nth(0).scroll_into_view_if_needed()
    citizen.window.examine("two-photos")
    assert citizen.window.overflow() == 0
    photos.nth(1).get_by_role("button", name="Usuń").press("Enter")
    expect(photos).to_have_count(1)
    expect(page.locator("#photo-add")).to_be_focused()
    assert len(stored() - before) == 2
    citizen.go_on("details")
    expect(page.locator("#summary-details")).to_contain_text("1 zdjęcie")
    receipt = citizen.send()
    report_id = UUID(receipt_of(system, receipt)["report_id"])
    see_as_officers(system, window, report_id)
    url = system.url(INTAKE, f"/v1/receipts/{receipt}/erasure")
    assert system.http.post(url, json={"report_id": str(report_id)}).status_code == 202
    eventually(lambda: len(stored() - before) == 1, 30)  # the one that was removed waits for its day


def see_as_officers(system: Journey, window: Opening, report_id: UUID) -> None:
    eventually(lambda: system.case(report_id, system.officer(UNIT, GARRISON)).is_success, 30)
    desk = DeskWindow(window(), UNIT)
    desk.open(report_id)
    photo = desk.case.locator(".case-photo")
    expect(photo).to_have_count(1)
    eventually(lambda: photo.evaluate("(image) => image.naturalWidth") == 800, 15)
    desk.window.examine("case-with-photo")
    desk.case.locator(".photo-button").click()
    expect(desk.page.locator(".photo-dialog img")).to_be_visible(timeout=SLOW)
    desk.window.examine("photo-large")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".photo-dialog")).to_have_count(0)
    address = f"/v1/cases/{report_id}/photos/1"
    mine, others = system.officer(UNIT, GARRISON), system.officer("KMP-2469", "KAT")
    assert system.http.get(system.url(CASEWORK, address), headers=mine).headers["content-type"] == "image/jpeg"
    assert system.http.get(system.url(CASEWORK, address), headers=others).status_code == 404
    assert system.http.get(system.url(CASEWORK, address)).status_code == 401
    for path in (address, f"/v1/reports/{report_id}/photos/1"):
        assert system.http.get(system.url("public_map", path)).status_code == 404


def test_what_is_no_photo_is_said_where_it_stands_and_the_report_goes_without_it(window: Opening) -> None:
    citizen = Citizen(window(360))
    citizen.window.forgive("415|429")
    page = details(citizen)
    add(page, file("faktura.jpg", b"%PDF-1.7 nothing to be seen"), CAR, CAR, CAR)
    photos = page.locator("#photos > li")
    expect(photos).to_have_count(3)
    expect(page.locator("#photos-status")).to_contain_text("1 zdjęcie pominięto")
    expect(page.locator("#photo-add")).to_be_disabled()
    expect(photos.nth(0)).to_contain_text("nie umiemy odczytać")
    expect(photos.nth(0).get_by_role("button", name="Spróbuj ponownie")).to_be_hidden()
    citizen.window.examine("refused-photo")
    citizen.go_on("details")
    page.locator("#send").click()
    expect(page.locator("#photo-add-error, #photos-error, [id$=-error]").first).to_contain_text("Nie udało się wysłać")
    photos.nth(0).get_by_role("button", name="Usuń").click()
    expect(photos.filter(has_text="Dodane")).to_have_count(2)
    citizen.go_on("details")
    citizen.send()


def test_a_large_photo_is_made_small_before_it_is_sent_and_still_asks_for_the_place(window: Opening) -> None:
    citizen = Citizen(window(360))
    sent: list[Request] = []
    citizen.window.context.on("requestfinished", lambda request: sent.append(request))
    page = details(citizen)
    noise = Image.effect_noise((3000, 4000), 90).convert("RGB")
    large = pictures.encoded(noise, quality=92, exif=pictures.exif(18.6, 54.35, tag_274=6))
    assert len(large) > 4_000_000
    add(page, file("IMG_0001.jpg", large))
    photo = page.locator("#photos > li")
    expect(photo).to_contain_text("Dodane", timeout=60_000)
    expect(photo.locator(".notice")).to_contain_text("Czy to miejsce się zgadza?")
    # What is known of a file's body is the length the browser gave it.
    [size] = [int(request.all_headers()["content-length"]) for request in sent if "/v1/photos" in request.url]
    print(f"a photo of {len(large):,} bytes is sent in {size:,}")
    assert 0 < size < len(large) / 2
    photo.get_by_role("button", name="Tak, miejsce się zgadza").click()
    expect(photo.locator(".notice")).to_be_hidden()
    page.reload()
    expect(page.locator("#photos > li")).to_have_count(0)


def receipt_of(system: Journey, receipt: str) -> dict[str, str]:
    url = system.url("public_map", f"/v1/receipts/{receipt}")
    eventually(lambda: system.http.get(url).is_success, 30)
    found: dict[str, str] = system.http.get(url).json()
    return found

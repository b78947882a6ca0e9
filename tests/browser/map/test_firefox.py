"""One way through the pages in Firefox: a citizen reports by a place's name, gets a receipt, finds it on the map."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.map.conftest import Public
from journeys.journey import Journey
from support.browser.firefox import Firefox, running_firefox
from support.browser.map_page import SLOW
from support.wait import eventually

AUGUSTOW = (22.98, 53.84)
RECEIPT = re.compile(r"/r/([\w-]{22})")


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    """Debian's Firefox."""
    program = shutil.which("firefox-esr")
    assert program, "firefox-esr is missing: `make browser ALL=1` installs it, or `deploy/stack/install firefox`"
    with running_firefox(program, tmp_path) as running:
        running.resize(1440, 900)
        yield running


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_citizen_reports_in_firefox(system: Journey, firefox: Firefox, public: Public, artefacts: Path) -> None:
    folder = artefacts / "firefox"
    folder.mkdir()
    firefox.open(system.url("public_map", "/report"))
    firefox.type("#place-search", "augustow")
    eventually(lambda: "Augustów" in firefox.text("#place-options [role=option]"), SLOW)
    firefox.click("#place-options [role=option]")
    eventually(lambda: "Policji" in firefox.text("#place-unit"), SLOW)
    firefox.click("#categories .choice:has(input[value=parking])")
    firefox.screenshot(folder / "1-form.png")
    firefox.click("#send")
    eventually(lambda: RECEIPT.search(firefox.evaluate("return location.href")), SLOW)
    receipt = RECEIPT.findall(firefox.evaluate("return location.href"))[0]
    eventually(lambda: firefox.evaluate("return document.querySelector('#live')?.dataset.status") == "new", SLOW)
    firefox.screenshot(folder / "2-receipt.png")
    known = system.http.get(system.url("public_map", f"/v1/receipts/{receipt}")).json()
    near = eventually(lambda: [each for each in public.near(AUGUSTOW, 0.1) if each["report_id"] == known["report_id"]])
    longitude, latitude = near[0]["position"]
    firefox.open(system.url("public_map", f"/?longitude={longitude}&latitude={latitude}&zoom=16"))
    firefox.click(f"#listing [data-report='{known['report_id']}']")
    eventually(lambda: near[0]["unit_name"] in firefox.text("#chosen"), SLOW)
    # Without a screen Firefox draws nothing by WebGL, so it is the list that shows the report.
    firefox.screenshot(folder / "3-map.png")

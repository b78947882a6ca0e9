"""The public map in a window: where it looks, what its list says, and what is drawn, pixel by pixel."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image
from playwright.sync_api import Locator, Page, expect
from support.browser.window import Window
from support.wait import eventually

Colour = tuple[int, int, int]
NEW, VERIFICATION = (0x1F, 0x8A, 0x3B), (0xB8, 0x7D, 0x00)
"""The marks' colours by status, the same by day and night."""
WIDTHS = (360, 768, 1440)
SLOW = 90.0
"""Seconds: how long a machine that does much else may take to draw a map without a graphics card."""
_NEAR = 12
"""Of 255: by so much a channel may differ where edges are smoothed."""


# The map repaints in the next frame; the picture is of the one after.
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True, slots=True)
class MapPage:
    """The map page, or another with a map in it."""

    window: Window

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def canvas(self) -> Locator:
        return self.page.locator(".maplibregl-canvas")

    def open(self, place: tuple[float, float], zoom: float, **more: str) -> None:
        """Look at a longitude and latitude, until the list answers. `more`: further parameters of the address."""
        where = {"longitude": f"{place[0]:.5f}", "latitude": f"{place[1]:.5f}", "zoom": str(zoom), **more}
        self.window.open("public_map", "/?" + "&".join(f"{name}={value}" for name, value in where.items()))
        self.settled()

    def settled(self) -> None:
        """Wait until the list has answered what is asked of it."""
        expect(self.page.locator("#listing")).to_have_attribute("aria-busy", "false")

    def item(self, report_id: object) -> Locator:
        """A report in the list."""
        return self.page.locator(f'#listing [data-report="{report_id}"]')

    def parameter(self, name: str) -> str | None:
        """A parameter of the page's address."""
        value: str | None = self.page.evaluate("(name) => new URLSearchParams(location.search).get(name)", name)
        return value

    def picture(self) -> Image.Image:
        """The map as it is drawn at this moment."""
        box = self.canvas.bounding_box()
        assert box, "there is no map"
        return Image.open(BytesIO(self.page.screenshot(clip=box))).convert("RGB")

    def shares(self, *colours: Colour) -> list[float]:
        """How much of the map has each colour, 0 to 1."""
        picture = self.picture()
        counted = picture.getcolors(picture.width * picture.height) or []
        found: Mapping[Colour, int] = {colour: count for count, colour in counted}  # type: ignore[misc]
        return [found.get(colour, 0) / (picture.width * picture.height) for colour in colours]

    def nearest(self, colour: Colour, within: int = 60) -> tuple[int, int] | None:
        """Where in the map, nearest to its middle, something has a colour: pixels from its corner; None: nowhere.

        `within`: pixels to each side of the middle that are looked at.
        """
        picture = self.picture()
        x, y = picture.width // 2, picture.height // 2
        around = picture.crop((x - within, y - within, x + within, y + within))
        channels = around.tobytes()
        places = [
            (x - within + at % around.width, y - within + at // around.width)
            for at in range(around.width * around.height)
            if all(abs(channels[3 * at + channel] - colour[channel]) <= _NEAR for channel in range(3))
        ]
        return min(places, key=lambda place: (place[0] - x) ** 2 + (place[1] - y) ** 2, default=None)

    def click_on(self, colour: Colour, within: int = 60) -> None:
        """Click on what is drawn in a colour, once it is; as `nearest`."""
        at = eventually(lambda: self.nearest(colour, within), SLOW, what=f"something in {colour} on the map")
        assert at
        self.canvas.click(position={"x": at[0], "y": at[1]})

    def examine(self, name: str, *, dark_at: Collection[int] = WIDTHS) -> None:
        """A state as it is on all screens: three widths, light and, at those of `dark_at`, dark.

        One width is enough for a state that differs from another of the same page by some lines of its panel.
        """
        self.page.emulate_media(color_scheme="light")
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 740 if width < 768 else 900})
            self.settle_if_listed()
            assert self.window.overflow() == 0, f"{name} is wider than {width} pixels"
            self.page.evaluate(_DRAWN)
            self.window.examine(f"{name}-light")
            if width in dark_at:
                self.page.emulate_media(color_scheme="dark")
                self.page.evaluate(_DRAWN)
                self.window.examine(f"{name}-dark", colours_only=True)
                self.page.emulate_media(color_scheme="light")

    def settle_if_listed(self) -> None:
        """The same on pages that have another list, or none."""
        for listing in self.page.locator(".listing").all():
            expect(listing).to_have_attribute("aria-busy", "false")

"""A browser's window as a test uses it: it fails on whatever a page complains of, and asks nobody but our services."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Page, Request, expect
from support.browser.axe import axe
from support.web.html import validate

SLOW_3G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
"""Milliseconds and bytes a second."""
# Reported by the page itself, before any of its scripts: not every violation is in the console.
_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""

# A question that the browser broke off, of which it tells nothing else: the map says so, and asks again by itself.
_BROKEN_OFF = re.compile("console: map: Failed to fetch ")
_MENDED_MS = 60_000

# What MapLibre makes inside of its box is its own; axe-core looks at it all the same.
_OWN_HTML = """() => {
  const page = document.documentElement.cloneNode(true);
  for (const map of page.querySelectorAll(".maplibregl-map")) map.replaceChildren();
  return `<!doctype html>\\n${page.outerHTML}`;
}"""


class Window:
    """One person's browser: no cookies, no cache, no permission but those given. `page` is Playwright's."""

    def __init__(self, context: BrowserContext, services: Mapping[str, str], artefacts: Path) -> None:
        self.context, self._services, self._artefacts = context, services, artefacts
        self._ours = {urlsplit(url).netloc for url in services.values()}
        self._complaints: list[str] = []
        self._forgiven: list[re.Pattern[str]] = []
        self._finished: list[Request] = []
        self._failed: list[str] = []
        context.add_init_script(_VIOLATIONS)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self._complain(f"error: {error.error.stack or error.error}"))
        context.on("request", self._question)
        context.on("requestfinished", lambda request: self._finished.append(request))
        context.on("requestfailed", lambda request: self._failed.append(f"{request.failure} {request.url}"))
        self.page: Page = context.new_page()

    def open(self, service: str, path: str = "/", **more: Any) -> None:
        """Go to a service's page, whose source has to be valid HTML. `more`: of Playwright's `goto`."""
        answer = self.page.goto(self.url(service, path), **more)
        assert answer is not None
        assert answer.ok, f"{answer.status} {answer.url}: {answer.text()[:500]}"
        validate(answer.text())

    def url(self, service: str, path: str = "/") -> str:
        """The address of a page."""
        return self._services[service] + path

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        script = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
        pixels: int = self.page.evaluate(script)
        return pixels

    def examine(self, name: str, *, colours_only: bool = False) -> None:
        """A state a person sees: kept as a picture, accessible, valid, and without complaints.

        `colours_only`: it was examined in other colours, and nothing else is different.
        """
        self.screenshot(name)
        axe(self.page, colours_only=colours_only)
        if not colours_only:
            validate(self.page.evaluate(_OWN_HTML))
        self.check()

    def screenshot(self, name: str) -> Path:
        """A picture of the window, in the folder of artefacts."""
        size = self.page.viewport_size or {"width": 0}
        file = self._artefacts / f"{name}-{size['width']}.png"
        self.page.screenshot(path=file)
        return file

    def check(self) -> None:
        """Fails on what the page complained of until now: errors, violations of its policy, questions to others."""
        left = [text for text in self._complaints if not any(pattern.search(text) for pattern in self._forgiven)]
        if any(map(_BROKEN_OFF.match, left)) and not self.page.is_closed():
            expect(self.page.locator(".map-trouble:visible")).to_have_count(0, timeout=_MENDED_MS)
        left = [text for text in left if not _BROKEN_OFF.match(text)]
        assert not left, f"on {self.page.url}:\n" + "\n".join([*left, "not answered:", *self._failed])

    def forgive(self, pattern: str) -> None:
        """What a test provokes, a refused answer say, is no complaint."""
        self._forgiven.append(re.compile(pattern))

    def weight(self, part: str = "") -> int:
        """Bytes that came over the network for the window, compressed as they were, with headers.

        `part`: of those addresses alone that hold it.
        """
        return sum(_size(request) for request in self._finished if part in request.url)

    def slow_down(self, conditions: Mapping[str, Any] = SLOW_3G) -> CDPSession:
        """Give the page a poor connection from now on. Chromium only."""
        session = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", dict(conditions))
        return session

    def close(self) -> None:
        """Close it; fails on complaints nobody looked at."""
        self.context.close()
        self.check()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _question(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.netloc not in self._ours:
            self._complain(f"asks a stranger: {request.url}")

    def _complain(self, text: str) -> None:
        self._complaints.append(text)


def _size(request: Request) -> int:
    """What came for a question. Of a worker's own script the browser tells no size, but its headers do."""
    sizes, answer = request.sizes(), request.response()
    told = int(answer.headers.get("content-length", 0)) if answer else 0
    return (sizes["responseBodySize"] or told) + sizes["responseHeadersSize"]


def origins(addresses: Mapping[str, str], services: Collection[str]) -> dict[str, str]:
    """Where services are, by their short names, `public_map`, `intake`, …; and the issuer, at whom officers sign in."""
    names = [service.replace("-", "_") for service in services]
    issuer = urlsplit(addresses["KMZB_CASEWORK_DISCOVERY_URL"])._replace(path="").geturl()
    return {"issuer": issuer} | {name: url for name in names if (url := addresses.get(f"KMZB_{name.upper()}_URL"))}

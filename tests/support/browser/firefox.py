"""Debian's Firefox as a test drives it: WebDriver's clicks and keys by Marionette, which it speaks itself."""

import base64
import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.wait import eventually

STARTS_WITHIN = 90.0
_ANSWERS_WITHIN = 120.0
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PREFERENCES = {
    "marionette.port": 0,  # any free one: it is written into the profile
    "intl.accept_languages": "pl",
    "webgl.force-enabled": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
}


class Firefox:
    """A running one with one window. Raises AssertionError with Firefox's own words when a command fails."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWERS_WITHIN)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._read()  # who it is
        self._send("WebDriver:NewSession", {"capabilities": {}})
        self._send("WebDriver:SetTimeouts", {"implicit": 30_000})

    def open(self, address: str) -> None:
        """Go there, and wait until it has loaded."""
        self._send("WebDriver:Navigate", {"url": address})

    def resize(self, width: int, height: int) -> None:
        """Make the window so large, in pixels."""
        self._send("WebDriver:SetWindowRect", {"width": width, "height": height})

    def click(self, selector: str) -> None:
        """Click on the first element a selector finds, once there is one."""
        self._send("WebDriver:ElementClick", {"id": self._find(selector)})

    def type(self, selector: str, text: str) -> None:
        """Type into a field, key by key."""
        self._send("WebDriver:ElementSendKeys", {"id": self._find(selector), "text": text})

    def text(self, selector: str) -> str:
        """What is to be read in an element."""
        return str(self._send("WebDriver:GetElementText", {"id": self._find(selector)})["value"])

    def evaluate(self, script: str) -> Any:
        """What a script returns on the page."""
        return self._send("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def screenshot(self, file: Path) -> None:
        """A picture of the window."""
        picture = self._send("WebDriver:TakeScreenshot", {"full": False})["value"]
        file.write_bytes(base64.b64decode(picture))

    def quit(self) -> None:
        """Ask it to end."""
        self._send("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._file.close()
        self._socket.close()

    def _find(self, selector: str) -> str:
        found = self._send("WebDriver:FindElement", {"using": "css selector", "value": selector})
        return str(found["value"][_ELEMENT])

    def _send(self, command: str, parameters: Mapping[str, Any]) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, number, error, value = self._read()
        assert number == self._number
        assert error is None, f"{command} {parameters}: {error}"
        return value

    def _read(self) -> Any:
        length = b""
        while (byte := self._file.read(1)) not in (b":", b""):
            length += byte
        return json.loads(self._file.read(int(length)))


@contextmanager
def running_firefox(program: str, folder: Path) -> Iterator[Firefox]:
    """Firefox without a screen, with a profile of its own below `folder`; ended with what it started."""
    profile = folder / "profile"
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    port, log = profile / "MarionetteActivePort", folder / "firefox.log"
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            eventually(lambda: port.exists() and port.read_text(), STARTS_WITHIN, what=f"Firefox; see {log}")
            firefox = Firefox(int(port.read_text()))
            yield firefox
            firefox.quit()
            process.wait(30)
        finally:
            process.kill()

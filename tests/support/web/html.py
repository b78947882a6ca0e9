"""HTML as the standard has it: html-validate from npm, over what a service answered or a browser made of it."""

import atexit
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def validate(html: str) -> None:
    """Fails with each rule a page breaks, and where. Asked twice for one page, looks once."""
    found = _offences(html)
    assert not found, "not valid HTML:\n" + "\n".join(found)


@cache
def _offences(html: str) -> list[str]:
    lines = html.splitlines()
    return [
        f"{message['line']}:{message['column']}: {message['message']} [{message['ruleId']}]"
        f" in {lines[message['line'] - 1].strip()[:120]}"
        for message in _validator().ask(html)
    ]


class _Validator:
    """One process for the whole run: node takes a second to begin, a page some milliseconds."""

    def __init__(self) -> None:
        command = ["node", str(Path(__file__).with_name("validator.js"))]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, html: str) -> list[dict[str, Any]]:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(html), file=self._process.stdin, flush=True)
        answer: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> None:
        with self._process:  # closes its input, at which it ends
            pass


@cache
def _validator() -> _Validator:
    validator = _Validator()
    atexit.register(validator.end)
    return validator

"""`kmzb` as an operator types it, with the system in the environment, as `.stack/env` gives it."""

import json
from collections.abc import Mapping
from typing import Any

from deploy.stack.process import StackError
from operations.cli import app
from structlog.testing import capture_logs
from typer.testing import CliRunner


class Kmzb:
    """The command, told where one system is."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = dict(addresses)

    def __call__(self, *words: str, ends: int = 0) -> str:
        """What it prints, ending with this exit code."""
        done = CliRunner().invoke(app, list(words), env=self._addresses)
        assert done.exit_code == ends, (done.exit_code, done.output, done.exception)
        return done.output

    def json(self, *words: str, ends: int = 0) -> Any:
        """The document it prints with `--json`."""
        with capture_logs():  # what clients complain of goes to stderr in a process of its own
            return json.loads(self(*words, "--json", ends=ends))

    def code(self, *words: str) -> int:
        """Its exit code."""
        return CliRunner().invoke(app, list(words), env=self._addresses).exit_code

    def refusal(self, *words: str) -> str:
        """Why it refuses; nothing is printed but that."""
        done = CliRunner().invoke(app, list(words), env=self._addresses)
        assert isinstance(done.exception, StackError), (done.exit_code, done.output, done.exception)
        return str(done.exception)

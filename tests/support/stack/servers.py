"""The servers that tests stand on: one private stack per run, shared by the workers of a run that has several."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from deploy.stack.infrastructure import Stack
from support.stack.leftovers import remove_leftovers

RUNS = Path(__file__).resolve().parents[3] / ".stack" / "test"
_SERVERS = "servers"


@contextmanager
def private_stack() -> Iterator[Stack]:
    """Kafka, PostgreSQL and Redis of this run alone; or those the environment names."""
    remove_leftovers(RUNS)
    root = RUNS / f"{os.getpid()}-{token_hex(3)}"
    private = Stack(root, durable=False)
    try:
        private.start()
        yield private
    finally:
        private.stop()
        shutil.rmtree(root, ignore_errors=True)


class SharedServers:
    """A plugin of the process that hands tests out: it starts the servers and says to each worker where they are."""

    def __init__(self) -> None:
        self._until_the_end = ExitStack()
        self._addresses: dict[str, str] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Called before each worker starts."""
        if not self._addresses:
            self._addresses = self._until_the_end.enter_context(private_stack()).addresses
        node.workerinput[_SERVERS] = self._addresses

    def pytest_unconfigure(self) -> None:
        """Called once all workers have ended."""
        self._until_the_end.close()


def shared_servers(config: pytest.Config) -> dict[str, str] | None:
    """Where the servers are, in a worker; None in a run of one process, which starts its own when first asked."""
    given: dict[str, str] | None = getattr(config, "workerinput", {}).get(_SERVERS)
    return given


def worker_number(config: pytest.Config) -> int:
    """0, 1, 2, … for the workers of a run; 0 in a run of one process."""
    return int(str(getattr(config, "workerinput", {}).get("workerid", "gw0")).removeprefix("gw"))

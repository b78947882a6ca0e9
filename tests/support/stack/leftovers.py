"""Cleans up after test runs that were killed before they could."""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from deploy.stack.process import running


def remove_leftovers(runs: Path) -> None:
    """End the servers of runs whose own process is gone, and remove their folders."""
    for root in runs.glob("*-*"):
        pid = root.name.partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            for pidfile in (root / "run").glob("*.pid"):
                if (left := running(pidfile)) is not None:
                    with suppress(ProcessLookupError):
                        os.kill(left, signal.SIGKILL)
            shutil.rmtree(root, ignore_errors=True)

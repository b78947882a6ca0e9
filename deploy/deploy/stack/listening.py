"""Which process listens on a TCP port of this machine, as the kernel's tables say."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Listener:
    """A process that listens; None for what it is when it belongs to a user whose processes we may not look into."""

    pid: int | None = None

    def __str__(self) -> str:
        if self.pid is None:
            return "another user's process"
        words = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0") if self.alive else []
        command = " ".join(word.decode(errors="replace") for word in words).strip()[:120]
        return f"process {self.pid} ({command})" if command else f"process {self.pid}"

    @property
    def alive(self) -> bool:
        return Path(f"/proc/{self.pid}/cmdline").exists()


def listens(pid: int, port: int) -> bool:
    """Whether the process itself listens on the port."""
    return bool(_sockets(port) & _open_sockets(pid))


def listener(port: int) -> Listener | None:
    """Who listens on the port; None when nobody does."""
    wanted = _sockets(port)
    if not wanted:
        return None
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and wanted & _open_sockets(int(entry.name)):
            return Listener(int(entry.name))
    return Listener()


def _sockets(port: int) -> frozenset[str]:
    """The inodes of the sockets that listen on the port, of either family."""
    found = set()
    for table in ("tcp", "tcp6"):
        with suppress(FileNotFoundError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return frozenset(found)


def _open_sockets(pid: int) -> frozenset[str]:
    found = set()
    with suppress(OSError):  # it has ended, or is another user's
        for descriptor in os.scandir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                found.add(os.readlink(descriptor.path))
    return frozenset(found)

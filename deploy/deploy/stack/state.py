"""What a stack remembers between starts, in its root folder: the ports it took and the secrets it made."""

import base64
import json
import random
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey

from deploy.private_files import write_private

# Below the range the kernel gives outgoing connections, so a remembered port is rarely taken in between.
PRIVATE_PORTS = range(20_000, 30_000)


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports by name, kept in `ports.json`."""

    file: Path

    def get(self, name: str, *, first: int | None = None, in_use: bool = False) -> int:
        """The port of a part: the one it had, else the next free from `first`, else any free private one.

        `in_use` says that the part runs, so its port is taken because it is its own.
        """
        known: dict[str, int] = json.loads(self.file.read_text()) if self.file.exists() else {}
        port = known.get(name)
        if port is not None and (in_use or _free(port)):
            return port
        taken = set(known.values())
        candidates = range(first, first + 1000) if first else random.sample(PRIVATE_PORTS, 1000)
        known[name] = next(port for port in candidates if port not in taken and _free(port))
        write_private(self.file, json.dumps(known, indent=1))
        return known[name]


@dataclass(frozen=True, slots=True)
class Keys:
    """Development secrets, made when first asked for and kept in `secrets.json`."""

    file: Path

    def hex(self, name: str) -> str:
        """32 random bytes, in hexadecimal."""
        known: dict[str, str] = json.loads(self.file.read_text()) if self.file.exists() else {}
        if name not in known:
            known[name] = secrets.token_hex(32)
            write_private(self.file, json.dumps(known, indent=1))
        return known[name]

    def box(self) -> tuple[str, str]:
        """Private and public key of the box citizens' contacts are sealed in, base64."""
        key = PrivateKey(bytes.fromhex(self.hex("contact_box")))
        private, public = key.encode(), key.public_key.encode()
        return base64.b64encode(private).decode(), base64.b64encode(public).decode()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections only wait to be forgotten counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""A container's health check: exit code 0 when something answers at a URL.

python -m deploy.healthy http://127.0.0.1:8101/readyz
"""

import socket
import sys
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen


def healthy(url: str) -> bool:
    """A GET answered with success, or a connection taken where the URL isn't HTTP."""
    address = urlsplit(url)
    try:
        if address.scheme != "http":
            socket.create_connection((address.hostname or "", address.port or 0), timeout=2).close()
            return True
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1]) else 1)

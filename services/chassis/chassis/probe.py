"""A health check: whether something answers at a URL. As a program, for containers, the exit code says it.

python -m chassis.probe http://127.0.0.1:8101/readyz
"""

import socket
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 2.0


def healthy(url: str) -> bool:
    """A GET answered with success, or a connection taken where the URL isn't HTTP."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 0
    try:
        if address.scheme != "http":
            socket.create_connection((host, port), TIMEOUT_SECONDS).close()
            return True
        connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", address.path)
            return connection.getresponse().status in range(200, 300)
        finally:
            connection.close()
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(__doc__ if len(sys.argv) != 2 else 0 if healthy(sys.argv[1]) else 1)

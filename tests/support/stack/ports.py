"""Ports nobody listens on."""

from socket import socket


def free_port() -> int:
    """A port of the loopback that was free a moment ago."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def free_url() -> str:
    """The address of a server yet to be started."""
    return f"http://127.0.0.1:{free_port()}"

"""Ports of this machine for servers that tests begin."""

from __future__ import annotations

import socket


def free_port() -> int:
    """On which nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return int(closed.getsockname()[1])

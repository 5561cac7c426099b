"""The web port: the one that was asked for, or the next free one."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from enforcement.embedded.errors import EmbeddedServerError

FIRST_PORT = 8000
PORTS_TRIED = 200


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on `host:port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: the leftovers of closed connections do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose_port(host: str, environment: Mapping[str, str]) -> int:
    """`PORT` if given, else the next free port from 8000.

    Raises:
        EmbeddedServerError: `PORT` is no port, or it is taken, or nothing is free.
    """
    given = environment.get("PORT", "").strip()
    if given:
        if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 65535:
            raise EmbeddedServerError(f"PORT={given} is not a port: give a number from 1 to 65535, or leave it out.")
        if not is_free(host, int(given)):
            raise EmbeddedServerError(
                f"Port {given} on {host} is taken or not allowed: give another with PORT=..., or leave PORT out "
                "for the next free one."
            )
        return int(given)
    return next_free_port(host, FIRST_PORT)


def next_free_port(host: str, first: int) -> int:
    """The first free port from `first` on.

    Raises:
        EmbeddedServerError: none of the next 200 is free.
    """
    for port in range(first, first + PORTS_TRIED):
        if is_free(host, port):
            return port
    raise EmbeddedServerError(
        f"No port from {first} to {first + PORTS_TRIED - 1} is free on {host}: give one with PORT."
    )

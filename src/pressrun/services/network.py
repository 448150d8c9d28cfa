"""Whether a network is there for a service that `auto` would like to choose."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import cache

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
PATIENCE = 2.0
"""Seconds in which a host must answer to count as there."""
ELSEWHERE = "192.0.2.1"
"""An address that belongs to nobody (RFC 5737, TEST-NET-1)."""


def routed() -> bool:
    """Whether this machine knows a way out: a proxy, or a route. Nothing is sent."""
    if any(os.environ.get(name) for name in PROXIES):
        return True
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket looks up the route and sends no packet.
        probe.connect((ELSEWHERE, 9))
        return True
    return False


@cache
def answers(host: str) -> bool:
    """Whether `host` takes a connection for HTTPS, directly or through the proxy; asked once per process."""
    proxy = next((value for name in PROXIES if (value := os.environ.get(name))), "")
    name, port = _address(proxy) if proxy else (host, 443)
    with suppress(OSError), socket.create_connection((name, port), PATIENCE):
        return True
    return False


def _address(url: str) -> tuple[str, int]:
    from urllib.parse import urlsplit

    parts = urlsplit(url if "//" in url else f"//{url}")
    return parts.hostname or "", parts.port or 80

"""Whether a network is there for a service that `auto` would like to choose."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from http.client import HTTPConnection
    from ssl import SSLContext

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables with certificates that the client libraries trust, besides those that Python heeds by itself."""
PATIENCE = 2.0
"""Seconds in which a host must answer to count as there, with the look-up of its name."""
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
    """Whether `host` itself answers to HTTPS, directly or through the proxy; asked once per process.

    A connection alone says little: proxies, firewalls and the pages of hotels take one for every host.
    """
    found: list[bool] = []
    # A name may be looked up for half a minute, which no time limit of a connection ends.
    asking = Thread(target=lambda: found.append(_speaks(host)), daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return found == [True]


def is_near(host: str) -> bool:
    """Whether `host` needs no internet: this machine, or one of the local network."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local"))


def _speaks(host: str) -> bool:
    from http.client import HTTPException

    with suppress(OSError, ValueError, HTTPException):
        connection = _connection(host)
        try:
            connection.connect()
        finally:
            connection.close()
        return True
    return False


def _connection(host: str) -> HTTPConnection:
    """One that is made by a handshake with `host`; with a proxy that speaks no HTTP, by one with the proxy."""
    from http.client import HTTPConnection, HTTPSConnection
    from urllib.request import proxy_bypass

    proxy = next((value for name in PROXIES if (value := os.environ.get(name))), "")
    if not proxy or proxy_bypass(host):
        return HTTPSConnection(host, timeout=PATIENCE, context=_trusted())
    scheme, name, port, headers = _parts(proxy)
    if scheme != "http":
        return HTTPConnection(name, port, timeout=PATIENCE)
    connection = HTTPSConnection(name, port, timeout=PATIENCE, context=_trusted())
    connection.set_tunnel(host, 443, headers)
    return connection


def _trusted() -> SSLContext:
    import ssl

    context = ssl.create_default_context()
    for variable in CERTIFICATES:
        if place := os.environ.get(variable):
            context.load_verify_locations(**{"capath" if Path(place).is_dir() else "cafile": place})
    with suppress(ImportError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _parts(url: str) -> tuple[str, str, int, dict[str, str]]:
    """Scheme, host, port and what the proxy wants to be told."""
    from base64 import b64encode
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url if "//" in url else f"http://{url}")
    headers = {}
    if parts.username is not None:
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {b64encode(known.encode()).decode()}"
    return parts.scheme, parts.hostname or "", parts.port or 80, headers

"""Check whether the network is available for a service that `auto` considers."""

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

PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables with certificates that the client libraries trust, in addition to those Python reads itself."""
PROBE_TIMEOUT = 2.0
"""Seconds in which a host must respond, including the DNS lookup."""
TEST_ADDRESS = "192.0.2.1"
"""A reserved documentation address (RFC 5737, TEST-NET-1)."""


def has_route() -> bool:
    """Return whether this machine has a proxy or a default route. Nothing is sent."""
    if any(os.environ.get(name) for name in PROXY_VARIABLES):
        return True
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket looks up the route without sending a packet.
        probe.connect((TEST_ADDRESS, 9))
        return True
    return False


@cache
def host_responds(host: str) -> bool:
    """Return whether `host` responds to HTTPS, directly or through the proxy. The result is cached per process.

    A TCP connection proves little: proxies, firewalls and captive portals accept one for every host.
    """
    found: list[bool] = []
    # A DNS lookup may take half a minute, and the timeout of a connection does not cover it.
    asking = Thread(target=lambda: found.append(_completes_handshake(host)), daemon=True)
    asking.start()
    asking.join(PROBE_TIMEOUT)
    return found == [True]


def is_near(host: str) -> bool:
    """Return whether `host` needs no internet: this machine, or one on the local network."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local"))


def _completes_handshake(host: str) -> bool:
    if not any(os.environ.get(name) for name in PROXY_VARIABLES):
        # Without a network this fails at once, and reading the certificates, which takes 0.2 s, can be spared.
        try:
            socket.getaddrinfo(host, 443)
        except (OSError, UnicodeError):
            return False
    from http.client import HTTPException

    with suppress(OSError, ValueError, HTTPException):
        connection = _open_connection(host)
        try:
            connection.connect()
        finally:
            connection.close()
        return True
    return False


def _open_connection(host: str) -> HTTPConnection:
    """Return a connection that does a TLS handshake with `host`, or with the proxy if that does not speak HTTP."""
    from http.client import HTTPConnection, HTTPSConnection
    from urllib.request import proxy_bypass

    proxy = next((value for name in PROXY_VARIABLES if (value := os.environ.get(name))), "")
    if not proxy or proxy_bypass(host):
        return HTTPSConnection(host, timeout=PROBE_TIMEOUT, context=_ssl_context())
    scheme, name, port, headers = _parse_proxy(proxy)
    if scheme != "http":
        return HTTPConnection(name, port, timeout=PROBE_TIMEOUT)
    connection = HTTPSConnection(name, port, timeout=PROBE_TIMEOUT, context=_ssl_context())
    connection.set_tunnel(host, 443, headers)
    return connection


@cache
def _ssl_context() -> SSLContext:
    # Cached, because reading the certificates takes longer than a plan should wait for it twice.
    import ssl

    context = ssl.create_default_context()
    for variable in CERTIFICATE_VARIABLES:
        if path := os.environ.get(variable):
            context.load_verify_locations(**{"capath" if Path(path).is_dir() else "cafile": path})
    with suppress(ImportError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _parse_proxy(url: str) -> tuple[str, str, int, dict[str, str]]:
    """Return scheme, host, port and authorization headers of a proxy."""
    from base64 import b64encode
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url if "//" in url else f"http://{url}")
    headers = {}
    if parts.username is not None:
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {b64encode(known.encode()).decode()}"
    return parts.scheme, parts.hostname or "", parts.port or 80, headers

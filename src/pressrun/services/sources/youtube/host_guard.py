"""Restrict requests to the hosts of the setting `source_hosts` and their subdomains, never to the local network.

Every request is checked before it is sent, redirects too. The resolved address is checked again when connecting, so
that an allowed name cannot resolve to a machine on the local network (DNS rebinding). A proxy resolves names itself,
so with a proxy only the names are checked.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

OPEN_SCHEMES = ("http", "https")
_tls_contexts: dict[tuple[bool, bool, bool], Any] = {}


class HostBlockedError(ValueError):
    """A request that must not be sent. A `ValueError`, because urllib and yt-dlp do not wrap it."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host} {why}")
        self.host = host


@dataclass(frozen=True)
class HostGuard:
    """The allowed hosts: names or addresses, lowercase, without a port."""

    hosts: tuple[str, ...]

    @property
    def is_local(self) -> bool:
        """Return whether only this machine is allowed."""
        return bool(self.hosts) and all(each == "localhost" or each.startswith("127.") for each in self.hosts)

    def check(self, url: str) -> None:
        """Raise `HostBlockedError` for an address that is not allowed."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme not in OPEN_SCHEMES:
            raise HostBlockedError(url[:100], f"is not an address with {' or '.join(OPEN_SCHEMES)}")
        if not any(host == each or (host.endswith(f".{each}") and not _is_address(each)) for each in self.hosts):
            raise HostBlockedError(host or url[:100], "is not among the source_hosts")

    def check_address(self, host: str, address: str) -> None:
        """Raise `HostBlockedError` if `host` resolves to an address that is neither public nor listed itself."""
        found = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(found, "ipv4_mapped", None)
        if (mapped or found).is_global or (host in self.hosts and (_is_address(host) or host == "localhost")):
            return
        raise HostBlockedError(host, f"resolves to {address}, which is not a public address")


def host_guard(setting: str) -> HostGuard:
    """Return the guard for the setting `source_hosts`."""
    hosts = (each.strip().lower().lstrip("*.").rstrip(".") for each in setting.split(",") if each.strip())
    return HostGuard(tuple(hosts))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def guarded_handler(guard: HostGuard) -> Any:
    """Return the only request handler that yt-dlp gets: its own for urllib, with every request checked by the guard."""
    from yt_dlp.networking._urllib import UrllibRH

    class GuardedHandler(UrllibRH):  # type: ignore[misc]
        RH_KEY = "Urllib"
        _SUPPORTED_URL_SCHEMES = OPEN_SCHEMES

        def _make_sslcontext(self, legacy_ssl_support: bool | None = None) -> Any:
            # Shared by all connections of the process, because reading the certificates takes 0.1 s.
            key = (self.verify, self.prefer_system_certs, legacy_ssl_support or self.legacy_ssl_support)
            if key not in _tls_contexts:
                _tls_contexts[key] = super()._make_sslcontext(legacy_ssl_support=legacy_ssl_support)
            return _tls_contexts[key]

        def _create_instance(self, **kwargs: Any) -> Any:
            opener = super()._create_instance(**kwargs)
            context = self._make_sslcontext(legacy_ssl_support=kwargs.get("legacy_ssl_support"))
            for handler in (_request_guard(guard), _checked_connections(guard, context)):
                opener.add_handler(handler)
            return opener

    return GuardedHandler


def _request_guard(guard: HostGuard) -> Any:
    """Return a urllib handler that checks every request first, including redirects."""
    from urllib.request import BaseHandler, Request

    class RequestCheckHandler(BaseHandler):
        handler_order = 1

        def http_request(self, request: Request) -> Request:
            guard.check(request.full_url)
            return request

        https_request = ftp_request = file_request = data_request = http_request

    return RequestCheckHandler()


def _checked_connections(guard: HostGuard, context: Any) -> Any:
    """Return a urllib handler that connects to the address it has checked, and ignores requests through a proxy."""
    from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
    from urllib.request import AbstractHTTPHandler, Request

    def connect(address: tuple[str, int], timeout: float | None = None, source_address: Any = None) -> socket.socket:
        host, port = address
        error = OSError(f"{host} has no address")
        addresses = [str(resolved[0]) for *_, resolved in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)]
        for resolved in addresses:
            guard.check_address(host, resolved)
        for resolved in addresses:
            try:
                # All addresses share the timeout of one.
                made = socket.create_connection((resolved, port), timeout and timeout / len(addresses), source_address)
            except OSError as failure:
                error = failure
                continue
            made.settimeout(timeout)
            return made
        raise error

    def opened(kind: Any) -> Any:
        def make(host: str, **options: Any) -> Any:
            connection = kind(host, **options)
            connection._create_connection = connect
            return connection

        return make

    class CheckedConnectionHandler(AbstractHTTPHandler):
        handler_order = 400
        """After the proxy handler of yt-dlp (100), before the one that opens its own connections (500)."""

        def http_open(self, request: Request) -> HTTPResponse | None:
            return None if _by_proxy(request) else self.do_open(opened(HTTPConnection), request)

        def https_open(self, request: Request) -> HTTPResponse | None:
            return None if _by_proxy(request) else self.do_open(opened(HTTPSConnection), request, context=context)

    return CheckedConnectionHandler()


def _by_proxy(request: Any) -> bool:
    return bool(request.host != urlsplit(request.full_url).netloc or request.has_header("Ytdl-socks-proxy"))

"""Which hosts may be asked: those of the setting `source_hosts` with all below them, and none inside this network.

Every request is checked before it is sent, those that follow a redirect too, and the address a name stands for when
it is connected to, so that a listed name cannot lead to a machine nearby. Where a proxy is set, it looks names up
itself; then the names alone are checked.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

OPEN_SCHEMES = ("http", "https")


class HostRefusedError(ValueError):
    """A request that must not be sent. A `ValueError`, as that is what passes through urllib and yt-dlp whole."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host} {why}")
        self.host = host


@dataclass(frozen=True)
class Fence:
    """`hosts` are names or addresses in small letters, without a port."""

    hosts: tuple[str, ...]

    @property
    def nearby(self) -> bool:
        """Whether nothing but this machine may be asked."""
        return bool(self.hosts) and all(each == "localhost" or each.startswith("127.") for each in self.hosts)

    def check(self, url: str) -> None:
        """Raises `HostRefusedError` for an address that must not be asked."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme not in OPEN_SCHEMES:
            raise HostRefusedError(url[:100], f"is no address of {' or '.join(OPEN_SCHEMES)}")
        if not any(host == each or (host.endswith(f".{each}") and not _is_address(each)) for each in self.hosts):
            raise HostRefusedError(host or url[:100], "is not among the source_hosts")

    def check_address(self, host: str, address: str) -> None:
        """Raises `HostRefusedError` where `host` stands for an address that is not public and not listed itself."""
        found = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(found, "ipv4_mapped", None)
        if (mapped or found).is_global or (host in self.hosts and (_is_address(host) or host == "localhost")):
            return
        raise HostRefusedError(host, f"stands for {address}, which is not a public address")


def fence_of(setting: str) -> Fence:
    """The fence of the setting `source_hosts`."""
    return Fence(tuple(each.strip().lower().lstrip("*.").rstrip(".") for each in setting.split(",") if each.strip()))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def fenced_handler(fence: Fence) -> Any:
    """The one request handler that yt-dlp gets: its own for urllib, whose every request passes the fence."""
    from yt_dlp.networking._urllib import UrllibRH

    class FencedRH(UrllibRH):  # type: ignore[misc]
        RH_KEY = "Urllib"
        _SUPPORTED_URL_SCHEMES = OPEN_SCHEMES

        def _create_instance(self, **kwargs: Any) -> Any:
            opener = super()._create_instance(**kwargs)
            context = self._make_sslcontext(legacy_ssl_support=kwargs.get("legacy_ssl_support"))
            for handler in (_gate(fence), _checked_connections(fence, context)):
                opener.add_handler(handler)
            return opener

    return FencedRH


def _gate(fence: Fence) -> Any:
    """An urllib handler that sees each request first, whatever it came from."""
    from urllib.request import BaseHandler, Request

    class Gate(BaseHandler):
        handler_order = 1

        def http_request(self, request: Request) -> Request:
            fence.check(request.full_url)
            return request

        https_request = ftp_request = file_request = data_request = http_request

    return Gate()


def _checked_connections(fence: Fence, context: Any) -> Any:
    """An urllib handler that connects to the very address it has checked, and leaves what goes by a proxy to others."""
    from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
    from urllib.request import AbstractHTTPHandler, Request

    def connect(address: tuple[str, int], timeout: float | None = None, source_address: Any = None) -> socket.socket:
        host, port = address
        error = OSError(f"{host} has no address")
        places = [str(place[0]) for *_, place in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)]
        for place in places:
            fence.check_address(host, place)
        for place in places:
            try:
                # All of them together get the time that one may take.
                made = socket.create_connection((place, port), timeout and timeout / len(places), source_address)
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

    class Direct(AbstractHTTPHandler):
        handler_order = 400
        """After the proxy handler of yt-dlp (100), before the one that opens connections of its own (500)."""

        def http_open(self, request: Request) -> HTTPResponse | None:
            return None if _by_proxy(request) else self.do_open(opened(HTTPConnection), request)

        def https_open(self, request: Request) -> HTTPResponse | None:
            return None if _by_proxy(request) else self.do_open(opened(HTTPSConnection), request, context=context)

    return Direct()


def _by_proxy(request: Any) -> bool:
    return bool(request.host != urlsplit(request.full_url).netloc or request.has_header("Ytdl-socks-proxy"))

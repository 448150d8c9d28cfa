"""Send one HTTP request with limits on time and size, through the proxy of the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from pressrun.clock import awake_time
from pressrun.errors import NetworkError

CHUNK_BYTES = 1 << 16
MAX_REDIRECTS = 5
RETRY_LATER = "Run the same command again later."
USER_AGENT = "Pressrun (makes videos of books)"


@dataclass(frozen=True)
class Response:
    """A reply. The names in `headers` are lowercase."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    method: str,
    url: str,
    *,
    timeout: float,
    max_bytes: int,
    total_timeout: float = 120.0,
    body: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    is_allowed: Callable[[str], bool] | None = None,
) -> Response:
    """Return the response to `method url`, whatever its status; `body` is sent as JSON.

    `timeout` is in seconds, to connect and between two bytes; `total_timeout` limits the whole request, `max_bytes` the
    size of the reply. Redirects are followed only to addresses that `is_allowed` accepts. Raises `NetworkError`, which
    names the host, if it cannot be reached, does not respond in time, or sends too much.
    """
    deadline = awake_time() + total_timeout
    with open_response(method, url, timeout=timeout, body=body, headers=headers, is_allowed=is_allowed) as answer:
        body_read = _read(answer, url, max_bytes, deadline)
        return Response(answer.status_code, _lowercase_names(answer.headers), body_read)


@contextmanager
def open_response(
    method: str,
    url: str,
    *,
    timeout: float,
    body: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    is_allowed: Callable[[str], bool] | None = None,
) -> Iterator[Any]:
    """Yield the `requests` response to `method url`, whose body is not read yet. Parameters and errors as for `fetch`.

    An error while the block reads the body is a `NetworkError` too.
    """
    import requests

    sent = {"User-Agent": USER_AGENT, **(headers or {})}
    for _ in range(MAX_REDIRECTS + 1):
        try:
            with requests.request(
                method, url, json=body, headers=sent, timeout=timeout, stream=True, allow_redirects=False,
                # Otherwise requests would replace a key given here with one from the user's .netrc.
                auth=lambda request: request,
            ) as answer:
                location = str(answer.headers.get("Location", ""))
                if not (answer.is_redirect and is_allowed and location):
                    yield answer
                    return
        except (requests.RequestException, ValueError) as error:
            raise NetworkError(f"{host_of(url)} {_problem(error)}", remedy=RETRY_LATER) from None
        url = urljoin(url, location)
        if not is_allowed(url):
            raise NetworkError(f"{host_of(url)} is not an allowed host", remedy=RETRY_LATER)
    raise NetworkError(f"{host_of(url)} redirects too often", remedy=RETRY_LATER)


def host_of(url: str) -> str:
    """Return the host of an address for messages; the rest may contain secrets."""
    try:
        return urlsplit(url).hostname or "The server"
    except ValueError:
        return "The server"


def _read(answer: Any, url: str, max_bytes: int, deadline: float) -> bytes:
    data = bytearray()
    for chunk in answer.iter_content(CHUNK_BYTES):
        data += chunk
        if len(data) > max_bytes:
            raise NetworkError(f"{host_of(url)} returned more than {max_bytes:,} bytes", remedy=RETRY_LATER)
        if awake_time() > deadline:
            raise NetworkError(f"{host_of(url)} answers too slowly", remedy=RETRY_LATER)
    return bytes(data)


def _lowercase_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _problem(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "has an untrusted certificate"
    if isinstance(error, requests.exceptions.ProxyError):
        return "cannot be reached through the proxy"
    if isinstance(error, requests.exceptions.Timeout):
        return "does not answer in time"
    return "does not answer"

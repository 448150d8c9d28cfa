"""Send requests to YouTube through Google's client library, each exactly once and with a short read timeout.

httplib2 silently resends a request if the connection ends before the reply. For an upload this could publish the video
twice, so the connections here raise an error for a lost reply instead.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, PressrunError
from pressrun.services.publishers.youtube import token as tokens
from pressrun.services.publishers.youtube.api_errors import api_error
from pressrun.services.publishers.youtube.locations import api_address

if TYPE_CHECKING:
    from http.client import HTTPResponse

READ_TIMEOUT = 12.0
"""Seconds without a byte in either direction after which a connection counts as dropped."""
MAX_TRIES = 3
"""Tries of a request that changes nothing."""
INVALID_REPLY = "its reply is invalid"
"""For example from a captive portal between this machine and YouTube."""
FIRST_RETRY_DELAY = 0.3
"""Seconds before the second try; each further delay is three times as long."""


_RETRY_LATER = "Run the same command again later."


class LostReplyError(Exception):
    """The connection broke, and it is unknown whether the request arrived."""


class SingleSendHttp:
    """The HTTP client of the library: httplib2 with the token and without resending."""

    def __init__(self, credentials: Any) -> None:
        from google_auth_httplib2 import AuthorizedHttp

        self._http = _single_send_http()(timeout=READ_TIMEOUT, **({"proxy_info": None} if api_address() else {}))
        self._http.follow_redirects = False  # a token goes to no other host, and 308 has a different meaning in uploads
        self._authorized = AuthorizedHttp(credentials, http=self._http, refresh_status_codes=())
        self._credentials = credentials
        self._refreshed = False

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None, **_: Any
    ) -> tuple[Any, bytes]:
        """Send one request and return its reply. Raises `LostReplyError`, and `AuthenticationError` if there is no
        valid token."""
        response, content = self._send(uri, method, body, headers)
        if response.status == 401 and not self._refreshed:
            # Rejected before it was processed: a wrong local clock may have kept an expired token.
            self._refreshed = True
            self._credentials.token = None
            if body is None or isinstance(body, (str, bytes)):
                return self._send(uri, method, body, headers)
            raise LostReplyError("the token was not accepted")
        return response, content

    def _send(self, uri: str, method: str, body: Any, headers: dict[str, str] | None) -> tuple[Any, bytes]:
        from http.client import HTTPException

        import httplib2
        from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

        before = self._credentials.token
        try:
            reply: tuple[Any, bytes] = self._authorized.request(uri, method, body=body, headers=headers)
        except (RefreshError, TransportError, GoogleAuthError) as error:
            self._close_connections()
            raise _token_error(error) from error
        except (TypeError, ValueError, LookupError) as error:
            self._close_connections()
            if self._credentials.valid:
                raise
            raise NetworkError(f"YouTube did not return a new token: {INVALID_REPLY}", remedy=_RETRY_LATER) from error
        except (OSError, HTTPException, httplib2.HttpLib2Error) as error:
            self._close_connections()
            raise LostReplyError(redaction.redact(str(error)) or type(error).__name__) from error
        except BaseException:
            self._close_connections()
            raise
        if self._credentials.token != before:
            # If it cannot be written, e.g. in a mounted secret, every process refreshes its own.
            with suppress(OSError):
                tokens.save(self._credentials)
        return reply

    def _close_connections(self) -> None:
        """Close all connections: a late reply must not be taken for the reply to a new request."""
        for connection in self._http.connections.values():
            connection.close()
        self._http.connections.clear()


@cache
def _single_send_http() -> Any:
    """An httplib2 client whose connections treat a lost reply as an error instead of sending the request again."""
    from http.client import BadStatusLine, ResponseNotReady

    import httplib2

    class SingleSendMixin:
        def getresponse(self) -> HTTPResponse:
            try:
                return super().getresponse()  # type: ignore[misc, no-any-return]
            except (BadStatusLine, ResponseNotReady) as error:
                raise ConnectionResetError("the connection ended before the reply") from error

    class SingleSendHttpConnection(SingleSendMixin, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
        pass

    class SingleSendHttpsConnection(SingleSendMixin, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
        pass

    class SingleSendClient(httplib2.Http):  # type: ignore[misc]
        def request(self, uri: str, *given: Any, **named: Any) -> Any:
            # For every request, including those for a token: connections are cached by host and reused.
            https = uri.startswith("https:")
            named["connection_type"] = SingleSendHttpsConnection if https else SingleSendHttpConnection
            return super().request(uri, *given, **named)

    return SingleSendClient


def _token_error(error: Exception) -> PressrunError:
    text = redaction.redact(" ".join(str(part) for part in error.args))
    if "invalid_grant" in text or "invalid_client" in text or "unauthorized_client" in text:
        return AuthenticationError(
            "YouTube no longer accepts the token: it was revoked or has expired",
            remedy=f"{tokens.SIGN_IN}. Tokens of an app in testing expire after 7 days.",
        )
    return NetworkError(f"YouTube did not return a new token: {text[:200]}", remedy=_RETRY_LATER)


def open_service() -> Any:
    """Open the YouTube Data API with the description bundled with the library, without a request.

    Raises `AuthenticationError` if there is no token.
    """
    from googleapiclient.discovery import build
    from googleapiclient.http import HttpRequest

    address = api_address()
    http_client = SingleSendHttp(tokens.to_credentials(tokens.load()))
    plain = address.startswith("http://")
    secure = address.replace("http://", "https://", 1)

    def request(sender: Any, postproc: Any, uri: str, **named: Any) -> Any:
        # The library takes host and port for uploads from `api_endpoint`, but keeps the old scheme.
        return HttpRequest(sender, postproc, uri.replace(secure, address, 1) if plain else uri, **named)

    return build(
        "youtube", "v3", http=http_client, static_discovery=True, cache_discovery=False, requestBuilder=request,
        client_options={"api_endpoint": address} if address else None,
    )


def execute_with_retries(request: Any, what: str, tries: int = MAX_TRIES) -> Any:
    """Return the reply to an idempotent `request`; `what` completes the error message "YouTube did not".

    Raises `NetworkError` if there is no reply, and the errors of `api_error`.
    """
    for number in range(1, tries + 1):
        try:
            return execute(request, what)
        except NetworkError:
            if number == tries:
                raise
            time.sleep(FIRST_RETRY_DELAY * 3 ** (number - 1))
    raise AssertionError("unreachable")


def execute(request: Any, what: str) -> Any:
    """Send `request` once and return the reply. Raises like `execute_with_retries`."""
    from googleapiclient.errors import HttpError

    try:
        reply = request.execute(num_retries=0)
    except HttpError as error:
        raise api_error(error.status_code, error.content, what) from error
    except LostReplyError as error:
        raise network_error(what, error) from error
    if not isinstance(reply, dict):
        raise network_error(what, INVALID_REPLY)
    return reply


@contextmanager
def parsing_reply(what: str) -> Iterator[None]:
    """Raise `NetworkError` if the reply lacks a field that the block reads; `what` as in `execute_with_retries`."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise network_error(what, INVALID_REPLY) from error


def network_error(what: str, error: object) -> NetworkError:
    return NetworkError(
        f"YouTube did not {what}: {error}", remedy="Check the network, and run the same command again."
    )

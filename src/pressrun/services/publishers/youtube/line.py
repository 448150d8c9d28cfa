"""The line to YouTube: the real client library, with every request sent once and a silence noticed within seconds.

httplib2 sends a request again by itself when the connection ends before the reply. For an upload that is the very
thing that must not happen unasked, so the connections here report such an end as what it is: a lost reply.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, PressrunError
from pressrun.services.publishers.youtube import token as tokens
from pressrun.services.publishers.youtube.places import api
from pressrun.services.publishers.youtube.refusals import refusal

SILENCE = 12.0
"""Seconds without a byte in either direction after which a connection counts as dropped."""
TRIES = 3
"""Of a request that changes nothing."""
NONSENSE = "its answer cannot be understood"
"""As that of something in between, which lets nobody through."""
FIRST_PAUSE = 0.3
"""Seconds before the second try; each further pause is three times as long."""


_LATER = "Run the same command again later."


class LostReply(Exception):
    """The line broke, and whether the request arrived is not known."""


class Line:
    """What the library sends its requests through: httplib2, with the token and no second sending."""

    def __init__(self, credentials: Any) -> None:
        from google_auth_httplib2 import AuthorizedHttp

        self._http = _once()(timeout=SILENCE, **({"proxy_info": None} if api() else {}))
        self._http.follow_redirects = False  # a token goes to no other host, and 308 has a meaning of its own here
        self._authorized = AuthorizedHttp(credentials, http=self._http, refresh_status_codes=())
        self._credentials = credentials
        self._refreshed = False

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None, **_: Any
    ) -> tuple[Any, bytes]:
        """One request and its reply. Raises `LostReply`, or `AuthenticationError` where no token can be had."""
        response, content = self._send(uri, method, body, headers)
        if response.status == 401 and not self._refreshed:
            # Refused before it was looked at: the clock here may be wrong about the age of the token.
            self._refreshed = True
            self._credentials.token = None
            if body is None or isinstance(body, (str, bytes)):
                return self._send(uri, method, body, headers)
            raise LostReply("the token was not accepted")
        return response, content

    def _send(self, uri: str, method: str, body: Any, headers: dict[str, str] | None) -> tuple[Any, bytes]:
        import httplib2
        from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

        before = self._credentials.token
        try:
            reply: tuple[Any, bytes] = self._authorized.request(uri, method, body=body, headers=headers)
        except (RefreshError, TransportError, GoogleAuthError) as error:
            self._hang_up()
            raise _no_token(error) from error
        except (TypeError, ValueError, LookupError) as error:
            self._hang_up()
            if self._credentials.valid:
                raise
            raise NetworkError(f"YouTube gave no new token: {NONSENSE}", remedy=_LATER) from error
        except (OSError, http.client.HTTPException, httplib2.HttpLib2Error) as error:
            self._hang_up()
            raise LostReply(redaction.redact(str(error)) or type(error).__name__) from error
        except BaseException:
            self._hang_up()
            raise
        if self._credentials.token != before:
            # Where it cannot be written, as in a mounted secret, every process gets one of its own.
            with suppress(OSError):
                tokens.save(self._credentials)
        return reply

    def _hang_up(self) -> None:
        """What an old connection would still say must not be taken for the reply to a new request."""
        for connection in self._http.connections.values():
            connection.close()
        self._http.connections.clear()


@cache
def _once() -> Any:
    """httplib2's client, on whose connections a lost reply is an error and no reason to send again."""
    import httplib2

    class Once:
        def getresponse(self) -> http.client.HTTPResponse:
            try:
                return super().getresponse()  # type: ignore[misc, no-any-return]
            except (http.client.BadStatusLine, http.client.ResponseNotReady) as error:
                raise ConnectionResetError("the connection ended before the reply") from error

    class PlainOnce(Once, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
        pass

    class SecureOnce(Once, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
        pass

    class OnceHttp(httplib2.Http):  # type: ignore[misc]
        def request(self, uri: str, *given: Any, **named: Any) -> Any:
            # Whoever asks, also for a token: connections are kept by host, and reused by the next request.
            named["connection_type"] = SecureOnce if uri.startswith("https:") else PlainOnce
            return super().request(uri, *given, **named)

    return OnceHttp


def _no_token(error: Exception) -> PressrunError:
    text = redaction.redact(" ".join(str(part) for part in error.args))
    if "invalid_grant" in text or "invalid_client" in text or "unauthorized_client" in text:
        return AuthenticationError(
            "YouTube does not accept the token any more: it was withdrawn or has expired",
            remedy=f"{tokens.SIGN_IN}. An app that is in testing loses its token after 7 days.",
        )
    return NetworkError(f"YouTube gave no new token: {text[:200]}", remedy=_LATER)


def open_service() -> Any:
    """The YouTube Data API by the description that comes with the library, so that nothing is asked for it.

    Raises `AuthenticationError` where there is no token.
    """
    from googleapiclient.discovery import build
    from googleapiclient.http import HttpRequest

    address = api()
    line = Line(tokens.credentials_of(tokens.load()))
    plain = address.startswith("http://")
    secure = address.replace("http://", "https://", 1)

    def request(sender: Any, postproc: Any, uri: str, **named: Any) -> Any:
        # The library takes host and port for uploads from `api_endpoint`, and leaves the scheme as it was.
        return HttpRequest(sender, postproc, uri.replace(secure, address, 1) if plain else uri, **named)

    return build(
        "youtube", "v3", http=line, static_discovery=True, cache_discovery=False, requestBuilder=request,
        client_options={"api_endpoint": address} if address else None,
    )


def asked(request: Any, what: str, tries: int = TRIES) -> Any:
    """The reply to `request`, which changes nothing when it is sent several times; `what` completes "YouTube did not".

    Raises `NetworkError` when there is none, and what `refusal` makes of a refusal.
    """
    for number in range(1, tries + 1):
        try:
            return told(request, what)
        except NetworkError:
            if number == tries:
                raise
            time.sleep(FIRST_PAUSE * 3 ** (number - 1))
    raise AssertionError("unreachable")


def told(request: Any, what: str) -> Any:
    """The reply to `request`, which is sent once. Raises as `asked`."""
    from googleapiclient.errors import HttpError

    try:
        reply = request.execute(num_retries=0)
    except HttpError as error:
        raise refusal(error.status_code, error.content, what) from error
    except LostReply as error:
        raise unreachable(what, error) from error
    if not isinstance(reply, dict):
        raise unreachable(what, NONSENSE)
    return reply


@contextmanager
def understood(what: str) -> Iterator[None]:
    """A reply that does not hold what the block looks for becomes a `NetworkError`; `what` as in `asked`."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise unreachable(what, NONSENSE) from error


def unreachable(what: str, error: object) -> NetworkError:
    return NetworkError(
        f"YouTube did not {what}: {error}", remedy="Look at the network, and run the same command again."
    )

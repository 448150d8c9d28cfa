"""The errors of the client. Every one has a message and a remedy; `str(error)` joins both.

::

    ClientError
    ├── ConnectionFailedError    the server does not answer
    ├── SignatureError           a webhook that was not sent by your server, or is too old
    ├── IncompleteDownloadError  a download that ended early or does not match its checksum
    └── ApiError                 the server rejected the request
        ├── AuthenticationError  401: the token is missing, invalid or expired
        ├── PermissionError      403
        ├── NotFoundError        404: it does not exist or belongs to someone else
        ├── ConflictError        409: the state of the job does not allow it
        ├── RequestError         any other 4xx: a field, parameter or row is wrong
        ├── RateLimitError       429: too many requests
        └── ServerError          5xx
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Any error of this client."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return ". ".join(part.rstrip(".") for part in (self.message, self.remedy) if part)


class ConnectionFailedError(ClientError):
    """The server does not answer."""


class SignatureError(ClientError):
    """A webhook was not sent by your server, was changed on its way, or is too old."""


class IncompleteDownloadError(ClientError):
    """A download ended early or does not match its checksum."""


class ApiError(ClientError):
    """The server rejected the request."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        message = problem.get("detail") or problem.get("title") or f"The server answered {status}"
        super().__init__(str(message), str(problem.get("remedy") or ""))
        self.status = status
        self.problem = problem
        """The body of the response, see `docs/reference/rest.md`."""
        self.errors: list[dict[str, Any]] = list(problem.get("errors") or ())
        """One entry for each field or row that is wrong: path, row, column, found, expected, message."""

    @property
    def type(self) -> str:
        """Return the last part of the type of the problem, e.g. `wrong-field`."""
        return str(self.problem.get("type", "")).rpartition(":")[2]


class AuthenticationError(ApiError):
    """The token is missing, invalid or expired."""


class PermissionError(ApiError):
    """The token does not allow the request."""


class NotFoundError(ApiError):
    """It does not exist or belongs to someone else."""


class ConflictError(ApiError):
    """The state of the job does not allow the request."""

    @property
    def state(self) -> str | None:
        """Return the state of the job."""
        return self.problem.get("state")

    @property
    def allowed(self) -> list[str]:
        """Return what is allowed in that state."""
        return list(self.problem.get("allowed") or ())


class RequestError(ApiError):
    """A field, parameter or row is wrong; `errors` lists them."""


class RateLimitError(ApiError):
    """Too many requests. The client has already retried."""


class ServerError(ApiError):
    """The server has a problem. The client has already retried."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: AuthenticationError, 403: PermissionError, 404: NotFoundError, 409: ConflictError, 429: RateLimitError,
}


def api_error(status: int, problem: Mapping[str, Any]) -> ApiError:
    """Return the error of a response with this status and body."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else RequestError)(status, problem)

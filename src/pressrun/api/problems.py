"""Every error as it leaves the API: `application/problem+json`, as RFC 9457 describes it."""

from __future__ import annotations

import logging
import math
import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pressrun import errors, redaction
from pressrun.kinds.validation import problems_in

MEDIA_TYPE = "application/problem+json"
AWAY_WAIT = 5
"""Seconds after which who met a database that is away may ask again."""

logger = logging.getLogger("pressrun.api")



@dataclass(frozen=True)
class Kind:
    status: int
    name: str
    """The end of `type`."""
    title: str


KINDS: dict[type[errors.PressrunError], Kind] = {
    errors.BodySyntaxError: Kind(400, "body-not-json", "The body is not JSON"),
    errors.TokenError: Kind(401, "no-valid-token", "A valid token is needed"),
    errors.NoSuchBatchError: Kind(404, "no-such-batch", "There is no such batch"),
    errors.BodyTimeoutError: Kind(408, "body-too-slow", "The body took too long"),
    errors.MoveError: Kind(409, "not-in-this-state", "The state of the batch does not allow it"),
    errors.BodyTooLargeError: Kind(413, "body-too-large", "The body is too large"),
    errors.BodyTypeError: Kind(415, "body-of-another-type", "The body must be JSON"),
    errors.UsageError: Kind(422, "wrong-parameter", "A parameter is wrong"),
    errors.RequestError: Kind(422, "wrong-field", "A field of the request is wrong"),
    errors.RowsError: Kind(422, "unreadable-rows", "The rows cannot be read"),
    errors.NoUsableRowsError: Kind(422, "no-usable-row", "No row can be used"),
    errors.TemplateError: Kind(422, "unusable-template", "The template cannot be used"),
    errors.SettingsError: Kind(422, "unusable-setting", "A setting cannot be used"),
    errors.SheetsUnavailableError: Kind(422, "no-sheets", "Sheets are not available"),
    errors.IdempotencyError: Kind(422, "key-used-before", "The idempotency key was used before"),
    errors.TooManyRequestsError: Kind(429, "too-many-requests", "Too many requests"),
    errors.DatabaseError: Kind(503, "queue-away", "The queue cannot be reached"),
    errors.NoSpaceError: Kind(503, "no-space", "The server is full"),
}
"""Of each class and those that stand on it. What is not named here is a defect of ours: 500."""


@dataclass(frozen=True)
class Problem:
    kind: str
    title: str
    status: int
    detail: str
    remedy: str = ""
    wrong: tuple[Mapping[str, Any], ...] = ()
    """What is wrong, one by one: path, row, column, found, expected, message."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the body."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        return {
            "type": f"urn:pressrun:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": list(self.wrong),
            "remedy": self.remedy,
            **self.more,
        }


def problem_of(error: BaseException) -> Problem:
    """What is told of an error. One that nobody foresaw tells a number, under which its traceback stands in the log."""
    kind = next((KINDS[each] for each in type(error).__mro__ if each in KINDS), None)
    if isinstance(error, errors.PressrunError) and kind:
        return _of_ours(error, Problem(kind.name, kind.title, kind.status, error.message, error.remedy))
    if isinstance(error, RequestValidationError):
        return _of_parameters(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    number = secrets.token_hex(6)
    told = "".join(traceback.format_exception(error))
    logger.error("Error %s of the API\n%s", number, redaction.redact(told))
    return Problem(
        "unexpected", "Something went wrong here", 500, f"An unexpected error; it stands in the log as {number}",
        "Try again; if it happens again, tell whoever runs this server the number.", more={"log_number": number},
    )


def response_of(problem: Problem, hidden: str = "") -> Response:
    """`hidden` is the folder of the workspace, whose place on the server is nobody's business."""
    if hidden:
        texts = (problem.detail.replace(f"{hidden}/", ""), problem.remedy.replace(f"{hidden}/", ""))
        problem = replace(problem, detail=texts[0], remedy=texts[1])
    return Response(msgspec.json.encode(problem.body()), problem.status, dict(problem.headers), MEDIA_TYPE)


def _of_ours(error: errors.PressrunError, problem: Problem) -> Problem:
    if isinstance(error, errors.RequestError):
        return replace(problem, wrong=tuple(wrong(path, found, expected) for path, found, expected in error.problems))
    if isinstance(error, errors.NoUsableRowsError):
        return replace(problem, wrong=wrong_cells(error.rejected), more={"errors_total": error.total})
    if isinstance(error, errors.MoveError):
        return replace(problem, more={"state": error.state, "allowed": list(error.allowed)})
    if isinstance(error, errors.TokenError):
        return replace(problem, headers={"WWW-Authenticate": 'Bearer realm="pressrun"'})
    if isinstance(error, errors.TooManyRequestsError):
        return replace(problem, headers={"Retry-After": str(max(1, math.ceil(error.wait)))})
    if problem.status == 503:
        return replace(problem, headers={"Retry-After": str(AWAY_WAIT)})
    if isinstance(error, errors.BodyTooLargeError | errors.BodyTimeoutError):
        return replace(problem, headers={"Connection": "close"})
    return problem


def wrong(
    path: str, found: str, expected: str, row: int | None = None, column: str | None = None
) -> dict[str, Any]:
    """One entry of `errors`."""
    where = path if row is None else f"Row {row}, {column}"
    message = f"{where}: found {found}; expected {expected}"
    return {"path": path, "row": row, "column": column, "found": found, "expected": expected, "message": message}


def wrong_cells(rejected: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    """Entries of `errors` for rejected rows, each as `Rejected.as_data` gives it."""
    return tuple(wrong("input_source", row=row["number"], **cell) for row in rejected for cell in row["problems"])


def _of_parameters(error: RequestValidationError) -> Problem:
    found = problems_in(error.errors())
    kind = KINDS[errors.UsageError]
    return Problem(
        kind.name, kind.title, kind.status, "; ".join(map(str, found)), "Correct what is named.",
        tuple(wrong(each.column, each.found, each.expected) for each in found),
    )


_HTTP = {
    404: ("no-such-path", "There is no such path", "Look at /openapi.json for the paths there are."),
    405: ("method-not-allowed", "This path has no such method", "Use a method that the header Allow names."),
}


def _of_http(error: HTTPException) -> Problem:
    phrase = HTTPStatus(error.status_code).phrase
    kind, title, remedy = _HTTP.get(error.status_code, (phrase.lower().replace(" ", "-"), phrase, ""))
    return Problem(kind, title, error.status_code, title, remedy, headers=error.headers or {})

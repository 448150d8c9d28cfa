"""Every error as the API sends it: `application/problem+json`, as RFC 9457 describes it."""

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
from pressrun.kinds.validation import to_problems

MEDIA_TYPE = "application/problem+json"
DATABASE_RETRY_AFTER = 5
"""Seconds to wait before a retry when the database does not answer."""

logger = logging.getLogger("pressrun.api")


@dataclass(frozen=True)
class ProblemType:
    """The status, the end of `type` and the title of a problem."""

    status: int
    name: str
    title: str


PROBLEM_TYPES: dict[type[errors.PressrunError], ProblemType] = {
    errors.BodySyntaxError: ProblemType(400, "body-not-json", "The body is not JSON"),
    errors.TokenError: ProblemType(401, "no-valid-token", "A valid token is required"),
    errors.NoSuchBatchError: ProblemType(404, "no-such-batch", "There is no such batch"),
    errors.NoSuchFileError: ProblemType(404, "no-such-file", "There is no such file"),
    errors.NoSuchWebhookError: ProblemType(404, "no-such-webhook", "There is no such webhook"),
    errors.BodyTimeoutError: ProblemType(408, "body-too-slow", "The body took too long"),
    errors.MoveError: ProblemType(409, "not-in-this-state", "The state of the batch does not allow it"),
    errors.BodyTooLargeError: ProblemType(413, "body-too-large", "The body is too large"),
    errors.BodyTypeError: ProblemType(415, "body-of-another-type", "The body must be JSON"),
    errors.RangeError: ProblemType(416, "no-such-range", "The file does not have these bytes"),
    errors.UsageError: ProblemType(422, "wrong-parameter", "A parameter is wrong"),
    errors.RequestError: ProblemType(422, "wrong-field", "A field of the request is wrong"),
    errors.RowsError: ProblemType(422, "unreadable-rows", "The rows cannot be read"),
    errors.NoUsableRowsError: ProblemType(422, "no-usable-row", "No row can be used"),
    errors.TemplateError: ProblemType(422, "unusable-template", "The template cannot be used"),
    errors.SettingsError: ProblemType(422, "unusable-setting", "A setting cannot be used"),
    errors.SheetsUnavailableError: ProblemType(422, "no-sheets", "The sheet is not available"),
    errors.PermissionError: ProblemType(422, "no-access", "The server has no access"),
    errors.AuthenticationError: ProblemType(422, "no-credentials", "The server has no valid credentials"),
    errors.IdempotencyError: ProblemType(422, "key-used-before", "The idempotency key was used before"),
    errors.TooManyRequestsError: ProblemType(429, "too-many-requests", "Too many requests"),
    errors.DatabaseError: ProblemType(503, "queue-away", "The queue is unavailable"),
    errors.QuotaExceededError: ProblemType(503, "quota-exceeded", "The quota of a service is used up"),
    errors.NetworkError: ProblemType(503, "service-away", "A service does not respond"),
    errors.ServerError: ProblemType(503, "service-away", "A service does not respond"),
    errors.NoSpaceError: ProblemType(503, "no-space", "The server is out of disk space"),
}
"""For each class and its subclasses. Any other error is a bug: 500."""


PLACES: dict[type[errors.PressrunError], str] = {
    errors.RowsError: "input_source",
    errors.SheetsUnavailableError: "input_source",
    errors.PermissionError: "input_source",
    errors.AuthenticationError: "input_source",
    errors.TemplateError: "template",
    errors.SettingsError: "template",
    errors.IdempotencyError: "Idempotency-Key",
    errors.UsageError: "query",
}
"""Where the only problem of an error is in the request, for errors that do not list their problems."""


@dataclass(frozen=True)
class Problem:
    """An error as it is sent."""

    kind: str
    title: str
    status: int
    detail: str
    remedy: str = ""
    errors: tuple[Mapping[str, Any], ...] = ()
    """One entry for each thing that is wrong: path, row, column, found, expected, message."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the body."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the members of the JSON object."""
        return {
            "type": f"urn:pressrun:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": list(self.errors),
            "remedy": self.remedy,
            **self.more,
        }


def problem_of(error: BaseException) -> Problem:
    """Return the problem of an error. An unexpected one gets a number, with which its traceback is logged."""
    known = next((PROBLEM_TYPES[each] for each in type(error).__mro__ if each in PROBLEM_TYPES), None)
    if isinstance(error, errors.PressrunError) and known:
        return _add_details(error, Problem(known.name, known.title, known.status, error.message, error.remedy))
    if isinstance(error, RequestValidationError):
        return _of_parameters(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    number = secrets.token_hex(6)
    text = "".join(traceback.format_exception(error))
    logger.error("Error %s of the API\n%s", number, redaction.redact(text))
    return Problem(
        "unexpected", "Something went wrong", 500, f"Unexpected error, logged as {number}",
        "Try again. If it happens again, report the number to the operator of this server.",
        more={"log_number": number},
    )


def response_of(problem: Problem, hidden: str = "") -> Response:
    """Return the response that sends a problem, without the path of the folder `hidden`."""
    if hidden:
        detail, remedy = (text.replace(f"{hidden}/", "") for text in (problem.detail, problem.remedy))
        problem = replace(problem, detail=detail, remedy=remedy)
    return Response(msgspec.json.encode(problem.body()), problem.status, dict(problem.headers), MEDIA_TYPE)


def _add_details(error: errors.PressrunError, problem: Problem) -> Problem:
    if isinstance(error, errors.RequestError):
        return replace(problem, errors=tuple(entry(path, found, expected) for path, found, expected in error.problems))
    if isinstance(error, errors.NoUsableRowsError):
        return replace(problem, errors=row_entries(error.rejected), more={"errors_total": error.total})
    if isinstance(error, errors.MoveError):
        return replace(problem, more={"state": error.state, "allowed": list(error.allowed)})
    if isinstance(error, errors.RangeError):
        return replace(problem, headers={"Content-Range": f"bytes */{error.size}"})
    if isinstance(error, errors.TokenError):
        return replace(problem, headers={"WWW-Authenticate": 'Bearer realm="pressrun"'})
    if isinstance(error, errors.TooManyRequestsError):
        return replace(problem, headers={"Retry-After": str(max(1, math.ceil(error.wait)))})
    if place := next((PLACES[each] for each in type(error).__mro__ if each in PLACES), None):
        only = {"path": place, "row": None, "column": None, "found": error.message, "expected": error.remedy}
        return replace(problem, errors=({**only, "message": error.message},))
    if problem.status == 503:
        return replace(problem, headers={"Retry-After": str(DATABASE_RETRY_AFTER)})
    if isinstance(error, errors.BodyTooLargeError | errors.BodyTimeoutError):
        # The rest of the body has not been read, so the connection cannot serve another request.
        return replace(problem, headers={"Connection": "close"})
    return problem


def entry(
    path: str, found: str, expected: str, row: int | None = None, column: str | None = None
) -> dict[str, Any]:
    """Return one entry of `errors`."""
    where = path if row is None else f"Row {row}, {column}"
    message = f"{where}: found {found}; expected {expected}"
    return {"path": path, "row": row, "column": column, "found": found, "expected": expected, "message": message}


def row_entries(rejected: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    """Return the entries of `errors` for rejected rows, which have a `number` and `problems`."""
    return tuple(entry("input_source", row=row["number"], **cell) for row in rejected for cell in row["problems"])


def _of_parameters(error: RequestValidationError) -> Problem:
    found = to_problems(error.errors())
    known = PROBLEM_TYPES[errors.UsageError]
    return Problem(
        known.name, known.title, known.status, "; ".join(map(str, found)), "Correct the parameters named here.",
        tuple(entry(each.column, each.found, each.expected) for each in found),
    )


HTTP_PROBLEMS = {
    404: ("no-such-path", "There is no such path", "See /openapi.json for the paths of the API."),
    405: ("method-not-allowed", "This path does not have this method", "Use a method from the Allow header."),
}


def _of_http(error: HTTPException) -> Problem:
    phrase = HTTPStatus(error.status_code).phrase
    kind, title, remedy = HTTP_PROBLEMS.get(error.status_code, (phrase.lower().replace(" ", "-"), phrase, ""))
    return Problem(kind, title, error.status_code, title, remedy, headers=error.headers or {})

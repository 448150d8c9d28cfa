"""Every error as it leaves the API: `application/problem+json`, as RFC 9457 describes it."""

from __future__ import annotations

import logging
import math
import re
import secrets as randomness
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pressrun import errors, secrets
from pressrun.jobs.shapes import problems_in

MEDIA_TYPE = "application/problem+json"
AWAY_WAIT = 5
"""Seconds after which who met a database that is away may ask again."""

logger = logging.getLogger("pressrun.api")

STATUS: dict[type[errors.PressrunError], int] = {
    errors.BodySyntaxError: 400,
    errors.TokenError: 401,
    errors.NoSuchBatchError: 404,
    errors.BodyTimeoutError: 408,
    errors.MoveError: 409,
    errors.BodyTooLargeError: 413,
    errors.BodyTypeError: 415,
    errors.UsageError: 422,
    errors.RequestError: 422,
    errors.RowsError: 422,
    errors.TemplateError: 422,
    errors.SettingsError: 422,
    errors.SheetsUnavailableError: 422,
    errors.IdempotencyError: 422,
    errors.TooManyRequestsError: 429,
    errors.DatabaseError: 503,
    errors.NoSpaceError: 503,
}
"""Of each class and those that stand on it. What is not named here is a defect of ours: 500."""

TITLES: dict[type[errors.PressrunError], str] = {
    errors.BodySyntaxError: "The body is not JSON",
    errors.TokenError: "A valid token is needed",
    errors.NoSuchBatchError: "There is no such batch",
    errors.BodyTimeoutError: "The body took too long",
    errors.MoveError: "The state does not allow it",
    errors.BodyTooLargeError: "The body is too large",
    errors.BodyTypeError: "The body must be JSON",
    errors.UsageError: "A parameter is wrong",
    errors.RequestError: "The request has wrong fields",
    errors.RowsError: "The rows cannot be read",
    errors.NoUsableRowsError: "No row can be used",
    errors.TemplateError: "The template cannot be used",
    errors.SettingsError: "A setting cannot be used",
    errors.SheetsUnavailableError: "Sheets are not available",
    errors.IdempotencyError: "The idempotency key was used before",
    errors.TooManyRequestsError: "Too many requests",
    errors.DatabaseError: "The queue cannot be reached",
    errors.NoSpaceError: "The server is full",
}


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
    if isinstance(error, errors.PressrunError) and (status := _nearest(STATUS, type(error))):
        return _of_ours(error, status)
    if isinstance(error, RequestValidationError):
        return _of_parameters(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    number = randomness.token_hex(6)
    told = "".join(traceback.format_exception(error))
    logger.error("Error %s of the API\n%s", number, secrets.redact(told))
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


def _nearest(table: Mapping[type[errors.PressrunError], Any], kind: type) -> Any:
    return next((table[each] for each in kind.__mro__ if each in table), None)


def _of_ours(error: errors.PressrunError, status: int) -> Problem:
    problem = Problem(
        _kebab(type(error).__name__), _nearest(TITLES, type(error)), status, _sentence(error.message), error.remedy
    )
    if isinstance(error, errors.RequestError):
        return replace(problem, wrong=tuple(wrong(path=each[0], found=each[1], expected=each[2])
                                            for each in error.problems))
    if isinstance(error, errors.NoUsableRowsError):
        return replace(problem, wrong=wrong_cells(error.rejected), more={"errors_total": error.total})
    if isinstance(error, errors.MoveError):
        return replace(problem, more={"state": error.state, "allowed": list(error.allowed)})
    if isinstance(error, errors.TokenError):
        return replace(problem, headers={"WWW-Authenticate": 'Bearer realm="pressrun"'})
    if isinstance(error, errors.TooManyRequestsError):
        return replace(problem, headers={"Retry-After": str(max(1, math.ceil(error.wait)))})
    if status == 503:
        return replace(problem, headers={"Retry-After": str(AWAY_WAIT)})
    if isinstance(error, errors.BodyTooLargeError | errors.BodyTimeoutError):
        return replace(problem, headers={"Connection": "close"})
    return problem


def wrong(
    *, path: str = "", row: int | None = None, column: str | None = None, found: str = "", expected: str = ""
) -> dict[str, Any]:
    """One entry of `errors`."""
    where = path or f"row {row}, {column}"
    message = f"{where}: found {found}; expected {expected}"
    return {"path": path, "row": row, "column": column, "found": found, "expected": expected, "message": message}


def wrong_cells(rejected: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    """Entries of `errors` for rejected rows, each as `Rejected.as_data` gives it."""
    return tuple(
        wrong(path="input_source", row=row["number"], **cell) for row in rejected for cell in row["problems"]
    )


def _of_parameters(error: RequestValidationError) -> Problem:
    found = problems_in(error.errors())
    entries = tuple(wrong(path=each.column, found=each.found, expected=each.expected) for each in found)
    detail = "; ".join(map(str, found))
    return Problem("usage", TITLES[errors.UsageError], 422, _sentence(detail), "Correct what is named.", entries)


_HTTP = {
    404: ("no-such-path", "There is no such path", "Look at /openapi.json for the paths there are."),
    405: ("method-not-allowed", "This path has no such method", "Use a method that the header Allow names."),
}


def _of_http(error: HTTPException) -> Problem:
    phrase = HTTPStatus(error.status_code).phrase
    kind, title, remedy = _HTTP.get(error.status_code, (_kebab(phrase.title().replace(" ", "")), phrase, ""))
    return Problem(kind, title, error.status_code, title, remedy, headers=error.headers or {})


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.removesuffix("Error")).lower()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

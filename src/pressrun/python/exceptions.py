"""Turn errors of jobs into data of the queue, and back into the exceptions that programs handle."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from pressrun import errors
from pressrun.error_reports import error_text
from pressrun.errors import (
    ErrorReport,
    NetworkError,
    PermissionError,
    PressrunError,
    QuotaExceededError,
    ServerError,
    UnexpectedError,
)

_REPLACED_CLASSES: dict[str, type[PressrunError]] = {
    kind.__name__: replacement
    for replacement, kinds in {
        PermissionError: (errors.FileTroubleError,),
        ServerError: (
            errors.UnexpectedError, errors.StageDiedError, errors.StageTimeoutError, errors.BookTimeoutError,
            errors.StageOutputError, errors.NoSpaceError,
        ),
    }.items()
    for kind in kinds
}  # fmt: skip
"""Name of an error class -> the class that programs get instead."""


def exception_from_report(report: Mapping[str, Any] | None) -> PressrunError:
    """Return an error that the queue stored as an exception with its message and remedy.

    The exception has its own class if the item or a service caused the error. A failure of the machine that did the
    work is a `ServerError`, and a file that cannot be used is a `PermissionError`.
    """
    report = report or {}
    kind = str(report.get("kind", ""))
    known = _REPLACED_CLASSES.get(kind) or _error_class(kind) or ServerError
    message = str(report.get("message") or "The job failed for an unknown reason")
    error = known(message, remedy=str(report.get("remedy") or ""))
    error.retryable = bool(report.get("retryable", known.retryable))
    return error


def report_from_exception(error: BaseException) -> ErrorReport:
    """Return an exception that the code of a program raised during a job, as the queue stores it."""
    if isinstance(error, PressrunError):
        # A subclass that the program declares is stored under the name of our class.
        known = next(each.__name__ for each in type(error).__mro__ if _error_class(each.__name__) is each)
        # A quota that the code of a program reports is a rate limit, which passes, unless it says otherwise.
        is_rate_limit = isinstance(error, QuotaExceededError) and "retryable" not in vars(error)
        return ErrorReport(known, error.message, error.remedy, error.retryable or is_rate_limit)
    name, text = type(error).__name__, error_text(error)
    if isinstance(error, builtins.PermissionError):
        return PermissionError(text).report()
    message = text if text == name else f"{name}: {text}"
    if isinstance(error, ConnectionError | TimeoutError):
        return NetworkError(message, remedy="The job is retried automatically.").report()
    return UnexpectedError(message, remedy="See the traceback in the log of the program that ran the job.").report()


def _error_class(name: str) -> type[PressrunError] | None:
    found = getattr(errors, name, None)
    return found if isinstance(found, type) and issubclass(found, PressrunError) else None

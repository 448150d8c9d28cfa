"""Errors of jobs as data of the queue, and back as the exceptions that programs wait for."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from pressrun import errors
from pressrun.errors import ErrorReport, NetworkError, PermissionError, PressrunError, ServerError, UnexpectedError

_IN_OTHER_WORDS: dict[str, type[PressrunError]] = {
    each.__name__: meant
    for meant, kinds in {
        PermissionError: (errors.FileTroubleError,),
        ServerError: (
            errors.UnexpectedError, errors.StageDiedError, errors.StageTimeoutError, errors.BookTimeoutError,
            errors.StageOutputError, errors.NoSpaceError,
        ),
    }.items()
    for each in kinds
}  # fmt: skip


def exception_of(report: Mapping[str, Any] | None) -> PressrunError:
    """What the queue kept of an error as an exception with message and remedy.

    Of its own class, where that says what is wrong with the item or a service; trouble of the machine that did the work
    is a `ServerError`, or a `PermissionError` for a file that cannot be used.
    """
    report = report or {}
    kind = str(report.get("kind", ""))
    known = _IN_OTHER_WORDS.get(kind) or _class_named(kind) or ServerError
    message = str(report.get("message") or "It failed for no known reason")
    error = known(message, remedy=str(report.get("remedy") or ""))
    error.retryable = bool(report.get("retryable", known.retryable))
    return error


def report_of(error: BaseException) -> ErrorReport:
    """An error that a program raised in the middle of a job, as the queue keeps it."""
    if isinstance(error, PressrunError):
        known = next(each.__name__ for each in type(error).__mro__ if _class_named(each.__name__) is each)
        return ErrorReport(known, error.message, error.remedy, error.retryable)
    text = " ".join(str(error).split())
    named = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, builtins.PermissionError):
        return PermissionError(text or named).report()
    if isinstance(error, ConnectionError | TimeoutError):
        return NetworkError(named, remedy="It is tried again.").report()
    return UnexpectedError(named, remedy="The log of the program that made it has the traceback.").report()


def _class_named(kind: str) -> type[PressrunError] | None:
    found = getattr(errors, kind, None)
    return found if isinstance(found, type) and issubclass(found, PressrunError) else None

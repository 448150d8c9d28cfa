"""Errors of jobs are stored in the queue and come back as exceptions."""

from __future__ import annotations

import builtins

import pytest

from pressrun import errors
from pressrun.errors import PressrunError
from pressrun.python.exceptions import exception_from_report, report_from_exception


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("QuotaExceededError", errors.QuotaExceededError),
        ("AuthenticationError", errors.AuthenticationError),
        ("NetworkError", errors.NetworkError),
        ("FileTroubleError", errors.PermissionError),
        ("StageDiedError", errors.ServerError),
        ("NoSpaceError", errors.ServerError),
        ("WorkerLost", errors.ServerError),
        ("RenderError", errors.RenderError),
    ],
)
def test_a_stored_error_becomes_an_exception(kind: str, expected: type[PressrunError]) -> None:
    retryable = kind == "WorkerLost"
    error = exception_from_report(
        {"kind": kind, "message": "It is so", "remedy": "Do this.", "retryable": retryable}
    )
    assert type(error) is expected
    assert (str(error), error.remedy, error.retryable) == ("It is so", "Do this.", retryable)


def test_every_error_class_can_be_restored() -> None:
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, PressrunError):
            assert str(exception_from_report({"kind": name, "message": "It is so"})) == "It is so"


def test_a_subclass_of_the_program_is_stored_as_its_base_class() -> None:
    class OutOfCredit(errors.QuotaExceededError):
        pass

    report = report_from_exception(OutOfCredit("Empty", remedy="Pay."))
    assert report == errors.ErrorReport("QuotaExceededError", "Empty", "Pay.", retryable=True)
    assert report_from_exception(TimeoutError("late")).retryable
    assert not report_from_exception(builtins.PermissionError(13, "Permission denied")).retryable


def test_a_quota_of_the_program_is_retried_but_not_the_daily_one_of_a_service() -> None:
    assert report_from_exception(errors.QuotaExceededError("Too many requests")).retryable
    final = errors.QuotaExceededError("Too many requests")
    final.retryable = False
    assert not report_from_exception(final).retryable
    daily = errors.QuotaExceededError("The uploads of today are used up").report()
    assert not report_from_exception(exception_from_report(vars(daily))).retryable

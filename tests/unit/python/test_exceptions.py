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
    assert report == errors.ErrorReport("QuotaExceededError", "Empty", "Pay.")
    assert report_from_exception(TimeoutError("late")).retryable
    assert not report_from_exception(builtins.PermissionError(13, "Permission denied")).retryable

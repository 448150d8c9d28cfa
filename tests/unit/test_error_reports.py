"""Exceptions of any kind become errors with a remedy."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from pressrun.error_reports import MAX_TEXT, error_text, from_os_error, no_space_error, to_pressrun_error, to_report
from pressrun.errors import FileTroubleError, NetworkError, NoSpaceError, UnexpectedError

PATH = Path("/books/runs")


def test_an_error_of_the_program_is_returned_unchanged() -> None:
    error = NetworkError("No answer", remedy="Wait.")
    assert to_pressrun_error(error) is error


def test_an_unforeseen_error_names_its_class_and_text_on_one_line() -> None:
    report = to_report(ValueError("a\n  b"), remedy="See the log.")
    assert (report.kind, report.message, report.remedy) == (
        "UnexpectedError", "Unexpected error: ValueError: a b", "See the log.",
    )  # fmt: skip
    assert to_report(KeyError()).message == "Unexpected error: KeyError"


def test_a_very_long_text_is_cut() -> None:
    assert len(to_report(ValueError("x" * 1000)).message) == len("Unexpected error: ") + MAX_TEXT


def test_running_out_of_memory_has_a_remedy() -> None:
    error = to_pressrun_error(MemoryError())
    assert isinstance(error, UnexpectedError)
    assert error.message == "Out of memory"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_names_the_folder(number: int) -> None:
    error = no_space_error(OSError(number, "no"), PATH)
    assert isinstance(error, NoSpaceError)
    assert str(PATH) in error.message
    assert isinstance(to_pressrun_error(OSError(number, "no"), PATH), NoSpaceError)


def test_a_file_error_names_the_path_of_the_exception_or_the_given_one() -> None:
    named = from_os_error(PermissionError(errno.EACCES, "Permission denied", "/a/b"), PATH)
    assert isinstance(named, FileTroubleError)
    assert named.message == "/a/b: permission denied"
    unnamed = from_os_error(OSError(errno.EROFS, "Read-only file system"), PATH)
    assert unnamed is not None
    assert unnamed.message == "/books/runs: read-only file system"
    assert unnamed.remedy == "Choose a writable folder with --workspace."


def test_other_errors_of_the_system_are_unforeseen() -> None:
    assert from_os_error(ConnectionResetError(errno.ECONNRESET, "reset")) is None
    assert no_space_error(OSError(errno.EACCES, "denied"), PATH) is None


def test_an_error_on_one_line() -> None:
    assert error_text(ValueError(" a\n b ")) == "a b"
    assert error_text(ValueError()) == "ValueError"

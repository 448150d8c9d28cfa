"""Exceptions of any kind become errors with a remedy."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from pressrun.error_reports import (
    MAX_TEXT,
    error_text,
    from_os_error,
    no_space_error,
    reason_text,
    to_pressrun_error,
    to_report,
)
from pressrun.errors import FileTroubleError, NetworkError, NoSpaceError, OutOfMemoryError, UnexpectedError

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


@pytest.mark.parametrize(
    "raised",
    [
        MemoryError(), RuntimeError("mkl_malloc: failed to allocate memory"), RuntimeError("std::bad_alloc"),
        RuntimeError("Failed to allocate memory for requested buffer of size 123"),
    ],
)
def test_running_out_of_memory_has_a_remedy(raised: Exception) -> None:
    error = to_pressrun_error(raised)
    assert isinstance(error, OutOfMemoryError)
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


def test_only_errors_of_files_are_file_errors() -> None:
    assert from_os_error(ConnectionResetError(errno.ECONNRESET, "reset")) is None
    assert no_space_error(OSError(errno.EACCES, "denied"), PATH) is None


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/a/b"), FileTroubleError, "/a/b: no such file"),
        (OSError(errno.EIO, "Input/output error"), FileTroubleError, "/books/runs: input/output error"),
        (OSError(errno.ESTALE, "Stale file handle", "/a"), FileTroubleError, "/a: stale"),
        (OSError(errno.EINVAL, "Invalid argument", "/fat/a:b"), FileTroubleError, "/fat/a:b: invalid argument"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 5000), FileTroubleError, "…"),
        (ValueError("embedded null byte"), FileTroubleError, "null character"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset"), NetworkError, "Connection reset"),
        (socket.gaierror(-2, "Name or service not known"), NetworkError, "Name or service not known"),
        (TimeoutError("timed out"), NetworkError, "timed out"),
        (ModuleNotFoundError("No module named 'av'", name="av"), UnexpectedError, "av cannot be loaded"),
    ],
)
def test_what_a_user_can_cause_is_never_to_be_reported(error: Exception, kind: type[Exception], message: str) -> None:
    known = to_pressrun_error(error, PATH)
    assert type(known) is kind
    assert message in known.message
    assert len(known.message) < 400
    assert known.remedy
    assert "report" not in known.remedy


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/a"), "no such file or directory"),
        (OSError("cannot open resource"), "cannot open resource"),
        (UnicodeDecodeError("utf-8", b"ab\xff", 2, 3, "invalid start byte"), "byte 3 is not UTF-8"),
        (ValueError("a\nb"), "a b"),
    ],
)
def test_a_reason_has_no_number_and_no_path(error: Exception, reason: str) -> None:
    assert reason_text(error) == reason


def test_an_error_on_one_line() -> None:
    assert error_text(ValueError(" a\n b ")) == "a b"
    assert error_text(ValueError()) == "ValueError"

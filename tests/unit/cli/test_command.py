from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from pressrun.cli.command import as_click_errors, handle_errors, message_and_remedy
from pressrun.errors import BooksFileError, NoSourceError


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


def test_what_the_work_returns_is_the_exit_code() -> None:
    assert handle_errors(lambda: 130) == 130


@pytest.mark.parametrize(("kind", "code"), [(BooksFileError, 2), (NoSourceError, 1)])
def test_a_known_error_is_one_sentence_its_remedy_and_its_exit_code(
    kind: type[BooksFileError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert handle_errors(raising(kind("The list is missing", remedy="Make one."))) == code
    assert capsys.readouterr().err.splitlines() == ["The list is missing.", "Make one."]


def test_an_interrupt_before_the_run_is_one_word_and_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert handle_errors(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def test_an_unforeseen_error_leaves_its_traceback_in_a_log_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert handle_errors(raising(ZeroDivisionError("by\x1b zero")), lambda: tmp_path / "logs") == 1
    said = capsys.readouterr().err
    (log,) = (tmp_path / "logs").iterdir()
    assert "ZeroDivisionError: by zero" in said
    assert "Traceback" not in said
    assert log.name in "".join(said.split())
    assert "Traceback" in log.read_text()


def test_without_a_log_folder_the_user_log_folder_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pressrun.cli.command._user_log_folder", lambda: tmp_path / "user")
    assert handle_errors(raising(ValueError("odd"))) == 1
    assert len(list((tmp_path / "user").iterdir())) == 1
    capsys.readouterr()


def test_an_error_with_a_path_is_reported_with_only_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert handle_errors(raising(PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/books/runs"))) == 1
    assert "/books/runs: permission denied." in capsys.readouterr().err


def test_a_full_disk_is_reported_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert handle_errors(raising(OSError(errno.ENOSPC, "no space", "/books/runs"))) == 1
    assert "No space left while writing in /books/runs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "words"),
    [(errno.EISDIR, "Move the folder"), (errno.ENOTDIR, "Move the file"), (errno.EMFILE, "ulimit -n")],
)
def test_the_remedy_for_an_error_with_a_path_can_work(
    kind: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert handle_errors(raising(OSError(kind, os.strerror(kind), "/books/runs"))) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "permissions" not in said


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BooksFileError("The list is missing", remedy="Make one."), ("The list is missing", "Make one.")),
        (KeyboardInterrupt(), ("Interrupted", "Run the same command to resume.")),
    ],
)
def test_a_program_that_reads_the_answer_gets_the_error_too(
    error: BaseException, expected: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    answers: list[tuple[str, str]] = []
    handle_errors(raising(error), lambda: None, lambda *answer: answers.append(answer))
    assert answers == [expected]
    assert expected[0] in capsys.readouterr().err


def test_an_error_of_ours_that_click_shows_keeps_its_remedy_apart() -> None:
    with pytest.raises(click.ClickException) as caught, as_click_errors():
        raise BooksFileError("The list is missing", remedy="Make one.")
    assert message_and_remedy(caught.value) == ("The list is missing", "Make one.")
    assert caught.value.exit_code == 2

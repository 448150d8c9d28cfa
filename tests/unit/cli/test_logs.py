"""Following logs: what is there, what is appended, and an end when nothing more can come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pressrun.cli import logs
from pressrun.cli.logs import follow_logs, strip_control_sequences


class Book:
    """Logs that grow by one step each time the follower asks whether the book is still running."""

    def __init__(self, folder: Path, *steps: Callable[[], object]) -> None:
        self.folder, self.steps = folder, list(steps)
        self.switches: list[str] = []

    def list_logs(self) -> list[Path]:
        return list(self.folder.glob("*.log"))

    def is_running(self) -> bool:
        if self.steps:
            self.steps.pop(0)()
        return bool(self.steps)

    def follow(self, first: str, clean: Callable[[str], str] | None = None) -> None:
        follow_logs(self.list_logs, self.folder / first, self.is_running, self.on_switch, clean)

    def on_switch(self, path: Path) -> None:
        self.switches.append(path.stem)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "POLL_INTERVAL", 0.0)


def adds(path: Path, data: bytes) -> Callable[[], object]:
    def add() -> None:
        with path.open("ab") as file:
            file.write(data)

    return add


def nothing() -> None:
    """A step in which nothing is printed."""


def test_the_first_log_is_shown_in_full_and_of_the_others_what_is_appended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search, tts, render = (tmp_path / f"{name}.log" for name in ("search", "tts", "render"))
    search.write_text("of another attempt\n")
    tts.write_text("one\n")
    book = Book(
        tmp_path, nothing, adds(tts, b"two\n"), adds(render, b"three\n"), adds(search, b"four\n"), nothing,
        adds(search, b"the last word"),
    )
    book.follow("tts.log")
    assert capsys.readouterr().out == "one\ntwo\nthree\nfour\nthe last word"
    assert book.switches == ["tts", "render", "search"]


def test_characters_in_two_pieces_and_a_log_that_is_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "tts.log"
    log.write_bytes("caf\u00e9".encode()[:-1])
    book = Book(tmp_path, nothing, adds(log, "\u00e9\n".encode()[1:]), lambda: log.write_text("new\n"))
    book.follow("tts.log")
    assert capsys.readouterr().out == "caf\u00e9\nnew\n"


def test_on_a_terminal_an_escape_sequence_in_two_pieces_is_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "tts.log"
    log.write_bytes(b"one\x1b]0;ti")
    book = Book(tmp_path, nothing, adds(log, b"tle\x07 two\nthr"), nothing, adds(log, b"ee"))
    book.follow("tts.log", strip_control_sequences)
    assert capsys.readouterr().out == "one two\nthree"


def test_it_ends_when_the_reader_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tts.log").write_text("one\n")
    monkeypatch.setattr(logs, "write_stream", lambda _: False)
    book = Book(tmp_path, nothing, nothing, nothing)
    book.follow("tts.log")
    assert len(book.steps) == 2

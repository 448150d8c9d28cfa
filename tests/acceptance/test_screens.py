"""What stands on terminals of all kinds, and in files."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

BOOKS = (
    "The Life and Strange Surprizing Adventures of Robinson Crusoe of York, Mariner | Daniel Defoe",
    "Emma @search:fail | Jane Austen",
)


def test_nothing_wraps_into_chaos_at_sixty_columns(workspace: Any) -> None:
    workspace.list_books(*BOOKS)
    terminal = workspace.terminal("run-batch", "--delay", "0", "--until", "process", columns=60)
    terminal.wait_for("Proceed? [y/N]")
    terminal.type("y\n")
    assert terminal.finish() == 1
    boxed = [line for line in terminal.lines if line.startswith(("│", "├", "╭", "╰"))]
    assert boxed
    assert all(line.endswith(("│", "┤", "╮", "╯")) for line in boxed)
    for stage in ("search", "transcribe", "process"):
        assert sum(re.fullmatch(rf"  ✓ {stage} +\d.*s", line) is not None for line in terminal.lines) == 1
    assert not any(re.search(r"time left|batch +[━╸╺]", line) for line in terminal.lines)
    assert "stopped after process, as requested" in terminal.text
    assert "reason  search was instructed to fail" in terminal.text


def test_a_window_that_shrinks_in_the_middle_leaves_no_shreds(workspace: Any) -> None:
    workspace.list_books("Walden @search:sleep=2")
    terminal = workspace.terminal("run-batch", "--yes", "--until", "search", columns=120)
    terminal.wait_for("seconds")
    terminal.process.setwinsize(50, 60)
    terminal.screen.resize(50, 60)
    assert terminal.finish() == 0
    assert not any(re.search(r"time left|batch +[━╸╺]|/2 seconds", line) for line in terminal.lines)


def test_no_colour_is_requested_and_given_and_the_view_still_moves(workspace: Any) -> None:
    workspace.list_books("Walden")
    terminal = workspace.terminal("run-batch", "--yes", "--until", "search", NO_COLOR="1")
    assert terminal.finish() == 0
    codes = set(re.findall(rb"\x1b\[([\d;]*)m", terminal.raw))
    assert not any(part.startswith((b"3", b"4", b"9")) for code in codes for part in code.split(b";") if len(part) == 2)
    assert b"\x1b[1A" in terminal.raw


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_or_unknown_terminal_gets_plain_lines(workspace: Any, term: str) -> None:
    workspace.list_books("Walden")
    terminal = workspace.terminal("run-batch", "--yes", "--until", "search", TERM=term)
    assert terminal.finish() == 0
    assert b"\x1b" not in terminal.raw
    assert "[1/1] Walden: search finished in" in terminal.text


def test_a_title_with_accents_works_in_a_locale_without_them(workspace: Any) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    result = workspace.run("run-pipeline", "Çırak – É", "--yes", "--until", "search", **plain)
    assert result.returncode == 0, result.stderr
    assert result.stderr.isascii()
    assert database(workspace) == ["Çırak – É"]
    again = workspace.run("run-pipeline", "Çırak – É", "--dry-run", **plain)
    assert "processing" in again.stderr


def database(workspace: Any) -> list[str]:
    books = json.loads((workspace.folder / "database.json").read_text(encoding="utf-8"))["books"]
    return [book["main_title"] for book in books]


def test_without_a_terminal_each_event_is_a_plain_line_and_results_are_apart(workspace: Any) -> None:
    workspace.list_books(*BOOKS)
    result = workspace.run("run-batch", "--yes", "--delay", "0", "--until", "search")
    assert result.returncode == 1
    assert "\x1b" not in result.stderr
    assert "\r" not in result.stderr
    line = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[2/2\] Emma .*: search failed after"
    assert re.search(line, result.stderr, re.MULTILINE)
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["success", "failed"]


def test_an_output_without_unicode_breaks_nothing(workspace: Any) -> None:
    workspace.list_books("罪と罰 | Фёдор Достоевский")
    result = workspace.run("run-batch", "--yes", "--until", "search", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert result.returncode == 0
    assert "search finished" in result.stderr
    assert "success\t" in result.stdout


def test_json_is_the_only_thing_on_standard_output(workspace: Any) -> None:
    workspace.list_books(*BOOKS)
    result = workspace.run("run-batch", "--yes", "--delay", "0", "--until", "search", "--output-format", "json")
    lists = json.loads(result.stdout)
    assert list(lists) == ["success", "resumed", "failed", "skipped"]
    assert lists["success"][0]["author"] == "Daniel Defoe"
    assert lists["failed"][0]["stage"] == "search"
    assert (workspace.folder / lists["failed"][0]["log"]).exists()


def test_a_reader_that_goes_away_changes_neither_the_run_nor_its_exit_code(workspace: Any) -> None:
    workspace.list_books("Walden")
    result = workspace.run("bash", "-c", "set -o pipefail; run-batch --yes --until search | true")
    assert result.returncode == 0
    assert "Traceback" not in result.stderr
    assert "BrokenPipe" not in result.stderr
    assert workspace.stages_run() == ["search"]


def test_closed_standard_streams_are_survived(workspace: Any) -> None:
    workspace.list_books("Walden")
    result = workspace.run("bash", "-c", "run-batch --yes --until search >&- 2>&- <&-")
    assert result.returncode == 0
    assert workspace.stages_run() == ["search"]


def test_three_books_at_once_each_have_their_lines_and_leave_no_shreds(workspace: Any) -> None:
    workspace.list_books(*(f"Volume {number} @search:sleep=2 @render:sleep=2" for number in range(1, 4)))
    terminal = workspace.terminal("run-batch", "--yes", "--workers", "3", "--renders", "1", columns=60)
    terminal.wait_for("render waits for a free processor")
    terminal.wait_for("[3/3] Volume 3")  # the view may be drawn only in part
    shown = [line for line in terminal.lines if re.match(r"\[\d/3\] Volume", line)]
    assert shown[-3:] == [f"[{number}/3] Volume {number} @search:sleep=2 @render:sleep=2" for number in range(1, 4)]
    assert terminal.finish(60) == 0
    for number in range(1, 4):
        for stage in ("search", "render", "shorts"):
            pattern = rf"  \[{number}/3\] ✓ {stage} +\d.*s"
            found = sum(re.fullmatch(pattern, line) is not None for line in terminal.lines)
            assert found == 1, f"{pattern} in:\n{terminal.text}"
    assert not any(re.search(r"time left|batch +[━╸╺]|/2 seconds|waits for", line) for line in terminal.lines)

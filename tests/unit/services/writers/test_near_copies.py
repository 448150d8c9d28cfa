"""Scripts of one batch that say nearly the same are named together."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pressrun.model.book import Book
from pressrun.model.result import BatchResult, BookResult
from pressrun.model.script import Scene, Script
from pressrun.services.writers.near_copies import find_near_copies, warn_of_near_copies
from pressrun.store import json_files

FIRST = "A small habit grows into something large when nobody interrupts it, and nobody notices that it grows at all."
OTHER = "The middle of the story shows how quickly good plans become heavy, although they looked so light at first."


def script(*narrations: str) -> Script:
    scenes = tuple(Scene("Heading", narration) for narration in narrations)
    return Script("T", "B", "A", "en", "ltr", "Hook.", scenes, "Close.", "D", ("t",), "Short.", 120.0)


def test_scripts_that_share_more_than_half_of_their_runs_are_near_copies() -> None:
    mixed = f"{FIRST} {OTHER}"
    ((one, other, share),) = find_near_copies([script(FIRST), script(OTHER), None, script(FIRST)])
    assert (one, other, share) == (0, 3, 1.0)
    assert [each[:2] for each in find_near_copies([script(FIRST), script(mixed)])] == [(0, 1)]
    assert find_near_copies([script(f"{FIRST} {OTHER} {OTHER[::-1]}"), script(f"{OTHER[::-1]}")])
    assert find_near_copies([script(FIRST), script(OTHER)]) == []


def test_phrases_that_every_script_has_make_no_copies() -> None:
    common = "That was the book, and this is what it says about the time that we have."
    scripts = [script(common, " ".join(f"word{number}x{at}" for at in range(40))) for number in range(60)]
    assert find_near_copies(scripts) == []


def test_a_large_batch_of_one_script_is_found_out_and_reported_in_a_few_lines(tmp_path: Path) -> None:
    books = []
    for number in range(80):
        (tmp_path / str(number)).mkdir()
        json_files.save(tmp_path / str(number) / "script.json", script(FIRST))
        books.append(BookResult(Book(f"Book {number}"), "success", run_folder=str(number)))
    warnings = warn_of_near_copies(BatchResult(tuple(books)), tmp_path).warnings
    assert len(warnings) == 21
    assert warnings[0].startswith("Book 0 and Book 1 have")
    assert warnings[-1] == "59 more pairs of books have nearly the same script"


def test_a_batch_names_both_books(tmp_path: Path) -> None:
    books = []
    for number, text in enumerate((FIRST, OTHER, FIRST)):
        folder = tmp_path / "runs" / str(number)
        folder.mkdir(parents=True)
        json_files.save(folder / "script.json", script(text))
        books.append(BookResult(Book(f"Book {number}"), "success", run_folder=f"runs/{number}"))
    result = warn_of_near_copies(BatchResult(tuple(books)), tmp_path)
    assert result.warnings == (
        "Book 0 and Book 2 have nearly the same script: 100% of the eight-word runs match",
    )
    skipped = dataclasses.replace(books[2], outcome="skipped")
    assert warn_of_near_copies(BatchResult((books[0], skipped)), tmp_path).warnings == ()


def test_a_book_without_a_readable_script_is_not_a_problem(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "script.json").write_text("{")
    books = tuple(BookResult(Book("B"), "failed", run_folder=folder) for folder in ("broken", "gone", None))
    assert warn_of_near_copies(BatchResult(books), tmp_path) == BatchResult(books)

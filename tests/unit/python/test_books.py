from __future__ import annotations

from pathlib import Path

import pytest

import pressrun
from pressrun import check_book_status, print_book_status_table, print_final_summary, process_books_batch
from pressrun.errors import BooksFileError
from pressrun.store.database import add_book, update_youtube_url


@pytest.fixture(autouse=True)
def tiny_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESSRUN_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("PRESSRUN_PIPELINE", "pressrun.testing.pipeline:TINY")
    monkeypatch.setenv("PRESSRUN_DELAY", "0")
    monkeypatch.setenv("PRESSRUN_NETWORK", "off")
    return tmp_path


def test_the_package_names_the_four_functions() -> None:
    for name in ("check_book_status", "print_book_status_table", "process_books_batch", "print_final_summary"):
        assert name in pressrun.__all__


def test_an_unknown_book_would_be_processed_and_asking_writes_nothing(tiny_workspace: Path) -> None:
    found = check_book_status("Walden", "Henry David Thoreau")
    assert found | {"details": ""} == {
        "exists": False, "status": None, "book_info": None, "action": "process", "title": "Walden",
        "author": "Henry David Thoreau", "details": "",
    }
    assert list(tiny_workspace.iterdir()) == []


def test_a_done_book_is_skipped_and_its_entry_is_reported() -> None:
    add_book("Walden", "Thoreau")
    update_youtube_url("Walden", "Thoreau", "https://videos.example/1", None)
    found = check_book_status("  WALDEN ")
    assert (found["exists"], found["status"], found["action"], found["author"]) == (True, "done", "skip", "Thoreau")
    assert found["book_info"]["youtube_url"] == "https://videos.example/1"


def test_a_title_may_contain_the_separator_and_may_not_be_empty() -> None:
    assert check_book_status("This | That", "Ann | Author")["title"] == "This | That"
    with pytest.raises(BooksFileError):
        check_book_status("  ")


def test_a_batch_runs_silently_and_its_lists_have_the_agreed_shapes(capsys: pytest.CaptureFixture[str]) -> None:
    named = [("Walden", "Thoreau"), ("Emma @search:fail", "Austen"), ("walden", "thoreau")]
    books = [check_book_status(title, author) for title, author in named]
    results = process_books_batch(books, privacy="unlisted", skip_completed=True)
    assert capsys.readouterr() == ("", "")
    assert [(row["book"], row["author"]) for row in results["success"]] == [("Walden", "Thoreau")]
    assert results["success"][0]["youtube_url"].startswith("https://videos.example/")
    assert results["failed"][0]["error"] == "search was instructed to fail"
    assert results["failed"][0]["stage"] == "search"
    assert set(results) == {"success", "resumed", "failed", "skipped"}
    again = process_books_batch([check_book_status("Walden")], "unlisted", True)
    assert again["skipped"][0]["youtube_url"] == results["success"][0]["youtube_url"]

    print_book_status_table([check_book_status("Walden"), check_book_status("Emma @search:fail", "Austen")])
    print_final_summary(results)
    shown = capsys.readouterr()
    assert shown.err == ""
    for words in ("Walden | Thoreau", "1 to resume", "Success (new)", "search was instructed to fail"):
        assert words in shown.out


def test_a_book_is_named_as_the_database_spells_it() -> None:
    add_book("Emma", "Jane Austen")
    found = check_book_status("EMMA", "jane austen")
    assert (found["title"], found["author"]) == ("Emma", "Jane Austen")
    assert check_book_status("emma")["title"] == "Emma"


def test_how_many_books_run_at_once_is_taken_from_the_settings(
    tiny_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pressrun.engine.batch

    asked = []
    real = pressrun.engine.batch._run_workers
    monkeypatch.setattr(
        pressrun.engine.batch, "_run_workers", lambda count, *more: (asked.append(count), real(count, *more))
    )
    (tiny_workspace / "pressrun.toml").write_text("workers = 2\n", encoding="utf-8")
    books = [check_book_status(title) for title in ("Walden", "Emma @search:fail", "Dune")]
    results = process_books_batch(books)
    assert asked == [2]
    assert [row["book"] for row in results["success"]] == ["Walden", "Dune"]
    assert [row["book"] for row in results["failed"]] == ["Emma @search:fail"]

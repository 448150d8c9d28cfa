"""The plan and the question after it."""

from __future__ import annotations

import json
from typing import Any


def test_a_yes_runs_the_books_and_the_summary_names_their_addresses(workspace: Any) -> None:
    workspace.list_books("Walden | Henry David Thoreau", "# a comment", "Walden | Henry David Thoreau")
    terminal = workspace.terminal("run-batch")
    terminal.wait_for("Proceed? [y/N]")
    assert "books.txt: Walden | Henry David Thoreau is listed twice, on lines 1 and 3; it runs once" in terminal.text
    assert "fresh start" in terminal.text
    assert "1 book · 1 to process" in terminal.text
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert "✓ render" in terminal.text
    assert "Success (new)" in terminal.text
    (entry,) = json.loads((workspace.folder / "database.json").read_text())["books"]
    assert entry["status"] == "done"
    assert entry["youtube_url"] in terminal.text
    assert "success\t" not in terminal.raw.decode(), "the summary said it already"


def test_a_no_ends_with_nothing_written(workspace: Any) -> None:
    workspace.list_books("Walden | Henry David Thoreau")
    for answer in ("\n", "\x04"):
        terminal = workspace.terminal("run-batch")
        terminal.wait_for("Proceed? [y/N]")
        terminal.type(answer)
        assert terminal.finish() == 0
        assert "Nothing was run." in terminal.text
    assert workspace.files() == {"books.txt"}


def test_an_interrupt_at_the_question_is_130_with_nothing_written(workspace: Any) -> None:
    workspace.list_books("Walden")
    terminal = workspace.terminal("run-batch")
    terminal.wait_for("Proceed? [y/N]")
    terminal.type("\x03")
    assert terminal.finish(seconds=3) == 130
    assert "Traceback" not in terminal.text
    assert workspace.files() == {"books.txt"}


def test_with_the_list_on_standard_input_the_terminal_itself_is_asked(workspace: Any) -> None:
    terminal = workspace.terminal("sh", "-c", "echo Walden | run-batch --file - --until search")
    terminal.wait_for("Proceed? [y/N]")
    terminal.type("yes\n")
    assert terminal.finish() == 0
    assert workspace.stages_run() == ["search"]


def test_with_standard_error_in_a_file_the_terminal_itself_is_asked(workspace: Any) -> None:
    workspace.list_books("Walden")
    terminal = workspace.terminal("sh", "-c", "run-batch --until search 2> log.txt")
    terminal.wait_for("Proceed? [y/N]")
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert "success\tWalden" in terminal.raw.decode()


def test_without_a_terminal_and_without_yes_the_flag_is_named_and_nothing_is_written(workspace: Any) -> None:
    workspace.list_books("Walden")
    result = workspace.run("run-batch")
    assert result.returncode == 2
    assert "--yes" in result.stderr
    assert result.stdout == ""
    assert workspace.run("run-batch", "--file", "-", stdin="Walden\n").returncode == 2
    assert workspace.files() == {"books.txt"}


def test_nothing_to_do_asks_nothing_and_needs_no_terminal(workspace: Any) -> None:
    workspace.list_books("Walden")
    workspace.has_done("Walden", "https://videos.example/1")
    again = workspace.run("run-batch")
    assert again.returncode == 0
    assert "Nothing to do." in again.stderr
    assert "Proceed" not in again.stderr
    assert again.stdout == "skipped\tWalden\thttps://videos.example/1\t\n"

    one = workspace.run("run-pipeline", "walden")
    assert one.returncode == 0
    assert "Already done" in one.stderr
    assert "https://videos.example/1" in one.stderr
    assert workspace.files() == {"books.txt", "database.json"}


def test_an_empty_list_reports_it_and_is_not_a_failure(workspace: Any) -> None:
    workspace.list_books("# nothing yet")
    result = workspace.run("run-batch")
    assert result.returncode == 0
    assert "The list has no books" in result.stderr


def test_another_copy_is_announced_before_the_question(workspace: Any) -> None:
    workspace.has_done("Walden", "https://videos.example/1")
    terminal = workspace.terminal("run-pipeline", "Walden", "--no-skip")
    terminal.wait_for("Proceed? [y/N]")
    assert "a second copy will be published" in terminal.text
    terminal.type("n\n")
    assert terminal.finish() == 0


def test_naming_one_book_is_consent(workspace: Any) -> None:
    result = workspace.run("run-pipeline", "Walden", "--until", "search")
    assert result.returncode == 0
    assert "Proceed?" not in result.stderr
    assert workspace.stages_run() == ["search"]
    workspace.has_done("Emma", "https://videos.example/1")
    second = workspace.run("run-pipeline", "Emma", "--no-skip")
    assert second.returncode == 2
    assert "There is no terminal to ask for confirmation" in second.stderr


def test_a_duplicate_entry_of_the_database_stops_only_its_own_book(workspace: Any) -> None:
    entries = [{"main_title": "Case", "author_name": None, "status": status} for status in ("done", None)]
    (workspace.folder / "database.json").write_text(json.dumps({"books": entries}))
    workspace.list_books("Other", "Case")
    result = workspace.run("run-batch", "--yes", "--until", "search", "--output-format", "json")
    assert result.returncode == 1
    found = json.loads(result.stdout)
    assert [each["book"] for each in found["success"]] == ["Other"]
    assert '"Case" (entry 1, done) and "Case" (entry 2, new)' in found["failed"][0]["error"]
    assert found["failed"][0]["remedy"] == "Remove entry 2 and keep entry 1."


def test_a_dry_run_shows_the_plan_and_writes_nothing(workspace: Any) -> None:
    workspace.list_books("Walden", "Emma | Jane Austen")
    result = workspace.run("run-batch", "--dry-run")
    assert result.returncode == 0
    assert "Emma | Jane Austen" in result.stderr
    assert "2 to process" in result.stderr
    assert workspace.files() == {"books.txt"}
    plan = json.loads(workspace.run("run-batch", "--dry-run", "--output-format", "json").stdout)
    assert [row["action"] for row in plan["plan"]] == ["process", "process"]


def test_a_done_book_is_already_done_with_an_address_or_without(workspace: Any) -> None:
    workspace.list_books("Emma")
    for address in ("https://videos.example/emma", None):
        workspace.has_done("Emma", address)
        result = workspace.run("run-batch", "--output-format", "json")
        assert json.loads(result.stdout)["skipped"][0]["reason"] == "Already done"

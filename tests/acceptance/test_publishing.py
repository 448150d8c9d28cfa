"""Around publishing: the uploads of a day, another place, and an upload that nobody knows about."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from pressrun.store.upload_ledger import UploadLedger

BRIEF = {"PRESSRUN_PIPELINE": "pressrun.testing.pipeline:BRIEF"}
BOOK = "Walden | Henry David Thoreau"
UNKNOWN = "Emma @upload:unknown | Jane Austen"
COLUMNS = (60, 120)


def kept_whole(terminal: Any) -> bool:
    """Whether the lines of tables end where they should."""
    boxed = [line for line in terminal.lines if line.startswith(("│", "├", "╭", "╰"))]
    return bool(boxed) and all(line.endswith(("│", "┤", "╮", "╯")) for line in boxed)


def said(terminal: Any) -> str:
    """The words on the screen, however they were wrapped."""
    return " ".join(terminal.text.replace("│", " ").split())


def place(workspace: Any) -> tuple[str, ...]:
    return ("--publisher", "bucket", "--publish-to", (workspace.folder / "bucket").as_uri())


def published(workspace: Any) -> list[str]:
    log = workspace.folder / "published.log"
    return log.read_text().split() if log.exists() else []


def entry(workspace: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((workspace.folder / "database.json").read_text())["books"][0]
    return found


def ledger(workspace: Any) -> UploadLedger:
    return UploadLedger(Path(workspace.environment["PRESSRUN_UPLOAD_LEDGER"]))


def test_publishing_elsewhere_asks_publishes_and_says_it_has_the_second_time(workspace: Any) -> None:
    workspace.run("run-pipeline", BOOK, "--yes", **BRIEF)
    for columns, answer in ((120, "n"), (60, "y")):
        terminal = workspace.terminal("pressrun", "publish", BOOK, *place(workspace), columns=columns, **BRIEF)
        terminal.wait_for("Proceed? [y/N]")
        assert kept_whole(terminal)
        assert "publishes video and short to bucket; nothing else runs" in said(terminal)
        assert "privacy private from the book's own settings" in said(terminal)
        assert len(published(workspace)) == 2
        terminal.type(f"{answer}\n")
        assert terminal.finish() == 0
    assert workspace.stages_run() == ["render", "upload", "shorts", "upload", "shorts"]
    assert entry(workspace)["youtube_url"] == published(workspace)[2]
    assert entry(workspace)["status"] == "done"
    for columns in COLUMNS:
        again = workspace.terminal("pressrun", "publish", BOOK, *place(workspace), columns=columns, **BRIEF)
        assert again.finish() == 0
        assert "already published to bucket" in said(again)
        assert published(workspace)[2] in again.text.replace(" ", "").replace("│\n│", "").replace("│", "")
    assert len(published(workspace)) == 4


def test_a_publication_leaves_a_record_that_the_report_shows(workspace: Any) -> None:
    workspace.run("run-pipeline", BOOK, "--yes", **BRIEF)
    assert workspace.run("pressrun", "publish", BOOK, *place(workspace), "--yes", **BRIEF).returncode == 0
    page = Path(workspace.run("pressrun", "report", **BRIEF).stdout.strip()).read_text()
    assert "<code>publish</code>" in page
    assert published(workspace)[2] in page
    records = sorted((workspace.folder / "runs" / ".batches").glob("*.json"))
    assert workspace.run("pressrun", "publish", BOOK, *place(workspace), "--yes", **BRIEF).returncode == 0
    assert sorted((workspace.folder / "runs" / ".batches").glob("*.json")) == records, "nothing ran the second time"


def test_a_no_and_a_dry_run_publish_nothing(workspace: Any) -> None:
    workspace.run("run-pipeline", BOOK, "--yes", **BRIEF)
    before = workspace.files()
    terminal = workspace.terminal("pressrun", "publish", BOOK, *place(workspace), **BRIEF)
    terminal.wait_for("Proceed? [y/N]")
    terminal.type("n\n")
    assert terminal.finish() == 0
    assert "Nothing was published." in terminal.text
    dry = workspace.run("pressrun", "publish", BOOK, *place(workspace), "--dry-run", **BRIEF)
    assert "Dry run: nothing was written." in dry.stderr
    assert workspace.files() == before


def test_what_cannot_be_published_is_one_sentence_a_remedy_and_exit_2(workspace: Any) -> None:
    unknown = workspace.run("pressrun", "publish", "Dune | Frank Herbert", "--yes", **BRIEF)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == (
        'Dune | Frank Herbert was never started.\nRun first: run-pipeline "Dune | Frank Herbert"\n'
    )
    workspace.run("run-pipeline", "Dune @render:fail", "--yes", **BRIEF)
    unfinished = workspace.run("pressrun", "publish", "Dune @render:fail", "--yes", **BRIEF)
    assert unfinished.returncode == 2
    assert "Dune @render:fail is not finished: render did not run." in unfinished.stderr
    assert workspace.run("pressrun", "publish", BOOK, "--publisher", "nobody", **BRIEF).returncode == 2


def test_an_unknown_upload_is_skipped_and_resolved(workspace: Any) -> None:
    books = {60: UNKNOWN, 120: "Dune @upload:unknown"}
    url = "https://videos.example/found-by-the-user-on-a-page-of-the-channel-with-a-long-address"
    workspace.list_books(*books.values())
    assert workspace.run("run-batch", "--yes", "--delay", "0", **BRIEF).returncode == 1
    for columns, book in books.items():
        terminal = workspace.terminal("run-batch", columns=columns, **BRIEF)
        assert terminal.finish() == 0
        assert kept_whole(terminal)
        assert f'pressrun resolve "{book}" --url URL, or --not-published' in said(terminal)
        resolved = workspace.terminal("pressrun", "resolve", book, "--url", url, columns=columns, **BRIEF)
        assert resolved.finish() == 0
        assert f"{book}: the video counts as published at" in said(resolved)
        assert url in resolved.text.replace("\n", "")
        assert f'To continue: run-pipeline "{book}"' in said(resolved)
        # Out of the way of the next one, whose batch is to have nothing else.
        assert workspace.run("run-pipeline", book, "--yes", **BRIEF).returncode == 0
    assert (entry(workspace)["status"], entry(workspace)["youtube_url"]) == ("done", url)
    for book in books.values():
        assert workspace.stages_run(book.partition(" |")[0]) == ["render", "upload", "shorts"]


def test_an_invalid_answer_is_rejected_with_exit_2_and_changes_nothing(workspace: Any) -> None:
    workspace.run("run-pipeline", UNKNOWN, "--yes", **BRIEF)
    database = (workspace.folder / "database.json").read_bytes()
    for arguments, words in (
        ((UNKNOWN,), "--url or --not-published is required."),
        ((UNKNOWN, "--url", "https://a.example/1", "--not-published"), "--url and --not-published exclude each other."),
        ((UNKNOWN, "--url", "nonsense"), "--url: nonsense is not a valid URL."),
        ((UNKNOWN, "--url", "https://a.example/1", "--stage", "shorts"), "is upload, not shorts."),
        (("Dune", "--not-published"), "Dune was never started."),
    ):
        refused = workspace.run("pressrun", "resolve", *arguments, **BRIEF)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert words in refused.stderr
    assert (workspace.folder / "database.json").read_bytes() == database


def test_the_plan_shows_the_uploads_that_are_left_and_who_waits(workspace: Any) -> None:
    workspace.list_books("Walden", "Emma")
    workspace.run("run-batch", "--yes", "--delay", "0", "--until", "render", **BRIEF)
    for folder in (workspace.folder / "runs").glob("2*"):
        # As if both had been begun while YouTube was set up.
        item = json.loads((folder / "item.json").read_text())
        item["services"]["publisher"] = "youtube"
        (folder / "item.json").write_text(json.dumps(item))
    for number in range(97):
        ledger(workspace).count("youtube", f"earlier {number}", 0)
    waits = "uploads tomorrow: it needs 2, and 1 of today's 100 are left"
    for columns, answer in ((120, "n"), (60, "y")):
        terminal = workspace.terminal("run-batch", "--delay", "0", columns=columns, **BRIEF)
        terminal.wait_for("Proceed? [y/N]")
        assert kept_whole(terminal)
        assert "uploads left today 3 of 100" in said(terminal)
        assert waits in said(terminal)
        terminal.type(f"{answer}\n")
        assert terminal.finish() == 0
    assert f"Emma: {waits}" in said(terminal)
    later = workspace.terminal("run-batch", "--delay", "0", columns=120, **BRIEF)
    assert later.finish() == 0
    assert f"Emma: {waits}" in said(later)
    assert workspace.stages_run("Walden") == ["render", "upload", "shorts"]
    assert workspace.stages_run("Emma") == ["render"]
    ignoring = workspace.run("run-batch", "--yes", "--delay", "0", "--ignore-quota", **BRIEF)
    assert ignoring.returncode == 0
    assert "uploads left today 1 of 100 ignored (--ignore-quota)" in " ".join(ignoring.stderr.split())
    assert workspace.stages_run("Emma") == ["render", "upload", "shorts"]
    assert len(ledger(workspace).today("youtube").markers) == 101


def test_the_plan_for_programs_has_the_uploads_too(workspace: Any) -> None:
    workspace.run("run-pipeline", BOOK, "--yes", "--until", "render", **BRIEF)
    (folder,) = (workspace.folder / "runs").glob("2*")
    item = json.loads((folder / "item.json").read_text())
    item["services"]["publisher"] = "youtube"
    (folder / "item.json").write_text(json.dumps(item))
    plan = json.loads(workspace.run("run-pipeline", BOOK, "--dry-run", "--output-format", "json", **BRIEF).stdout)
    assert plan["uploads_today"] == {"left": 100, "of": 100}
    assert (plan["plan"][0]["uploads"], plan["plan"][0]["waits"]) == (2, "")


@pytest.mark.parametrize(("stage", "goes_on"), [("upload", "publish"), ("shorts", "run-pipeline")])
def test_killed_in_the_middle_it_is_published_once(workspace: Any, stage: str, goes_on: str) -> None:
    book = f"Walden @{stage}:sleep=0.5"
    workspace.run("run-pipeline", book, "--yes", **BRIEF)
    publish = ("pressrun", "publish", book, *place(workspace), "--yes")
    killed = workspace.terminal(*publish, **BRIEF)
    killed.wait_for("/0.5 seconds")
    killed.process.kill(signal.SIGKILL)
    killed.process.wait()
    assert entry(workspace)["status"] == "processing"
    command = publish if goes_on == "publish" else ("run-pipeline", book, "--yes")
    again = workspace.run(*command, **BRIEF)
    assert again.returncode == 0, again.stderr
    assert [url.split("/")[2] for url in published(workspace)] == ["videos.example"] * 2 + ["bucket.example"] * 2
    assert len(set(published(workspace))) == 4
    assert workspace.stages_run().count("render") == 1
    assert (entry(workspace)["status"], entry(workspace)["short_url"]) == ("done", published(workspace)[3])
    assert "already published to bucket" in " ".join(workspace.run(*publish, **BRIEF).stderr.split())

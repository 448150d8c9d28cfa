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


def place(desk: Any) -> tuple[str, ...]:
    return ("--publisher", "bucket", "--publish-to", (desk.folder / "bucket").as_uri())


def published(desk: Any) -> list[str]:
    log = desk.folder / "published.log"
    return log.read_text().split() if log.exists() else []


def entry(desk: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((desk.folder / "database.json").read_text())["books"][0]
    return found


def ledger(desk: Any) -> UploadLedger:
    return UploadLedger(Path(desk.environment["PRESSRUN_UPLOAD_LEDGER"]))


@pytest.mark.parametrize("columns", COLUMNS)
def test_publishing_elsewhere_asks_publishes_and_says_it_has_the_second_time(desk: Any, columns: int) -> None:
    desk.run("run-pipeline", BOOK, "--yes", **BRIEF)
    terminal = desk.terminal("pressrun", "publish", BOOK, *place(desk), columns=columns, **BRIEF)
    terminal.wait_for("Proceed? [y/N]")
    assert kept_whole(terminal)
    assert "publishes video and short to bucket; nothing is made again" in said(terminal)
    assert "privacy private as the book was made" in said(terminal)
    assert len(published(desk)) == 2
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert desk.stages_run() == ["render", "upload", "shorts", "upload", "shorts"]
    assert entry(desk)["youtube_url"] == published(desk)[2]
    assert entry(desk)["status"] == "done"
    again = desk.terminal("pressrun", "publish", BOOK, *place(desk), columns=columns, **BRIEF)
    assert again.finish() == 0
    assert "already published to bucket" in said(again)
    assert published(desk)[2] in again.text.replace(" ", "").replace("│\n│", "").replace("│", "")
    assert len(published(desk)) == 4


def test_a_publication_leaves_a_record_that_the_report_shows(desk: Any) -> None:
    desk.run("run-pipeline", BOOK, "--yes", **BRIEF)
    assert desk.run("pressrun", "publish", BOOK, *place(desk), "--yes", **BRIEF).returncode == 0
    page = Path(desk.run("pressrun", "report", **BRIEF).stdout.strip()).read_text()
    assert "<code>publish</code>" in page
    assert published(desk)[2] in page
    records = sorted((desk.folder / "runs" / ".batches").glob("*.json"))
    assert desk.run("pressrun", "publish", BOOK, *place(desk), "--yes", **BRIEF).returncode == 0
    assert sorted((desk.folder / "runs" / ".batches").glob("*.json")) == records, "nothing ran the second time"


def test_a_no_and_a_dry_run_publish_nothing(desk: Any) -> None:
    desk.run("run-pipeline", BOOK, "--yes", **BRIEF)
    before = desk.files()
    terminal = desk.terminal("pressrun", "publish", BOOK, *place(desk), **BRIEF)
    terminal.wait_for("Proceed? [y/N]")
    terminal.type("n\n")
    assert terminal.finish() == 0
    assert "Nothing was published." in terminal.text
    dry = desk.run("pressrun", "publish", BOOK, *place(desk), "--dry-run", **BRIEF)
    assert "Dry run: nothing was written." in dry.stderr
    assert desk.files() == before


def test_what_cannot_be_published_is_one_sentence_a_remedy_and_exit_2(desk: Any) -> None:
    unknown = desk.run("pressrun", "publish", "Dune | Frank Herbert", "--yes", **BRIEF)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == (
        'Dune | Frank Herbert has not been begun.\nRun first: run-pipeline "Dune | Frank Herbert"\n'
    )
    desk.run("run-pipeline", "Dune @render:fail", "--yes", **BRIEF)
    unfinished = desk.run("pressrun", "publish", "Dune @render:fail", "--yes", **BRIEF)
    assert unfinished.returncode == 2
    assert "Dune @render:fail is not finished: render has not been done." in unfinished.stderr
    assert desk.run("pressrun", "publish", BOOK, "--publisher", "nobody", **BRIEF).returncode == 2


@pytest.mark.parametrize("columns", COLUMNS)
def test_an_unknown_upload_is_skipped_and_resolved(desk: Any, columns: int) -> None:
    desk.list_books(UNKNOWN)
    assert desk.run("run-batch", "--yes", **BRIEF).returncode == 1
    terminal = desk.terminal("run-batch", columns=columns, **BRIEF)
    assert terminal.finish() == 0
    assert kept_whole(terminal)
    assert f'pressrun resolve "{UNKNOWN}" --url URL, or --not-published' in said(terminal)
    url = "https://videos.example/found-by-the-user-on-a-page-of-the-channel-with-a-long-address"
    resolved = desk.terminal("pressrun", "resolve", UNKNOWN, "--url", url, columns=columns, **BRIEF)
    assert resolved.finish() == 0
    assert f"{UNKNOWN}: its video counts as published at" in said(resolved)
    assert url in resolved.text.replace("\n", "")
    assert f'To go on: run-pipeline "{UNKNOWN}"' in said(resolved)
    assert desk.run("run-batch", "--yes", **BRIEF).returncode == 0
    assert (entry(desk)["status"], entry(desk)["youtube_url"]) == ("done", url)
    assert desk.stages_run() == ["render", "upload", "shorts"]


def test_an_answer_that_is_none_is_refused_with_exit_2_and_changes_nothing(desk: Any) -> None:
    desk.run("run-pipeline", UNKNOWN, "--yes", **BRIEF)
    database = (desk.folder / "database.json").read_bytes()
    for arguments, words in (
        ((UNKNOWN,), "Neither --url nor --not-published was given."),
        ((UNKNOWN, "--url", "https://a.example/1", "--not-published"), "Both --url and --not-published were given."),
        ((UNKNOWN, "--url", "nonsense"), "--url: nonsense is no address."),
        ((UNKNOWN, "--url", "https://a.example/1", "--stage", "shorts"), "it is upload that is unknown, not shorts."),
        (("Dune", "--not-published"), "Dune has not been begun."),
    ):
        refused = desk.run("pressrun", "resolve", *arguments, **BRIEF)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert words in refused.stderr
    assert (desk.folder / "database.json").read_bytes() == database


@pytest.mark.parametrize("columns", COLUMNS)
def test_the_plan_shows_the_uploads_that_are_left_and_who_waits(desk: Any, columns: int) -> None:
    desk.list_books("Walden", "Emma")
    desk.run("run-batch", "--yes", "--delay", "0", "--until", "render", **BRIEF)
    for folder in (desk.folder / "runs").glob("2*"):
        # As if both had been begun while YouTube was set up.
        item = json.loads((folder / "item.json").read_text())
        item["services"]["publisher"] = "youtube"
        (folder / "item.json").write_text(json.dumps(item))
    for number in range(97):
        ledger(desk).count("youtube", f"earlier {number}", 0)
    terminal = desk.terminal("run-batch", "--delay", "0", columns=columns, **BRIEF)
    terminal.wait_for("Proceed? [y/N]")
    assert kept_whole(terminal)
    assert "uploads left today 3 of 100" in said(terminal)
    waits = "uploads tomorrow: 1 of today's 100 are left, and it needs 2"
    assert waits in said(terminal)
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert f"Emma: {waits}" in said(terminal)
    assert desk.stages_run("Walden") == ["render", "upload", "shorts"]
    assert desk.stages_run("Emma") == ["render"]
    ignoring = desk.run("run-batch", "--yes", "--delay", "0", "--ignore-quota", **BRIEF)
    assert ignoring.returncode == 0
    assert "uploads left today 1 of 100 not heeded, as asked" in " ".join(ignoring.stderr.split())
    assert desk.stages_run("Emma") == ["render", "upload", "shorts"]
    assert len(ledger(desk).today("youtube").markers) == 101


def test_the_plan_for_programs_has_the_uploads_too(desk: Any) -> None:
    desk.run("run-pipeline", BOOK, "--yes", "--until", "render", **BRIEF)
    (folder,) = (desk.folder / "runs").glob("2*")
    item = json.loads((folder / "item.json").read_text())
    item["services"]["publisher"] = "youtube"
    (folder / "item.json").write_text(json.dumps(item))
    plan = json.loads(desk.run("run-pipeline", BOOK, "--dry-run", "--output-format", "json", **BRIEF).stdout)
    assert plan["uploads_today"] == {"left": 100, "of": 100}
    assert (plan["plan"][0]["uploads"], plan["plan"][0]["waits"]) == (2, "")


@pytest.mark.parametrize(("stage", "goes_on"), [("upload", "publish"), ("shorts", "run-pipeline")])
def test_killed_in_the_middle_it_is_published_once(desk: Any, stage: str, goes_on: str) -> None:
    book = f"Walden @{stage}:sleep=0.5"
    desk.run("run-pipeline", book, "--yes", **BRIEF)
    publish = ("pressrun", "publish", book, *place(desk), "--yes")
    killed = desk.terminal(*publish, **BRIEF)
    killed.wait_for("/0.5 seconds")
    killed.process.kill(signal.SIGKILL)
    killed.process.wait()
    assert entry(desk)["status"] == "processing"
    command = publish if goes_on == "publish" else ("run-pipeline", book, "--yes")
    again = desk.run(*command, **BRIEF)
    assert again.returncode == 0, again.stderr
    assert [url.split("/")[2] for url in published(desk)] == ["videos.example"] * 2 + ["bucket.example"] * 2
    assert len(set(published(desk))) == 4
    assert desk.stages_run().count("render") == 1
    assert (entry(desk)["status"], entry(desk)["short_url"]) == ("done", published(desk)[3])
    assert "already published to bucket" in " ".join(desk.run(*publish, **BRIEF).stderr.split())

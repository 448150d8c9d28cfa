"""A batch that runs by itself, and what one does in the after_batch, with the real commands."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.acceptance.conftest import CommandWorkspace
from tests.loopback.messages import http_inbox

from pressrun import redaction
from pressrun.cli.options import Request
from pressrun.cli.run_batch import run_batch


@pytest.fixture(scope="module")
def finished_batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after a batch in which Emma was made and Walden failed, once somebody was told of it."""
    workspace = CommandWorkspace(tmp_path_factory.mktemp("batch"))
    workspace.list_books("Emma", "Walden @tts:fail", "Dune")
    workspace.has_done("Dune", "https://videos.example/dune")
    with http_inbox() as inbox:
        secret = f"json://ann:word-of-honour@127.0.0.1:{inbox.port}"
        done = workspace.run("run-batch", "--yes", "--delay", "0", "--until", "shorts", "--notify", secret)
    assert done.returncode == 1
    (workspace.folder / "told.json").write_text(json.dumps(inbox.messages))
    return workspace.folder


@pytest.fixture
def after_batch(finished_batch: Path, tmp_path: Path) -> CommandWorkspace:
    shutil.copytree(finished_batch, tmp_path / "w")
    return CommandWorkspace(tmp_path / "w")


def record(workspace: CommandWorkspace, which: int = 0) -> dict[str, object]:
    paths = sorted((workspace.folder / "runs" / ".batches").glob("*.json"), reverse=True)
    found: dict[str, object] = json.loads(paths[which].read_text())
    return found


def test_one_message_says_how_it_went_and_what_failed(finished_batch: Path) -> None:
    (message,) = json.loads((finished_batch / "told.json").read_text())
    assert message["title"] == "Pressrun: 3 books: 1 success (new), 1 failed, 1 skipped"
    assert message["type"] == "failure"
    assert "Failed: Walden @tts:fail, at tts: tts was instructed to fail." in message["message"]
    assert "Remove the direction from the title." in message["message"]


def test_the_address_of_the_message_is_nowhere_on_the_disk(finished_batch: Path) -> None:
    for path in finished_batch.rglob("*"):
        if path.is_file():
            assert b"word-of-honour" not in path.read_bytes(), path


def test_a_batch_leaves_a_record(after_batch: CommandWorkspace) -> None:
    kept = record(after_batch)
    assert kept["asked"] == {"command": "run-batch", "until": "shorts"}
    assert kept["counts"] == {"success": 1, "resumed": 0, "failed": 1, "skipped": 1}
    emma, walden, _ = kept["books"]  # type: ignore[misc]
    assert [stage["name"] for stage in emma["stages"]] == [
        "search", "transcribe", "process", "tts", "render", "upload", "shorts"
    ]
    assert [stage["name"] for stage in walden["stages"]][-1] == "tts"


def test_a_batch_that_was_interrupted_leaves_one_too_and_a_dry_run_none(after_batch: CommandWorkspace) -> None:
    after_batch.list_books("Slow @render:sleep=30")
    terminal = after_batch.terminal("run-batch", "--yes", "--delay", "0")
    terminal.wait_for("render")
    terminal.type("\x03")
    assert terminal.finish() == 130
    assert record(after_batch)["interrupted"] is True
    count = len(list((after_batch.folder / "runs" / ".batches").iterdir()))
    after_batch.run("run-batch", "--dry-run")
    assert len(list((after_batch.folder / "runs" / ".batches").iterdir())) == count


def test_the_report_is_written_and_its_path_printed(after_batch: CommandWorkspace) -> None:
    done = after_batch.run("pressrun", "report")
    assert (done.returncode, done.stderr) == (0, "")
    path = Path(done.stdout.strip())
    assert path.parent == after_batch.folder / "runs" / ".batches"
    text = path.read_text(encoding="utf-8")
    assert "<h1>3 books: 1 finished, 1 failed, 1 skipped</h1>" in text
    assert "tts was instructed to fail" in text
    named = after_batch.run("pressrun", "report", "--batch", path.stem, "--output", "page.html")
    assert named.returncode == 0
    assert (after_batch.folder / "page.html").read_text(encoding="utf-8") == text
    nowhere = after_batch.run("pressrun", "report", "--output", "nowhere/page.html")
    assert (nowhere.returncode, "there is no folder" in " ".join(nowhere.stderr.split())) == (1, True)


def test_it_opens_in_the_browser_that_the_system_names(after_batch: CommandWorkspace) -> None:
    browser = after_batch.folder / "browser.sh"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o755)
    assert after_batch.run("pressrun", "report", "--open", BROWSER=f"{browser} %s").returncode == 0
    end = time.monotonic() + 5
    while not (opened := after_batch.folder / "opened").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert re.fullmatch(r"file://.*/runs/\.batches/.*\.html\n", opened.read_text())


def test_a_workspace_without_batches_reports_it(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    for command in ("report", "retry-failed"):
        done = workspace.run("pressrun", command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "No batch has been recorded" in done.stderr


def test_retry_failed_runs_what_failed_from_where_it_failed(after_batch: CommandWorkspace) -> None:
    before = len(after_batch.stages_run())
    plan = after_batch.run("pressrun", "retry-failed", "--dry-run")
    assert "1 book failed in the batch of" in plan.stderr
    assert "resumes at tts" in plan.stderr
    assert len(after_batch.stages_run()) == before
    done = after_batch.run("pressrun", "retry-failed", "--yes", "--delay", "0", "--output-format", "json")
    assert done.returncode == 1
    assert [each["book"] for each in json.loads(done.stdout)["failed"]] == ["Walden @tts:fail"]
    assert after_batch.stages_run()[before:] == ["tts"]
    assert record(after_batch)["asked"] == {"command": "retry-failed"}
    first = after_batch.run("pressrun", "retry-failed", "--batch", "2", "--dry-run")
    assert "1 book failed" in first.stderr


def test_a_publication_in_between_hides_no_failed_book(after_batch: CommandWorkspace) -> None:
    (batch,) = (after_batch.folder / "runs/.batches").glob("*.json")
    published = json.loads(batch.read_text()) | {"asked": {"command": "publish"}}
    later = batch.with_name("2099-01-01_00-00-00.json")
    later.write_text(json.dumps(published))
    plan = after_batch.run("pressrun", "retry-failed", "--dry-run")
    assert f"1 book failed in the batch of {batch.stem}." in plan.stderr
    named = after_batch.run("pressrun", "retry-failed", "--batch", later.stem)
    assert (named.returncode, "pressrun publish BOOK" in named.stderr) == (2, True)
    assert after_batch.run("pressrun", "report", "--output", "page.html").returncode == 0
    assert "<code>pressrun publish BOOK</code>" in (after_batch.folder / "page.html").read_text()


def test_books_that_a_stopped_retry_did_not_come_to_are_those_of_the_next(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    workspace.list_books("Walden @tts:fail", "Emma @tts:fail")
    assert workspace.run("run-batch", "--yes", "--delay", "0").returncode == 1
    workspace.run("pressrun", "retry-failed", "--yes", "--abort-on-error")
    again = workspace.run("pressrun", "retry-failed", "--dry-run")
    assert "1 book failed, and 1 was not retried, in the batch of" in again.stderr
    assert "2 books" in again.stderr


def test_a_book_that_failed_and_was_done_since_is_skipped(after_batch: CommandWorkspace) -> None:
    after_batch.has_done("Walden @tts:fail", "https://videos.example/walden")
    done = after_batch.run("pressrun", "retry-failed", "--yes")
    assert (done.returncode, "Nothing to do." in done.stderr) == (0, True)


def test_the_log_of_the_failed_stage_is_printed(after_batch: CommandWorkspace) -> None:
    done = after_batch.run("pressrun", "logs", "Walden @tts:fail")
    assert done.returncode == 0
    assert "tts was instructed to fail" in done.stdout
    assert "/logs/tts.log, " in done.stderr
    listed = after_batch.run("pressrun", "logs", "Walden @tts:fail", "--list")
    (row,) = listed.stdout.splitlines()
    assert re.fullmatch(r"tts\tfailed\t[\d.]+ k?B\truns/.*/logs/tts\.log", row)
    silent = after_batch.run("pressrun", "logs", "Emma", "--list")
    assert (silent.returncode, silent.stdout) == (0, "")
    assert "No stage of Emma has printed anything yet." in silent.stderr
    other = after_batch.run("pressrun", "logs", "Walden @tts:fail", "--stage", "render")
    assert (other.returncode, "The stage render of Walden @tts:fail has printed nothing" in other.stderr) == (2, True)
    unknown = after_batch.run("pressrun", "logs", "Middlemarch")
    assert (unknown.returncode, "has no run folder" in unknown.stderr) == (2, True)


def until_it_says_something(workspace: CommandWorkspace, stage: str) -> None:
    end = time.monotonic() + 20
    while not list(workspace.folder.glob(f"runs/*/logs/{stage}.log")):
        assert time.monotonic() < end, f"{stage} never said anything"
        time.sleep(0.05)


def test_a_running_book_is_followed_from_stage_to_stage_until_it_ends(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    title = "Emma @tts:flood=300 @tts:sleep=1 @render:flood=70 @render:sleep=1.5 @upload:fail"
    book = workspace.terminal("run-pipeline", title, "--yes", "--no-shorts")
    until_it_says_something(workspace, "tts")
    stage = workspace.run("pressrun", "logs", title, "--follow", "--stage", "tts")
    assert (stage.returncode, stage.stdout.count("x")) == (0, 300)
    until_it_says_something(workspace, "render")
    done = workspace.run("pressrun", "logs", title, "-f")
    assert done.returncode == 0
    assert "upload was instructed to fail" in done.stdout.partition("x" * 70)[2]
    assert re.findall(r"logs/(\w+)\.log", done.stderr.replace("\n", "")) == ["render", "upload"]
    assert book.finish() == 1
    over = workspace.run("pressrun", "logs", title, "-f")
    assert "upload was instructed to fail" in over.stdout
    both = workspace.run("pressrun", "logs", title, "-f", "--list")
    assert (both.returncode, "--list and --follow exclude each other." in both.stderr) == (2, True)


def test_ctrl_c_ends_the_following_and_not_the_book(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    title = "Emma @tts:flood=300 @tts:sleep=4"
    book = workspace.terminal("run-pipeline", title, "--yes")
    until_it_says_something(workspace, "tts")
    terminal = workspace.terminal("pressrun", "logs", title, "--follow")
    terminal.wait_for("logs/tts.log")
    clock = time.monotonic()
    terminal.type("\x03")
    assert terminal.finish() == 130
    assert time.monotonic() - clock < 1.5
    assert book.finish() == 0


def test_a_log_cannot_change_the_terminal_that_shows_it(after_batch: CommandWorkspace) -> None:
    (log,) = after_batch.folder.glob("runs/*/logs/tts.log")
    evil = b"\x1b]0;title\x07one\x1b[2J\x1b[31mtwo\x9b3m\x07\xe2\x80\xae three\r\n10 %\r20 %\n\ttab\xff"
    log.write_bytes(evil)
    assert after_batch.run("pressrun", "logs", "Walden @tts:fail").stdout.startswith("\x1b]0;title\x07one")
    terminal = after_batch.terminal("pressrun", "logs", "Walden @tts:fail")
    assert terminal.finish() == 0
    shown = terminal.raw.partition(b"onetwo")[2]
    assert b"onetwo" in terminal.raw
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2\x9b|\xe2\x80\xae", shown)
    assert "onetwo" in terminal.text
    assert "20 %" in terminal.text
    assert "10 %" not in terminal.text


def files_of(workspace: CommandWorkspace, title: str) -> set[str]:
    (folder,) = workspace.folder.glob(f"runs/*_{title}")
    return {path.name for path in folder.iterdir()}


def plan_of(workspace: CommandWorkspace) -> str:
    """The plan, without the free disk space and the time of its end, which change meanwhile."""
    plan = workspace.run("run-batch", "--dry-run").stderr
    return re.sub(r"\d+ (GB|MB) free", "free", re.sub(r"about \d\d:\d\d", "about", plan))


def test_clean_shows_asks_and_frees_and_the_plan_stays_the_same(after_batch: CommandWorkspace) -> None:
    plan = plan_of(after_batch)
    before = after_batch.files()
    shown = after_batch.run("pressrun", "clean", "--dry-run")
    assert "published: intermediate sound" in shown.stderr
    assert "not finished: tts has not run" in shown.stderr
    refused = after_batch.run("pressrun", "clean")
    assert (refused.returncode, after_batch.files()) == (2, before)
    terminal = after_batch.terminal("pressrun", "clean")
    terminal.wait_for("Remove them? [y/N]")
    terminal.type("n\n")
    assert (terminal.finish(), after_batch.files()) == (0, before)
    done = after_batch.run("pressrun", "clean", "--yes")
    assert (done.returncode, " freed." in done.stderr) == (0, True)
    gone = {Path(path).name for path in before - after_batch.files()}
    assert gone == {"voice.wav", "video.mp4", "short.mp4"}
    assert {"summary.json", "stages.json", "item.json", "upload.json", "short.json", "script.json"} <= files_of(
        after_batch, "Emma"
    )
    assert plan_of(after_batch) == plan
    assert "Nothing to free." in after_batch.run("pressrun", "clean", "--yes").stderr


def test_after_it_nothing_is_made_or_published_twice(after_batch: CommandWorkspace) -> None:
    after_batch.run("pressrun", "clean", "--yes")
    before, published = after_batch.stages_run("Emma"), (after_batch.folder / "published.log").read_text()
    database = after_batch.folder / "database.json"
    books = json.loads(database.read_text())
    books["books"] = [each for each in books["books"] if each["main_title"] != "Emma"]
    database.write_text(json.dumps(books))
    done = after_batch.run("run-pipeline", "Emma", "--yes")
    assert done.returncode == 0
    assert (after_batch.stages_run("Emma"), (after_batch.folder / "published.log").read_text()) == (before, published)


def test_after_a_cleanup_publishing_elsewhere_reports_the_missing_film_and_how_to_make_it(
    after_batch: CommandWorkspace
) -> None:
    after_batch.run("pressrun", "clean", "--yes")
    (after_batch.folder / "bucket").mkdir()
    place = f"file://{after_batch.folder}/bucket"
    arguments = ("pressrun", "publish", "Emma", "--publisher", "bucket", "--publish-to", place, "--yes")
    done = after_batch.run(*arguments)
    assert done.returncode == 2
    assert "video.mp4 of Emma is missing" in done.stderr
    assert 'run-pipeline "Emma" --from render' in " ".join(done.stderr.split())
    again = after_batch.run("run-pipeline", "Emma", "--from", "render", "--yes")
    assert again.returncode == 0
    assert {"voice.wav", "video.mp4"} <= files_of(after_batch, "Emma")


def test_a_publication_that_nobody_will_finish_goes_and_one_that_waits_stays(after_batch: CommandWorkspace) -> None:
    from pressrun.services.publishers.folder import _build_folder_name

    place = after_batch.folder / "published"
    (walden,) = after_batch.folder.glob("runs/*_Walden*")
    marker = json.loads((walden / "item.json").read_text())["id"] + "-upload-1"
    waiting, lost, own = place / _build_folder_name("video", marker), place / f".{'0' * 16}.part", place / ".mine"
    for folder in (waiting, lost, own):
        folder.mkdir(parents=True)
        (folder / "video.mp4").write_bytes(b"x" * 5000)
    done = after_batch.run("pressrun", "clean", "--yes")
    assert "incomplete publication that no run will finish" in " ".join(done.stderr.split())
    assert [each.exists() for each in (waiting, lost, own)] == [True, False, True]


def test_sound_and_video_are_deleted_automatically_where_the_setting_reports_it(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    (tmp_path / "pressrun.toml").write_text("keep_intermediate = false\ndelay = 0\n")
    workspace.list_books("Emma", "Walden @upload:fail")
    assert workspace.run("run-batch", "--yes").returncode == 1
    assert not files_of(workspace, "Emma") & {"voice.wav", "video.mp4", "short.mp4"}
    assert {"voice.wav", "video.mp4"} <= files_of(workspace, "Walden_upload_fail")
    assert "Already done" in workspace.run("run-batch", "--yes").stderr
    # Made again to publish it elsewhere, they are what was asked for.
    assert workspace.run("run-pipeline", "Emma", "--from", "render", "--yes").returncode == 0
    assert {"voice.wav", "video.mp4"} <= files_of(workspace, "Emma")


def test_a_batch_from_python_leaves_a_record_too(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    program = "import pressrun; pressrun.process_books_batch([pressrun.check_book_status('Emma')])"
    assert workspace.run(sys.executable, "-c", program, PRESSRUN_WORKSPACE=str(tmp_path)).returncode == 0
    assert record(workspace)["asked"] == {"command": "process_books_batch"}


def test_a_message_that_does_not_arrive_is_a_warning(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    with http_inbox() as inbox:
        port = inbox.port
    workspace.list_books("Emma")
    done = workspace.run("run-batch", "--yes", PRESSRUN_NOTIFY=f"json://127.0.0.1:{port}/hook")
    assert done.returncode == 0
    assert "The notification could not be sent" in done.stderr
    assert done.stdout.startswith("success\tEmma\t")


def test_an_address_that_cannot_be_used_stops_it_before_anything_runs(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    workspace.list_books("Emma")
    done = workspace.run("run-batch", "--yes", "--notify", "carrier-pigeon:secret-of-mine")
    assert (done.returncode, (tmp_path / "runs").exists()) == (2, False)
    assert "secret-of-mine" not in done.stderr


def test_the_wait_ends_at_once_with_ctrl_c_and_nothing_has_run(tmp_path: Path) -> None:
    workspace = CommandWorkspace(tmp_path)
    workspace.list_books("Emma")
    later = f"{datetime.now() + timedelta(hours=2):%H:%M}"
    terminal = workspace.terminal("run-batch", "--schedule", later)
    terminal.wait_for("Proceed?")
    terminal.type("y\n")
    terminal.wait_for(" left")
    clock = time.monotonic()
    terminal.type("\x03")
    assert terminal.finish() == 130
    assert time.monotonic() - clock < 1.5
    assert b"\x1b[?25l" not in terminal.raw
    assert not (tmp_path / "runs").exists()
    assert terminal.text.count("Waiting until") == 1


def test_at_its_time_it_plans_again_and_runs(tmp_path: Path) -> None:
    """The time comes by moving the time zone: in it the minute asked for is a few seconds away."""
    workspace = CommandWorkspace(tmp_path)
    workspace.list_books("Emma", "Walden")
    now = datetime.now(UTC)
    shift = (50 - now.second) % 60  # ten seconds to start in
    asked = f"{now + timedelta(seconds=shift + 60):%H:%M}"
    minutes, seconds = divmod(shift, 60)
    terminal = workspace.terminal(
        "run-batch", "--yes", "--delay", "0", "--schedule", asked, TZ=f"SET-0:{minutes:02d}:{seconds:02d}"
    )
    terminal.wait_for("Waiting until")
    workspace.has_done("Walden", "https://videos.example/walden")
    assert terminal.finish(60) == 0
    assert set(workspace.stages_run("Walden")) == set()
    assert len(workspace.stages_run("Emma")) == 7
    assert record(workspace)["asked"] == {"command": "run-batch", "schedule": asked}


@pytest.mark.parametrize("time_of_day", ["25:00", "soon", "2"])
def test_an_invalid_time_stops_it_before_anything_runs(tmp_path: Path, time_of_day: str) -> None:
    workspace = CommandWorkspace(tmp_path)
    workspace.list_books("Emma")
    done = workspace.run("run-batch", "--yes", "--schedule", time_of_day)
    assert (done.returncode, "not a time of day; use HH:MM" in " ".join(done.stderr.split())) == (2, True)
    assert not (tmp_path / "runs").exists()


def test_what_was_published_during_the_wait_is_not_published_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESSRUN_PIPELINE", "pressrun.testing.pipeline:TINY")
    monkeypatch.setenv("COLUMNS", "400")
    another = Request({}, workspace=tmp_path, book="Emma", yes=True)
    monkeypatch.setattr("pressrun.cli.run_batch.wait_until", lambda *_: run_batch(another))
    assert run_batch(replace(another, schedule="02:00", no_skip=True)) == 0
    assert (tmp_path / "tiny.log").read_text().count("upload\t") == 1
    assert "published since the plan was made" in capfd.readouterr().err


def test_an_error_while_nobody_looks_is_reported_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In this process, in which the wait is over at once and the database is broken by then."""
    monkeypatch.setenv("PRESSRUN_PIPELINE", "pressrun.testing.pipeline:TINY")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(redaction, "_registered", set())
    monkeypatch.setattr(
        "pressrun.cli.run_batch.wait_until", lambda *_: (tmp_path / "database.json").write_text("{")
    )
    with http_inbox() as inbox:
        address = f"json://127.0.0.1:{inbox.port}"
        request = Request({}, workspace=tmp_path, book="Emma", yes=True, schedule="02:00", notify=address)
        assert run_batch(request) == 2
    (message,) = inbox.messages
    assert message["title"] == "Pressrun: the batch ended with an error"
    assert "database.json, line 1" in message["message"]
    assert "database.json, line 1" in capfd.readouterr().err
    assert not (tmp_path / "runs").exists()

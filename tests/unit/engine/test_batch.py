from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from pressrun.engine.stage_run import format_limit
from pressrun.model.event import Paused, StageFinished, StageProgress, StageRetried, StageStarted, Stopping
from pressrun.model.plan import RunOptions
from pressrun.store.locks import book_lock
from pressrun.testing.pipeline import TINY
from pressrun.wording import result_lists, sentence


def database(engine: Any) -> list[dict[str, Any]]:
    books: list[dict[str, Any]] = json.loads(engine.workspace.database.read_text())["books"]
    return books


def checkpoint(folder: Path) -> dict[str, str | None]:
    read: dict[str, str | None] = json.loads((folder / "summary.json").read_text())
    return read


@pytest.mark.real_processes
def test_a_book_goes_through_every_stage_in_order_and_is_done(engine: Any) -> None:
    result = engine.run("Emma | Jane Austen")
    assert engine.started() == list(TINY.names)
    assert checkpoint(engine.folders()[0]) == dict.fromkeys(TINY.names, "success")
    (book,) = database(engine)
    assert (book["main_title"], book["author_name"], book["status"]) == ("Emma", "Jane Austen", "done")
    assert book["youtube_url"] == result.books[0].video_url
    assert book["short_url"] == result.books[0].short_url
    assert book["run_folder"] == f"runs/{engine.folders()[0].name}"
    assert result
    assert result.exit_code == 0


def test_the_checkpoint_has_exactly_the_documented_shape(engine: Any) -> None:
    engine.run("Emma @tts:fail")
    text = (engine.folders()[0] / "summary.json").read_text()
    assert json.loads(text) == {
        "search": "success",
        "transcribe": "success",
        "process": "success",
        "tts": "failed",
        "render": None,
        "upload": None,
        "shorts": None,
    }
    assert list(json.loads(text)) == list(TINY.names)


@pytest.mark.real_processes
def test_a_failed_book_stops_no_other_and_resumes_at_its_stage(engine: Any) -> None:
    result = engine.run("Emma @tts:fail", "Ulysses")
    assert [each.outcome for each in result.books] == ["failed", "success"]
    failed = result.books[0]
    assert (failed.stage, failed.error.message) == ("tts", "tts was instructed to fail")
    assert "instructed to fail" in (engine.workspace.root / failed.log).read_text()
    assert result.exit_code == 1
    before = len(engine.started())
    engine.run("Emma @tts:fail")
    assert engine.started()[before:] == ["tts"]
    assert len(engine.folders()) == 2


@pytest.mark.real_processes
def test_stages_json_describes_a_stage(engine: Any) -> None:
    engine.run("Emma @render:fail")
    records = json.loads((engine.folders()[0] / "stages.json").read_text())
    tts, render = records["tts"], records["render"]
    assert tts["exit"] == 0
    assert tts["attempts"] == 1
    assert tts["outputs"]["voice.wav"]["size"] == (engine.folders()[0] / "voice.wav").stat().st_size
    assert tts["fingerprint"]["services"] == {"voice": "espeak"}
    assert render["error"]["message"] == "render was instructed to fail"
    assert render["error"]["remedy"] == "Remove the direction from the title."


@pytest.mark.real_processes
def test_stages_json_keeps_the_facts_of_a_stage(engine: Any) -> None:
    engine.run("Emma @tts:fact=7")
    records = json.loads((engine.folders()[0] / "stages.json").read_text())
    assert records["tts"]["facts"] == {"direction": "7"}
    assert records["render"]["facts"] == {}


def test_warnings_of_a_stage_reach_the_result_and_later_plans_until_its_file_is_edited(engine: Any) -> None:
    warning = "Sentence 3 does not read well"
    (first,) = engine.run("Emma @process:warn=3", options=RunOptions(until="process")).books
    assert first.warnings == (warning,)
    (folder,) = engine.folders()
    assert json.loads((folder / "stages.json").read_text())["process"]["warnings"] == [warning]
    (row,) = engine.plan("Emma @process:warn=3").rows
    assert [sentence(each) for each in row.warnings] == [warning]
    script = folder / "script.json"
    script.write_text(script.read_text() + "\n")
    (row,) = engine.plan("Emma @process:warn=3").rows
    assert not row.warnings


def test_only_errors_that_can_pass_are_tried_again(engine: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("pressrun.engine.stage_run.retry_delay", lambda attempt: 0.01)
    result = engine.run("Emma @tts:flaky=2", "Ulysses @tts:fail")
    assert [each.outcome for each in result.books] == ["success", "failed"]
    retried = [event for event in engine.events if isinstance(event, StageRetried)]
    assert [(event.attempt, event.attempts) for event in retried] == [(1, 3), (2, 3)]
    assert engine.started().count("tts") == 4


@pytest.mark.real_processes
def test_retries_sets_the_number_of_tries(engine: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("pressrun.engine.stage_run.retry_delay", lambda attempt: 0.01)
    assert not engine.run("Emma @tts:flaky=1", retries=1)
    assert engine.started().count("tts") == 1


@pytest.mark.real_processes
def test_a_book_that_takes_too_long_fails_with_the_limit_and_leaves_nothing_running(engine: Any) -> None:
    engine.run("Emma @render:stubborn=60", options=RunOptions(until="tts"))
    started = time.monotonic()
    result = engine.run("Emma @render:stubborn=60", timeout=2.0, grace=0.2)
    assert result.books[0].error.message == "Timeout (>2 seconds)"
    assert result.books[0].stage == "render"
    assert time.monotonic() - started < 6
    assert format_limit(3600) == "1 hour"


def test_the_pause_comes_between_books_that_ran_and_never_after_a_skip(engine: Any) -> None:
    engine.run("Emma")
    engine.events.clear()
    engine.run("Emma", "Ulysses", "Dune", "Persuasion", delay=0.05)
    order = [type(event).__name__ for event in engine.events if type(event).__name__ in ("Paused", "BookFinished")]
    assert order == ["BookFinished", "BookFinished", "Paused", "BookFinished", "Paused", "BookFinished"]
    assert next(event for event in engine.events if isinstance(event, Paused)).seconds == 0.05


@pytest.mark.real_processes
def test_a_stop_ends_the_stage_keeps_what_is_finished_and_reports_the_rest(engine: Any) -> None:
    def stop_in_render(event: Any) -> None:
        if isinstance(event, StageProgress) and event.stage == "render":
            engine.stop.request("interrupt")

    engine.observer = stop_in_render
    started = time.monotonic()
    result = engine.run("Emma", "Ulysses @render:sleep=60", "Dune")
    assert time.monotonic() - started < 6
    assert [each.outcome for each in result.books] == ["success", "skipped", "skipped"]
    assert {sentence(each.reason) for each in result.books[1:]} == {"User interrupted batch"}
    assert result.exit_code == 130
    assert [event.reason for event in engine.events if isinstance(event, Stopping)] == ["interrupt"]
    ulysses = next(path for path in engine.folders() if "Ulysses" in path.name)
    assert checkpoint(ulysses)["tts"] == "success"
    assert checkpoint(ulysses)["render"] is None


def test_abort_on_error_skips_the_rest(engine: Any) -> None:
    result = engine.run("Emma @search:fail", "Ulysses", options=RunOptions(abort_on_error=True))
    assert [each.outcome for each in result.books] == ["failed", "skipped"]
    assert "--abort-on-error" in sentence(result.books[1].reason)
    assert engine.started() == ["search"]


def test_until_leaves_the_book_in_progress_and_a_later_run_resumes_it(engine: Any) -> None:
    result = engine.run("Emma", options=RunOptions(until="tts"))
    assert result
    assert sentence(result.books[0].reason) == "stopped after tts, as requested"
    assert database(engine)[0]["status"] == "processing"
    engine.run("Emma")
    assert engine.started() == list(TINY.names)
    assert database(engine)[0]["status"] == "done"


def test_a_second_copy_gets_a_new_folder_and_the_old_urls_stay_until_it_is_there(engine: Any) -> None:
    first = engine.run("Emma").books[0]
    again = RunOptions(skip_completed=False)
    engine.run("Emma", options=RunOptions(skip_completed=False, until="render"))
    assert len(engine.folders()) == 2
    assert (database(engine)[0]["status"], database(engine)[0]["youtube_url"]) == ("processing", first.video_url)
    second = engine.run("Emma", options=again).books[0]
    assert second.video_url != first.video_url
    assert database(engine)[0]["youtube_url"] == second.video_url
    assert len(database(engine)) == 1


def test_a_confirmed_from_upload_publishes_another_copy_from_the_same_folder(engine: Any) -> None:
    first = engine.run("Emma").books[0]
    second = engine.run("Emma", options=RunOptions(start_at="upload", publish_again=True)).books[0]
    assert engine.started() == [*TINY.names, "upload", "shorts"]
    assert second.video_url != first.video_url
    assert len(engine.folders()) == 1


def test_from_upload_without_a_confirmation_publishes_nothing(engine: Any) -> None:
    engine.run("Emma")
    result = engine.run("Emma", options=RunOptions(start_at="upload"))
    assert engine.started() == list(TINY.names)
    assert result.books[0].outcome == "skipped"


def test_a_stage_that_is_switched_off_is_skipped_in_the_checkpoint(engine: Any) -> None:
    result = engine.run("Emma", shorts=False)
    assert checkpoint(engine.folders()[0])["shorts"] == "skipped"
    assert result.books[0].short_url is None
    assert database(engine)[0]["status"] == "done"


def test_a_book_that_another_process_works_on_is_skipped_with_that_reason(engine: Any) -> None:
    plan = engine.plan("Emma")
    with book_lock(engine.workspace.locks, plan.rows[0].book) as mine:
        assert mine
        result = engine.run("Emma", "Ulysses")
    assert [each.outcome for each in result.books] == ["skipped", "success"]
    assert sentence(result.books[0].reason) == "Another process is working on this book"


@pytest.mark.parametrize("again", [{"skip_completed": False}, {"start_at": "upload"}])
def test_a_second_copy_is_published_only_if_the_agreed_plan_announced_it(
    engine: Any, again: dict[str, Any]
) -> None:
    engine.run("Emma")
    options = RunOptions(**again, publish_again=True)
    plan = engine.plan("Emma", "Ulysses", options=options)
    engine.run("Ulysses")
    result = engine.run_plan(plan, options)
    assert result.books[0].outcome != "skipped"
    assert result.books[1].outcome == "skipped"
    assert sentence(result.books[1].reason).startswith("published since the plan was made")
    assert result.books[1].video_url
    assert engine.started().count("upload") == 3


def test_a_book_that_was_finished_after_the_plan_was_made_is_not_run_again(engine: Any) -> None:
    plan = engine.plan("Emma")
    engine.run("Emma")
    result = engine.run_plan(plan)
    assert result.books[0].outcome == "skipped"
    assert engine.started() == list(TINY.names)


@pytest.mark.real_processes
def test_a_stage_that_makes_nothing_has_failed(engine: Any) -> None:
    result = engine.run("Emma @tts:nothing")
    assert result.books[0].error.message == "tts succeeded but did not create voice.wav"


@pytest.mark.real_processes
def test_a_defect_in_a_stage_is_one_line_for_the_user_and_a_traceback_in_the_log(engine: Any) -> None:
    result = engine.run("Emma @process:crash")
    assert result.books[0].error.message == "Unexpected error: ValueError: instructed to crash"
    assert "Traceback" in (engine.workspace.root / result.books[0].log).read_text()


def test_a_defect_in_the_engine_fails_the_book_and_not_the_batch(engine: Any, monkeypatch: Any) -> None:
    from pressrun.engine import item_run

    real = item_run.run_stage

    def broken(run: Any, folder: Any, stage: Any, book: Any, *rest: Any) -> Any:
        if "Emma" in book.title and stage.name == "tts":
            raise RuntimeError("a defect")
        return real(run, folder, stage, book, *rest)

    monkeypatch.setattr(item_run, "run_stage", broken)
    result = engine.run("Emma", "Ulysses")
    assert [each.outcome for each in result.books] == ["failed", "success"]
    assert result.books[0].error.message == "Unexpected error: RuntimeError: a defect"
    assert "RuntimeError: a defect" in (engine.workspace.root / result.books[0].log).read_text()


@pytest.mark.real_processes
def test_a_file_of_the_workspace_is_not_taken_for_a_module(engine: Any) -> None:
    (engine.workspace.root / "json.py").write_text("raise SystemExit('not the json of the standard library')")
    assert engine.run("Emma")


@pytest.mark.real_processes
def test_observers_hear_of_every_stage(engine: Any) -> None:
    engine.run("Emma")
    assert [event.stage for event in engine.events if isinstance(event, StageStarted)] == list(TINY.names)
    finished = [event for event in engine.events if isinstance(event, StageFinished)]
    assert {event.outcome for event in finished} == {"success"}


def test_a_defect_of_an_observer_costs_nothing_but_its_events(engine: Any) -> None:
    def broken(event: Any) -> None:
        raise KeyError("a defect of the screen")

    engine.observer = broken
    assert engine.run("Emma")
    assert len(engine.events) == 1
    assert "a defect of the screen" in (engine.workspace.logs / "observer.log").read_text()


def test_the_database_has_an_address_before_the_rest_of_the_book_is_done(engine: Any) -> None:
    result = engine.run("Emma @shorts:fail")
    (entry,) = database(engine)
    assert (entry["status"], entry["short_url"]) == ("processing", None)
    assert entry["youtube_url"] == result.books[0].video_url
    assert result_lists(result)["failed"][0]["youtube_url"] == entry["youtube_url"]


def test_a_search_runs_again_if_its_result_could_not_be_used(engine: Any) -> None:
    engine.run("Emma @transcribe:fail")
    engine.run("Emma @transcribe:fail")
    assert engine.started() == ["search", "transcribe"] * 2


@pytest.mark.real_processes
def test_an_edited_script_is_kept_and_what_needs_it_is_rebuilt(engine: Any) -> None:
    engine.run("Emma @upload:fail")
    script = engine.folders()[0] / "script.json"
    script.write_text("my own words")
    before = len(engine.started())
    engine.run("Emma @upload:fail")
    assert engine.started()[before:] == ["tts", "render", "upload"]
    assert script.read_text() == "my own words"


def test_an_edited_script_that_is_rebuilt_is_kept_aside(engine: Any) -> None:
    engine.run("Emma @upload:fail")
    folder = engine.folders()[0]
    (folder / "script.json").write_text("my own words")
    engine.run("Emma @upload:fail", target_seconds=60)
    assert (folder / "script.edited.json").read_text() == "my own words"
    assert (folder / "script.json").read_text() != "my own words"


@pytest.mark.real_processes
def test_the_log_of_a_stage_keeps_earlier_attempts(engine: Any) -> None:
    engine.run("Emma @tts:fail")
    engine.run("Emma @tts:fail")
    text = (engine.folders()[0] / "logs" / "tts.log").read_text()
    assert text.count("attempt 1") == 2
    assert text.count("Traceback") == 2


def test_a_workspace_that_cannot_be_used_is_not_a_defect(engine: Any) -> None:
    plan = engine.plan("Emma")
    engine.workspace.runs.write_text("a file where the folder belongs")
    result = engine.run_plan(plan)
    assert result.books[0].error.kind == "FileTroubleError"
    assert result.books[0].error.remedy == "Move the file that is in the place of a folder."
    assert result.books[0].log is None


def test_from_on_a_published_book_notes_that_the_published_copy_is_older(engine: Any) -> None:
    first = engine.run("Emma").books[0]
    result = engine.run("Emma", options=RunOptions(start_at="tts")).books[0]
    assert result.video_url == first.video_url
    assert sentence(result.reason) == "the published copy is older; --from upload publishes the rebuilt one"


def test_a_pause_is_paid_once_and_not_for_every_book_that_another_run_finished(engine: Any) -> None:
    plan = engine.plan("Emma", "Ulysses", "Dune", "Persuasion")
    engine.run("Ulysses", "Dune", "Persuasion")
    engine.events.clear()
    engine.run_plan(plan, delay=0.01)
    assert len([event for event in engine.events if isinstance(event, Paused)]) == 1

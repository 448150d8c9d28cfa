from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import AmbiguousBookError, BrokenFileError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import PlanRow, RunOptions
from pressrun.model.reason import Reason, ReasonKind
from pressrun.store import run_folder
from pressrun.testing.pipeline import TINY
from pressrun.wording import details, sentence


def entry(title: str, author: str | None = None, status: str | None = "done", **more: Any) -> dict[str, Any]:
    return {"main_title": title, "author_name": author, "status": status, **more}


def write(engine: Any, *entries: dict[str, Any]) -> None:
    engine.workspace.database.write_text(json.dumps({"books": list(entries)}))


def test_an_unknown_book_starts_fresh(engine: Any) -> None:
    row = engine.plan("Emma").rows[0]
    assert (row.status, row.action, details(row), row.stages) == ("new", "process", "fresh start", TINY.names)


def test_a_done_book_is_skipped_with_its_url(engine: Any) -> None:
    write(engine, entry("Emma", youtube_url="https://videos.example/1"))
    row = engine.plan("emma ").rows[0]
    assert (row.action, details(row)) == ("skip", "https://videos.example/1")


def test_a_done_book_is_rebuilt_on_request_with_a_warning(engine: Any) -> None:
    write(engine, entry("Emma", youtube_url="https://videos.example/1"))
    row = engine.plan("Emma", options=RunOptions(skip_completed=False)).rows[0]
    assert (row.action, row.run_folder, row.stages) == ("process", None, TINY.names)
    assert tuple(map(sentence, row.warnings)) == ("a second copy will be published",)


@pytest.mark.parametrize("status", [None, "processing"])
def test_a_book_that_has_an_address_and_no_run_folder_is_warned_of(engine: Any, status: str | None) -> None:
    write(engine, entry("Emma", status=status, youtube_url="https://videos.example/1"))
    row = engine.plan("Emma").rows[0]
    assert (row.action, details(row)) == ("process", "fresh start")
    assert tuple(map(sentence, row.warnings)) == ("a second copy will be published",)


@pytest.mark.real_processes
def test_a_half_done_book_resumes_in_its_folder_with_a_reason(engine: Any) -> None:
    engine.run("Emma @render:fail")
    row = engine.plan("Emma @render:fail").rows[0]
    assert (row.status, row.action) == ("processing", "resume")
    assert row.run_folder == f"runs/{engine.folders()[0].name}"
    assert details(row) == "resumes at render: failed before"


def test_a_folder_without_titles_is_not_resumed(engine: Any) -> None:
    engine.run("Emma @render:fail")
    (engine.folders()[0] / "output.titles.json").unlink()
    assert details(engine.plan("Emma @render:fail").rows[0]) == "fresh start"


def test_a_run_folder_of_another_book_is_not_used(engine: Any) -> None:
    engine.run("Emma @render:fail")
    name = f"runs/{engine.folders()[0].name}"
    write(engine, entry("Ulysses", status="processing", run_folder=name))
    assert details(engine.plan("Ulysses").rows[0]) == "fresh start"


@pytest.mark.parametrize("prefix", ["runs/", "", "./runs/"])
def test_a_run_folder_with_a_name_of_its_own_is_found_with_and_without_runs(engine: Any, prefix: str) -> None:
    engine.run("Emma @render:fail")
    engine.folders()[0].rename(engine.workspace.runs / "mine")
    write(engine, entry("Emma @render:fail", status="processing", run_folder=f"{prefix}mine"))
    assert details(engine.plan("Emma @render:fail").rows[0]) == "resumes at render: failed before"


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "../../etc", "/"])
def test_a_run_folder_that_cannot_be_a_path_is_not_used(engine: Any, name: str) -> None:
    write(engine, entry("Emma", status="processing", run_folder=name))
    assert details(engine.plan("Emma").rows[0]) == "fresh start"


@pytest.mark.parametrize("url", ["file:///a%00b", "file://[::1", "http://[::1"])
def test_an_address_that_cannot_be_one_is_not_checked(engine: Any, url: str) -> None:
    write(engine, entry("Emma", youtube_url=url))
    assert engine.plan("Emma").rows[0].warnings == ()


def test_a_book_whose_entry_was_removed_is_not_published_twice(engine: Any) -> None:
    engine.run("Emma")
    write(engine)
    row = engine.plan("Emma").rows[0]
    assert (row.action, row.stages, details(row)) == ("resume", (), "all stages done; the database will be corrected")


def test_the_author_of_the_database_is_shown_where_the_list_has_none(engine: Any) -> None:
    write(engine, entry("Emma", "Jane Austen"))
    assert engine.plan("Emma").rows[0].book.author == "Jane Austen"


def test_a_title_that_fits_two_books_names_both(engine: Any) -> None:
    write(engine, entry("Poems", "John Keats"), entry("Poems", "Emily Dickinson"))
    (warning,) = engine.plan("Poems").rows[0].warnings
    assert warning.kind is ReasonKind.DATABASE_AMBIGUOUS
    assert '"Poems | John Keats" (entry 1, done) and "Poems | Emily Dickinson" (entry 2, done)' in sentence(warning)
    assert engine.plan("Poems | John Keats").rows[0].action == "skip"


def test_a_duplicate_entry_stops_only_its_own_book(engine: Any) -> None:
    write(engine, entry("Poems"), entry("Poems"))
    plan = engine.plan("Poems", "Emma")
    assert "Remove entry 2 and keep entry 1." in sentence(plan.rows[0].warnings[0])
    result = engine.run_plan(plan)
    assert [each.outcome for each in result.books] == ["failed", "success"]
    assert "(entry 1, done) and" in result.books[0].error.message


def test_a_published_file_that_is_gone_is_named_in_the_plan(engine: Any) -> None:
    video = engine.workspace.root / "published" / "Emma é" / "video.mp4"
    video.parent.mkdir(parents=True)
    video.touch()
    write(engine, entry("Emma", youtube_url=video.as_uri()))
    assert engine.plan("Emma").rows[0].warnings == ()
    video.unlink()
    (warning,) = engine.plan("Emma").rows[0].warnings
    assert sentence(warning) == "published, but the file is missing; use --no-skip to make it again"
    assert warning.values == {"path": str(video)}


def test_an_address_outside_of_the_workspace_is_named_in_the_plan(engine: Any, tmp_path: Path) -> None:
    other = tmp_path.parent / f"{tmp_path.name} other" / "video.mp4"
    other.parent.mkdir()
    other.touch()
    write(engine, {**entry("Emma"), "youtube_url": other.as_uri()}, {**entry("Walden"), "youtube_url": "https://x.y/1"})
    rows = engine.plan("Emma", "Walden").rows
    assert [sentence(each) for each in rows[0].warnings] == [f"its address is outside of this workspace: {other}"]
    assert rows[1].warnings == ()
    assert engine.plan("Emma", publish_to=other.parent.as_uri()).rows[0].warnings == ()


def test_a_broken_database_stops_the_plan(engine: Any) -> None:
    engine.workspace.database.write_text('{"books": [\n  {"main_title": "Emma",}\n]}')
    with pytest.raises(BrokenFileError, match="line 2, column"):
        engine.plan("Emma")


def test_a_broken_run_folder_affects_only_its_book(engine: Any) -> None:
    engine.run("Emma @render:fail", "Ulysses @render:fail")
    broken = next(path for path in engine.folders() if "Emma" in path.name)
    (broken / "stages.json").write_text("{")
    rows = engine.plan("Emma @render:fail", "Ulysses @render:fail").rows
    assert details(rows[1]) == "resumes at render: failed before"
    assert "stages.json, line 1" in sentence(rows[0].warnings[0])
    result = engine.run("Emma @render:fail", "Ulysses @render:sleep=0")
    assert [each.outcome for each in result.books] == ["failed", "success"]
    assert "stages.json, line 1" in result.books[0].error.message


def test_the_plan_checks_only_books_that_run(engine: Any) -> None:
    engine.run("Emma")
    checked: list[str] = []

    def preflight(rows: list[PlanRow]) -> list[tuple[Reason, ...]]:
        checked.extend(row.book.title for row in rows)
        reason = Reason(ReasonKind.NO_SOURCE, {"reason": "nothing in sources/ matches; nearest: Dune"})
        return [(reason,)] * len(rows)

    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.plan import make_plan
    from pressrun.settings import default_settings

    books = [Book("Emma"), Book("Dunes")]
    plan = make_plan(books, BatchSpec(engine.workspace, TINY, default_settings()), engine.services, preflight)
    assert checked == ["Dunes"]
    assert tuple(map(sentence, plan.rows[1].warnings)) == ("No source: nothing in sources/ matches; nearest: Dune",)
    assert plan.rows[0].warnings == ()


def test_a_setting_that_is_not_set_explicitly_leaves_a_run_folder_as_it_is(engine: Any) -> None:
    engine.run("Emma @upload:fail", style="classic")
    assert engine.plan("Emma @upload:fail").rows[0].stages == ("upload", "shorts")
    row = engine.plan("Emma @upload:fail", style="minimal").rows[0]
    assert details(row) == "resumes at render: style changed: classic -> minimal"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (RunOptions(until="mix"), '--until: unknown stage "mix"'),
        (RunOptions(start_at="mix"), '--from: unknown stage "mix"'),
        (RunOptions(start_at="render", until="tts"), "--from render comes after --until tts"),
    ],
)
def test_unknown_stages_and_empty_ranges_are_rejected(engine: Any, options: RunOptions, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        engine.plan("Emma", options=options)


def test_a_book_already_run_up_to_the_wanted_stage_is_skipped(engine: Any) -> None:
    engine.run("Emma", options=RunOptions(until="tts"))
    row = engine.plan("Emma", options=RunOptions(until="tts")).rows[0]
    assert (row.action, details(row)) == ("skip", "already run up to tts")


def test_from_on_a_fresh_book_is_said_to_have_no_effect(engine: Any) -> None:
    row = engine.plan("Emma", options=RunOptions(start_at="render")).rows[0]
    assert details(row) == "fresh start; --from render has no effect without a run folder"
    assert row.stages == TINY.names


def test_from_on_a_done_book_whose_folder_is_gone_reports_it(engine: Any) -> None:
    write(engine, entry("Emma", run_folder="runs/2026-01-01_00-00-00_Emma"))
    row = engine.plan("Emma", options=RunOptions(start_at="render")).rows[0]
    assert (row.action, details(row)) == ("skip", "done, but its run folder is gone: use --no-skip to create it again")


def test_making_a_plan_writes_nothing(engine: Any) -> None:
    engine.run("Emma @render:fail")
    before = {path: path.stat().st_mtime_ns for path in engine.workspace.root.rglob("*")}
    engine.plan("Emma @render:fail", "Ulysses", "Dune")
    assert {path: path.stat().st_mtime_ns for path in engine.workspace.root.rglob("*")} == before


def test_numbered_folders_of_a_title_that_ends_in_a_number_are_distinguished(engine: Any) -> None:
    engine.run("Catch 22", "Catch")
    index = run_folder.RunIndex(engine.workspace)
    assert [path.name[20:] for path in index.find(Book("Catch 22"))] == ["Catch_22"]
    assert [path.name[20:] for path in index.find(Book("Catch"))] == ["Catch"]


def test_going_on_with_an_interrupted_second_copy_warns_of_it_again(engine: Any) -> None:
    engine.run("Emma")
    engine.run("Emma", options=RunOptions(skip_completed=False, until="tts"))
    row = engine.plan("Emma").rows[0]
    assert details(row) == "resumes at render: not run yet"
    assert tuple(map(sentence, row.warnings)) == ("a second copy will be published",)


def test_from_on_a_published_book_says_that_the_published_stays(engine: Any) -> None:
    engine.run("Emma")
    row = engine.plan("Emma", options=RunOptions(start_at="render")).rows[0]
    assert details(row) == "resumes at render: requested with --from render; the published copy stays unchanged"


def test_two_authors_of_the_list_do_not_share_an_entry_without_author(engine: Any) -> None:
    write(engine, entry("Poems"))
    with pytest.raises(AmbiguousBookError, match=r"Poems \| John Keats.* and .*Poems \| Emily Dickinson"):
        engine.plan("Poems | John Keats", "Poems | Emily Dickinson")

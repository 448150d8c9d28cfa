"""An upload with an unknown outcome: nothing is uploaded again until the user resolves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.planner import Planner, make_planner
from pressrun.engine.resolve_upload import resolve_upload
from pressrun.errors import UsageError
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions, ServiceChoice
from pressrun.settings import load_settings
from pressrun.store.locks import book_lock
from pressrun.testing.pipeline import BRIEF
from pressrun.wording import details, sentence

TITLE = "Emma @upload:unknown"
URL = "https://videos.example/as-the-user-found-it"


@pytest.fixture
def engine(engine: Any) -> Any:
    engine.pipeline = BRIEF
    return engine


def planner(engine: Any) -> Planner:
    return make_planner(BatchSpec(engine.workspace, BRIEF, load_settings(engine.workspace.root, {}, {})))


def entry(engine: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(engine.workspace.database.read_text())["books"][0]
    return found


def published(engine: Any) -> list[str]:
    return list((engine.workspace.root / "published.log").read_text().split())


@pytest.mark.real_processes
def test_the_book_fails_once_and_is_skipped_from_then_on(engine: Any) -> None:
    result = engine.run(TITLE)
    assert (result.books[0].outcome, result.books[0].stage) == ("failed", "upload")
    before = engine.started()
    row = engine.plan(TITLE).rows[0]
    assert (row.action, row.stages) == ("skip", ())
    assert details(row) == (
        "it is unknown whether its video was published; answer with: "
        f'pressrun resolve "{TITLE}" --url URL, or --not-published'
    )
    assert tuple(map(sentence, row.warnings)) == ("nothing is uploaded again until you resolve it",)
    result = engine.run(TITLE, "Ulysses")
    assert [each.outcome for each in result.books] == ["skipped", "success"]
    assert "pressrun resolve" in sentence(result.books[0].reason)
    assert engine.started() == [*before, *BRIEF.names]


@pytest.mark.parametrize(
    "options", [RunOptions(start_at="upload", publish_again=True), RunOptions(skip_completed=False)]
)
def test_no_other_option_sends_it_again(engine: Any, options: RunOptions) -> None:
    engine.run(TITLE)
    assert engine.plan(TITLE, options=options).rows[0].action == "skip"


def test_it_is_known_again_after_the_database_was_lost(engine: Any) -> None:
    engine.run(TITLE)
    engine.workspace.database.unlink()
    assert engine.plan(TITLE).rows[0].action == "skip"


@pytest.mark.real_processes
def test_with_an_address_the_next_run_resumes_after_the_upload(engine: Any) -> None:
    engine.run(TITLE)
    stage, done = resolve_upload(planner(engine), Book(TITLE), URL)
    assert (stage.name, done) == ("upload", False)
    folder = engine.folders()[0]
    receipt = json.loads((folder / "upload.json").read_text())
    item = json.loads((folder / "item.json").read_text())
    assert receipt == {"url": URL, "marker": f"{item['id']}-upload-1", "publisher": "folder", "privacy": "private"}
    assert (entry(engine)["status"], entry(engine)["youtube_url"]) == ("processing", URL)
    before = len(engine.started())
    result = engine.run(TITLE)
    assert engine.started()[before:] == ["shorts"]
    assert result.books[0].video_url == URL
    assert entry(engine)["status"] == "done"


def test_not_published_lets_the_next_run_publish_with_the_same_marker(engine: Any) -> None:
    engine.run("Emma @upload:lost")
    state = engine.folders()[0] / "upload.parts" / "folder.json"
    assert state.exists()
    stage, done = resolve_upload(planner(engine), Book("Emma @upload:lost"), None)
    assert (stage.name, done) == ("upload", False)
    assert not state.exists()
    result = engine.run("Emma @upload:lost")
    assert result.books[0].outcome == "resumed"
    assert len(published(engine)) == 2
    assert published(engine)[0].endswith("-upload-1")


def test_a_wrong_not_published_publishes_no_second_copy_if_the_marker_is_found(engine: Any) -> None:
    engine.run(TITLE)
    resolve_upload(planner(engine), Book(TITLE), None)
    assert engine.run(TITLE)
    assert len(published(engine)) == len(set(published(engine))) == 2


def test_an_unknown_short_that_is_resolved_makes_the_book_done(engine: Any) -> None:
    title = "Emma @shorts:unknown | Jane Austen"
    engine.run(title)
    assert "whether its short was published" in details(engine.plan(title).rows[0])
    folder = engine.folders()[0]
    (folder / "short.mp4").write_text("made before it was sent")
    stage, done = resolve_upload(planner(engine), Book("Emma @shorts:unknown"), URL)
    assert (stage.name, done) == ("shorts", True)
    assert (entry(engine)["status"], entry(engine)["short_url"]) == ("done", URL)
    assert entry(engine)["youtube_url"]
    assert engine.plan(title).rows[0].action == "skip"
    before = len(engine.started())
    engine.run(title)
    assert len(engine.started()) == before


def test_a_file_of_the_stage_that_is_missing_is_named(engine: Any) -> None:
    engine.run("Emma @shorts:unknown")
    with pytest.raises(UsageError, match=r"short\.mp4 is missing"):
        resolve_upload(planner(engine), Book("Emma @shorts:unknown"), URL)
    assert engine.plan("Emma @shorts:unknown").rows[0].action == "skip"


def test_a_book_can_be_published_elsewhere_only_after_it_is_resolved(engine: Any) -> None:
    engine.run(TITLE)
    engine.services = [*(each for each in engine.services if each.kind != "publisher"),
                      ServiceChoice("publisher", "bucket", "as set")]
    with pytest.raises(UsageError, match="It is unknown whether the video of Emma @upload:unknown was published"):
        engine.plan(TITLE, options=RunOptions(publish_elsewhere=True))
    resolve_upload(planner(engine), Book(TITLE), URL)
    assert engine.plan(TITLE, options=RunOptions(publish_elsewhere=True)).rows[0].stages == ("upload", "shorts")


def test_a_record_that_cannot_be_read_is_resolved_too(engine: Any) -> None:
    title = "Emma @upload:torn"
    engine.run(title)
    assert resolve_upload(planner(engine), Book(title), None)[0].name == "upload"
    assert engine.run(title)
    assert len(published(engine)) == 2


def test_a_book_without_an_unresolved_upload_is_an_error(engine: Any) -> None:
    engine.run("Emma", "Ulysses @upload:fail")
    for title, words in (
        ("Emma", "Emma has no unresolved upload"),
        ("Ulysses @upload:fail", "has no unresolved upload"),
        ("Dune", "Dune was never started"),
    ):
        with pytest.raises(UsageError, match=words):
            resolve_upload(planner(engine), Book(title), URL)


def test_another_stage_than_the_unresolved_one_is_an_error(engine: Any) -> None:
    engine.run(TITLE)
    with pytest.raises(UsageError, match="The unresolved stage of Emma @upload:unknown is upload, not shorts"):
        resolve_upload(planner(engine), Book(TITLE), URL, "shorts")
    assert resolve_upload(planner(engine), Book(TITLE), URL, "upload")


def test_while_another_process_works_on_the_book_it_waits(engine: Any) -> None:
    engine.run(TITLE)
    before = {path: path.read_bytes() for path in files(engine.folders()[0])}
    with book_lock(engine.workspace.locks, Book(TITLE)), pytest.raises(UsageError, match="Another process"):
        resolve_upload(planner(engine), Book(TITLE), URL)
    assert {path: path.read_bytes() for path in files(engine.folders()[0])} == before


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

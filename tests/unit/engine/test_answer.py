"""An upload of which nobody knows whether it arrived: nothing is sent again before the user has said so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pressrun.engine.answer import resolve
from pressrun.engine.plan import Planner, make_planner
from pressrun.errors import UsageError
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions, ServiceChoice
from pressrun.settings import load_settings
from pressrun.store.locks import book_lock
from pressrun.testing.pipeline import BRIEF

TITLE = "Emma @upload:unknown"
URL = "https://videos.example/as-the-user-found-it"


@pytest.fixture
def press(press: Any) -> Any:
    press.pipeline = BRIEF
    return press


def planner(press: Any) -> Planner:
    return make_planner(press.workspace, BRIEF, load_settings(press.workspace.root, {}, {}), RunOptions(), ())


def entry(press: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(press.workspace.database.read_text())["books"][0]
    return found


def published(press: Any) -> list[str]:
    return list((press.workspace.root / "published.log").read_text().split())


def test_the_book_fails_once_and_is_skipped_from_then_on(press: Any) -> None:
    result = press.run(TITLE)
    assert (result.books[0].outcome, result.books[0].stage) == ("failed", "upload")
    before = press.started()
    row = press.plan(TITLE).rows[0]
    assert (row.action, row.stages) == ("skip", ())
    assert row.details == (
        "it is not known whether its video was published; say so with: "
        f'pressrun resolve "{TITLE}" --url URL, or --not-published'
    )
    assert row.warnings == ("nothing of it is sent again before that is said",)
    result = press.run(TITLE, "Ulysses")
    assert [each.outcome for each in result.books] == ["skipped", "success"]
    assert "pressrun resolve" in result.books[0].reason
    assert press.started() == [*before, *BRIEF.names]


@pytest.mark.parametrize(
    "options", [RunOptions(start_at="upload", publish_again=True), RunOptions(skip_completed=False)]
)
def test_no_other_option_sends_it_again(press: Any, options: RunOptions) -> None:
    press.run(TITLE)
    assert press.plan(TITLE, options=options).rows[0].action == "skip"


def test_it_is_known_again_after_the_database_was_lost(press: Any) -> None:
    press.run(TITLE)
    press.workspace.database.unlink()
    assert press.plan(TITLE).rows[0].action == "skip"


def test_with_the_address_the_next_run_goes_on_after_it(press: Any) -> None:
    press.run(TITLE)
    stage, done = resolve(planner(press), Book(TITLE), URL)
    assert (stage.name, done) == ("upload", False)
    folder = press.folders()[0]
    receipt = json.loads((folder / "upload.json").read_text())
    item = json.loads((folder / "item.json").read_text())
    assert receipt == {"url": URL, "marker": f"{item['id']}-upload-1", "publisher": "folder", "privacy": "private"}
    assert (entry(press)["status"], entry(press)["youtube_url"]) == ("processing", URL)
    before = len(press.started())
    result = press.run(TITLE)
    assert press.started()[before:] == ["shorts"]
    assert result.books[0].youtube_url == URL
    assert entry(press)["status"] == "done"


def test_not_published_lets_the_next_run_publish_with_the_same_marker(press: Any) -> None:
    press.run("Emma @upload:lost")
    state = press.folders()[0] / "upload.parts" / "folder.json"
    assert state.exists()
    stage, done = resolve(planner(press), Book("Emma @upload:lost"), None)
    assert (stage.name, done) == ("upload", False)
    assert not state.exists()
    result = press.run("Emma @upload:lost")
    assert result.books[0].outcome == "resumed"
    assert len(published(press)) == 2
    assert published(press)[0].endswith("-upload-1")


def test_who_says_not_published_by_mistake_gets_no_second_copy_where_the_marker_is_found(press: Any) -> None:
    press.run(TITLE)
    resolve(planner(press), Book(TITLE), None)
    assert press.run(TITLE)
    assert len(published(press)) == len(set(published(press))) == 2


def test_an_unknown_short_that_is_resolved_makes_the_book_done(press: Any) -> None:
    title = "Emma @shorts:unknown | Jane Austen"
    press.run(title)
    assert "whether its short was published" in press.plan(title).rows[0].details
    folder = press.folders()[0]
    (folder / "short.mp4").write_text("made before it was sent")
    stage, done = resolve(planner(press), Book("Emma @shorts:unknown"), URL)
    assert (stage.name, done) == ("shorts", True)
    assert (entry(press)["status"], entry(press)["short_url"]) == ("done", URL)
    assert entry(press)["youtube_url"]
    assert press.plan(title).rows[0].action == "skip"
    before = len(press.started())
    press.run(title)
    assert len(press.started()) == before


def test_a_file_of_the_stage_that_is_missing_is_named(press: Any) -> None:
    press.run("Emma @shorts:unknown")
    with pytest.raises(UsageError, match=r"short\.mp4 is missing"):
        resolve(planner(press), Book("Emma @shorts:unknown"), URL)
    assert press.plan("Emma @shorts:unknown").rows[0].action == "skip"


def test_after_it_the_book_can_be_published_elsewhere_and_not_before(press: Any) -> None:
    press.run(TITLE)
    press.services = [*(each for each in press.services if each.kind != "publisher"),
                      ServiceChoice("publisher", "bucket", "as set")]
    with pytest.raises(UsageError, match="It is not known whether its video was published"):
        press.plan(TITLE, options=RunOptions(publish_elsewhere=True))
    resolve(planner(press), Book(TITLE), URL)
    assert press.plan(TITLE, options=RunOptions(publish_elsewhere=True)).rows[0].stages == ("upload", "shorts")


def test_a_record_that_cannot_be_read_is_resolved_too(press: Any) -> None:
    title = "Emma @upload:torn"
    press.run(title)
    assert resolve(planner(press), Book(title), None)[0].name == "upload"
    assert press.run(title)
    assert len(published(press)) == 2


def test_where_nothing_is_unknown_nothing_is_resolved(press: Any) -> None:
    press.run("Emma", "Ulysses @upload:fail")
    for title, words in (
        ("Emma", "Nothing of Emma is unknown"),
        ("Ulysses @upload:fail", "is unknown, so there is nothing to resolve"),
        ("Dune", "Dune has not been begun"),
    ):
        with pytest.raises(UsageError, match=words):
            resolve(planner(press), Book(title), URL)


def test_another_stage_than_the_unknown_one_is_refused(press: Any) -> None:
    press.run(TITLE)
    with pytest.raises(UsageError, match="it is upload that is unknown, not shorts"):
        resolve(planner(press), Book(TITLE), URL, "shorts")
    assert resolve(planner(press), Book(TITLE), URL, "upload")


def test_while_another_process_works_on_the_book_it_waits(press: Any) -> None:
    press.run(TITLE)
    before = {path: path.read_bytes() for path in files(press.folders()[0])}
    with book_lock(press.workspace.locks, Book(TITLE)), pytest.raises(UsageError, match="Another process"):
        resolve(planner(press), Book(TITLE), URL)
    assert {path: path.read_bytes() for path in files(press.folders()[0])} == before


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

"""The daily upload limit, with stages of the tiny pipeline that publish to "youtube"."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.model.event import StageNote, StageStarted
from pressrun.model.plan import RunOptions, ServiceChoice, UploadsLeft
from pressrun.store.upload_ledger import UploadLedger, ledger_path
from pressrun.testing.pipeline import BRIEF
from pressrun.wording import details, sentence

BEFORE_UPLOAD = BRIEF.names[:1]
WAITS = "uploads tomorrow: it needs {2}, and {0} of today's {1} are left"


@pytest.fixture
def youtube(engine: Any) -> Any:
    choices = [each for each in engine.services if each.kind != "publisher"]
    engine.services = [*choices, ServiceChoice("publisher", "youtube", "as set")]
    engine.pipeline = BRIEF
    return engine


def counted() -> list[str]:
    path = ledger_path()
    return [each["marker"] for each in json.loads(path.read_text())["uploads"]] if path.exists() else []


def use_up(number: int) -> None:
    for each in range(number):
        UploadLedger(ledger_path()).count("youtube", f"of another batch {each}", 0)


def yesterday() -> None:
    """All that was counted was counted on another day."""
    path = ledger_path()
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({"uploads": [each | {"day": "2020-01-01"} for each in plain["uploads"]]}))


def database(engine: Any) -> list[dict[str, Any]]:
    books: list[dict[str, Any]] = json.loads(engine.workspace.database.read_text())["books"]
    return books


def test_a_publisher_without_a_quota_is_not_counted(engine: Any) -> None:
    assert engine.plan("Emma").uploads is None
    engine.run("Emma")
    assert not ledger_path().exists()


def test_the_plan_shows_the_uploads_left_and_counts_none(youtube: Any) -> None:
    use_up(3)
    plan = youtube.plan("Emma", "Ulysses")
    assert plan.uploads == UploadsLeft(97, 100)
    assert [row.uploads for row in plan.rows] == [2, 2]
    assert len(counted()) == 3


def test_video_and_short_are_counted_by_their_markers(youtube: Any) -> None:
    youtube.run("Emma")
    urls = (youtube.workspace.root / "published.log").read_text().split()
    assert [url.rpartition("/")[2] for url in urls] == counted()
    assert youtube.plan("Ulysses").uploads == UploadsLeft(98, 100)


def test_a_book_without_a_short_needs_one_upload(youtube: Any) -> None:
    assert [row.uploads for row in youtube.plan("Emma", shorts=False).rows] == [1]


def test_books_beyond_the_quota_run_up_to_the_upload_and_say_so(youtube: Any) -> None:
    plan = youtube.plan("Emma", "Ulysses", uploads_per_day=3)
    assert [row.stages for row in plan.rows] == [BRIEF.names, BEFORE_UPLOAD]
    assert details(plan.rows[1]) == f"fresh start; {WAITS.format(1, 3, 2)}"
    assert plan.rows[1].decision.later == ("upload", "shorts")
    assert sentence(plan.rows[1].decision.reasons["upload"]) == WAITS.format(1, 3, 2)
    result = youtube.run("Emma", "Ulysses", uploads_per_day=3)
    assert [each.outcome for each in result.books] == ["success", "success"]
    assert sentence(result.books[0].reason) == ""
    assert sentence(result.books[1].reason) == WAITS.format(1, 3, 2)
    assert result.books[1].video_url is None
    assert result.exit_code == 0
    assert [book["status"] for book in database(youtube)] == ["done", "processing"]


def test_the_next_day_only_uploads(youtube: Any) -> None:
    use_up(1)
    youtube.run("Emma", uploads_per_day=1)
    assert youtube.started() == list(BEFORE_UPLOAD)
    yesterday()
    result = youtube.run("Emma", uploads_per_day=2)
    assert youtube.started() == list(BRIEF.names)
    assert result.books[0].outcome == "resumed"
    assert database(youtube)[0]["status"] == "done"


def test_on_the_same_day_a_book_that_only_waits_is_skipped_with_the_reason(youtube: Any) -> None:
    use_up(1)
    youtube.run("Emma", uploads_per_day=1)
    row = youtube.plan("Emma", uploads_per_day=1).rows[0]
    assert (row.action, row.stages, details(row)) == ("skip", (), WAITS.format(0, 1, 2))
    result = youtube.run("Emma", uploads_per_day=1)
    assert sentence(result.books[0].reason) == WAITS.format(0, 1, 2)
    assert youtube.started() == list(BEFORE_UPLOAD)


def test_a_later_book_that_needs_fewer_uploads_takes_those_left_by_an_earlier_one(youtube: Any) -> None:
    youtube.run("Ulysses @shorts:fail", uploads_per_day=0)
    yesterday()
    use_up(1)
    rows = youtube.plan("Emma", "Ulysses @shorts:fail", uploads_per_day=2).rows
    assert rows[0].waits
    assert rows[1].stages == ("shorts",)


def test_ignore_quota_uploads_everything_and_counts_it(youtube: Any) -> None:
    use_up(2)
    options = RunOptions(ignore_quota=True)
    assert youtube.plan("Emma", options=options, uploads_per_day=2).uploads == UploadsLeft(0, 2)
    result = youtube.run("Emma", options=options, uploads_per_day=2)
    assert result.books[0].video_url
    assert len(counted()) == 4


def test_no_limit_leaves_nothing_to_say(youtube: Any) -> None:
    use_up(5)
    plan = youtube.plan("Emma", uploads_per_day=0)
    assert plan.uploads is None
    assert plan.rows[0].stages == BRIEF.names


def test_a_try_that_was_counted_needs_no_second_upload(youtube: Any) -> None:
    youtube.run("Emma @upload:fail", uploads_per_day=2)
    assert len(counted()) == 1
    (row,) = youtube.plan("Emma @upload:fail", uploads_per_day=2).rows
    assert (row.uploads, row.stages) == (1, ("upload", "shorts"))
    youtube.run("Emma @upload:fail", uploads_per_day=2)
    assert len(counted()) == 1


def test_a_requested_second_copy_counts_again(youtube: Any) -> None:
    youtube.run("Emma")
    options = RunOptions(start_at="upload", publish_again=True)
    assert youtube.plan("Emma", options=options).rows[0].uploads == 2
    youtube.run("Emma", options=options)
    assert len(set(counted())) == 4


@pytest.mark.real_processes
def test_uploads_of_another_batch_stop_a_book_before_its_own(youtube: Any) -> None:
    def other_batch(event: Any) -> None:
        if isinstance(event, StageStarted) and event.stage == "render":
            use_up(2)

    youtube.observer = other_batch
    result = youtube.run("Emma", uploads_per_day=2)
    assert youtube.started() == list(BEFORE_UPLOAD)
    assert (result.books[0].outcome, sentence(result.books[0].reason)) == ("success", WAITS.format(0, 2, 1))
    assert result.exit_code == 0
    assert database(youtube)[0]["status"] == "processing"
    (folder,) = youtube.folders()
    assert json.loads((folder / "summary.json").read_text())["upload"] is None
    youtube.observer = None
    yesterday()
    assert youtube.run("Emma", uploads_per_day=2).books[0].outcome == "resumed"
    assert youtube.started() == list(BRIEF.names)


def test_when_only_the_video_got_its_upload_the_short_follows_the_next_day(youtube: Any) -> None:
    def other_batch(event: Any) -> None:
        if isinstance(event, StageStarted) and event.stage == "upload":
            use_up(1)

    youtube.observer = other_batch
    result = youtube.run("Emma", uploads_per_day=2)
    assert result.books[0].video_url
    assert sentence(result.books[0].reason) == WAITS.format(0, 2, 1)
    youtube.observer = None
    yesterday()
    assert youtube.run("Emma", uploads_per_day=2).books[0].short_url
    assert youtube.started() == list(BRIEF.names)


def test_a_book_that_needs_more_than_a_whole_day_has_is_spread_over_two(youtube: Any) -> None:
    result = youtube.run("Emma", uploads_per_day=1)
    assert result.books[0].video_url
    assert sentence(result.books[0].reason) == WAITS.format(0, 1, 1)
    yesterday()
    assert youtube.run("Emma", uploads_per_day=1).books[0].short_url
    assert youtube.started() == list(BRIEF.names)


def test_until_before_the_upload_needs_no_quota(youtube: Any) -> None:
    use_up(1)
    result = youtube.run("Emma", options=RunOptions(until="render"), uploads_per_day=1)
    assert sentence(result.books[0].reason) == "stopped after render, as requested"


def test_a_broken_ledger_is_a_warning_of_the_plan_and_a_note_of_the_run(youtube: Any) -> None:
    ledger_path().parent.mkdir()
    ledger_path().write_text("{")
    plan = youtube.plan("Emma")
    assert len(plan.warnings) == 1
    assert "uploads.json" in sentence(plan.warnings[0])
    assert youtube.run("Emma")
    notes = [event.text for event in youtube.events if isinstance(event, StageNote)]
    assert len(notes) == 1
    assert "uploads.json.broken" in notes[0]
    assert len(counted()) == 2


def test_the_publisher_that_a_run_folder_keeps_is_the_one_that_counts(youtube: Any, engine: Any) -> None:
    youtube.run("Emma @upload:fail")
    engine.services = [
        replace(each, name="folder") if each.kind == "publisher" else each for each in engine.services
    ]
    assert engine.plan("Emma @upload:fail", "Ulysses").rows[0].uploads == 1
    assert engine.plan("Emma @upload:fail", "Ulysses").rows[1].uploads == 0


def test_the_ledger_is_shared_by_workspaces(youtube: Any, tmp_path: Path) -> None:
    youtube.run("Emma")
    (tmp_path / "elsewhere").mkdir()
    youtube.workspace = replace(youtube.workspace, root=tmp_path / "elsewhere")
    assert youtube.plan("Ulysses").uploads == UploadsLeft(98, 100)

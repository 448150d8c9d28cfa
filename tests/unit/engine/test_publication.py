"""A finished book at another destination: it is published there once, and nothing is rebuilt."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pressrun.errors import UsageError
from pressrun.model.event import StageFinished
from pressrun.model.plan import RunOptions, ServiceChoice
from pressrun.store.locks import book_lock
from pressrun.store.upload_ledger import UploadLedger, ledger_path
from pressrun.testing.pipeline import BRIEF
from pressrun.wording import details, sentence

ELSEWHERE = RunOptions(publish_elsewhere=True)
STEPS = ["upload", "shorts"]


@pytest.fixture
def engine(engine: Any) -> Any:
    engine.pipeline = BRIEF
    return engine


def to(engine: Any, publisher: str) -> None:
    choices = [each for each in engine.services if each.kind != "publisher"]
    engine.services = [*choices, ServiceChoice("publisher", publisher, "as set")]


def published(engine: Any) -> list[str]:
    """The hosts of everything that was published, in order."""
    text: str = (engine.workspace.root / "published.log").read_text()
    return [url.split("/")[2].split(".")[0] for url in text.split()]


def entry(engine: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(engine.workspace.database.read_text())["books"][0]
    return found


@pytest.mark.real_processes
def test_only_the_publishing_stages_run_and_the_database_gets_the_new_addresses(engine: Any) -> None:
    first = engine.run("Emma | Jane Austen").books[0]
    to(engine, "bucket")
    row = engine.plan("Emma | Jane Austen", options=ELSEWHERE).rows[0]
    assert (row.status, row.action, row.stages) == ("done", "resume", ("upload", "shorts"))
    assert details(row) == "publishes video and short to bucket; nothing else runs"
    assert row.warnings == ()
    result = engine.run("Emma | Jane Austen", options=ELSEWHERE).books[0]
    assert engine.started() == [*BRIEF.names, *STEPS]
    assert published(engine) == ["videos", "videos", "bucket", "bucket"]
    assert entry(engine)["status"] == "done"
    assert (entry(engine)["youtube_url"], entry(engine)["short_url"]) == (result.video_url, result.short_url)
    assert result.video_url.startswith("https://bucket.example/")
    records = json.loads((engine.folders()[0] / "stages.json").read_text())
    assert records["upload"]["published"] == {"folder": first.video_url, "bucket": result.video_url}
    assert len(engine.folders()) == 1


def test_an_address_on_the_web_stays_in_the_database_when_a_file_is_published_too(engine: Any) -> None:
    to(engine, "youtube")
    first = engine.run("Emma").books[0]
    to(engine, "file")

    def stop_after_upload(event: Any) -> None:
        if isinstance(event, StageFinished) and event.stage == "upload":
            engine.stop.request("User interrupted batch")

    engine.observer = stop_after_upload
    engine.run("Emma", options=ELSEWHERE)
    assert (entry(engine)["status"], entry(engine)["youtube_url"]) == ("processing", first.video_url)
    engine.observer, engine.stop = None, type(engine.stop)()
    second = engine.run("Emma").books[0]
    assert second.video_url.startswith("file://")
    assert (entry(engine)["youtube_url"], entry(engine)["short_url"]) == (first.video_url, first.short_url)
    assert entry(engine)["status"] == "done"
    to(engine, "bucket")
    third = engine.run("Emma", options=ELSEWHERE).books[0]
    assert entry(engine)["youtube_url"] == third.video_url


def test_an_address_on_the_web_takes_the_place_of_a_file(engine: Any) -> None:
    to(engine, "file")
    assert engine.run("Emma").books[0].video_url.startswith("file://")
    to(engine, "youtube")
    assert entry(engine)["youtube_url"].startswith("file://")
    second = engine.run("Emma", options=ELSEWHERE).books[0]
    assert entry(engine)["youtube_url"] == second.video_url
    assert second.video_url.startswith("https://youtube.example/")


def test_an_interrupted_upload_elsewhere_is_a_warning_here(engine: Any) -> None:
    to(engine, "youtube")
    engine.run("Emma @upload:torn")
    (folder,) = engine.folders()
    same = engine.plan("Emma @upload:torn").rows[0]
    assert same.warnings == ()
    to(engine, "folder")
    row = engine.plan("Emma @upload:torn", publisher="folder").rows[0]
    said = "the upload of its video to youtube was interrupted and may have succeeded"
    assert tuple(map(sentence, row.warnings)) == (f"{said}: --publisher youtube continues it",)
    assert row.stages == ("upload", "shorts")
    assert engine.run("Emma @upload:torn", publisher="folder").books[0].outcome == "resumed"
    elsewhere = engine.plan("Emma @upload:torn", options=ELSEWHERE).rows[0]
    assert details(elsewhere) == "already published to folder"
    assert elsewhere.warnings == row.warnings
    (folder / "upload.parts" / "youtube.json").unlink()
    assert engine.plan("Emma @upload:torn", options=ELSEWHERE).rows[0].warnings == ()


def test_an_unresolved_upload_elsewhere_is_a_warning_where_the_book_is_published(engine: Any) -> None:
    title = "Emma @upload:lost"
    engine.run(title, options=RunOptions(until="render"))
    tried = engine.folders()[0] / "upload.tried"
    tried.write_text("1")
    engine.run(title)
    tried.unlink()
    to(engine, "youtube")
    assert engine.run(title, options=ELSEWHERE).books[0].outcome == "failed"
    to(engine, "folder")
    row = engine.plan(title, options=ELSEWHERE).rows[0]
    assert (row.action, details(row)) == ("skip", "already published to folder")
    assert "it is unknown whether its video was published" in sentence(row.warnings[0])
    assert "pressrun resolve" in sentence(row.warnings[0])


def test_a_second_time_it_is_published_there_already_and_so_it_is_in_the_first_place(engine: Any) -> None:
    first = engine.run("Emma").books[0]
    to(engine, "bucket")
    second = engine.run("Emma", options=ELSEWHERE).books[0]
    again = engine.plan("Emma", options=ELSEWHERE).rows[0]
    assert (again.action, details(again)) == ("skip", "already published to bucket")
    assert (again.video_url, again.short_url) == (second.video_url, second.short_url)
    to(engine, "folder")
    back = engine.plan("Emma", options=ELSEWHERE).rows[0]
    assert (back.action, details(back)) == ("skip", "already published to folder")
    assert (back.video_url, back.short_url) == (first.video_url, first.short_url)
    assert len(published(engine)) == 4


def test_two_buckets_are_two_places(engine: Any) -> None:
    engine.pipeline = replace(
        BRIEF,
        stages=tuple(
            replace(stage, settings=(*stage.settings, "publish_to")) if stage.publishes else stage
            for stage in BRIEF.stages
        ),
    )
    engine.run("Emma")
    to(engine, "bucket")
    engine.run("Emma", options=ELSEWHERE, publish_to="s3://one")
    assert engine.plan("Emma", options=ELSEWHERE, publish_to="s3://one").rows[0].action == "skip"
    row = engine.plan("Emma", options=ELSEWHERE, publish_to="s3://two").rows[0]
    assert details(row) == "publishes video and short to bucket s3://two; nothing else runs"


@pytest.mark.real_processes
def test_an_interrupted_publication_resumes_where_it_stopped(engine: Any) -> None:
    engine.run("Emma")
    to(engine, "bucket")

    def stop_after_upload(event: Any) -> None:
        if isinstance(event, StageFinished) and event.stage == "upload":
            engine.stop.request("User interrupted batch")

    engine.observer = stop_after_upload
    engine.run("Emma", options=ELSEWHERE)
    assert published(engine) == ["videos", "videos", "bucket"]
    assert entry(engine)["status"] == "processing"
    engine.observer, engine.stop = None, type(engine.stop)()
    row = engine.plan("Emma", options=ELSEWHERE).rows[0]
    assert row.stages == ("shorts",)
    assert engine.run("Emma", options=ELSEWHERE).books[0].outcome == "resumed"
    assert published(engine) == ["videos", "videos", "bucket", "bucket"]
    assert entry(engine)["status"] == "done"


def test_an_ordinary_run_resumes_a_failed_publication_and_rebuilds_nothing(engine: Any) -> None:
    engine.run("Emma @shorts:fail=0")
    folder = engine.folders()[0]
    to(engine, "bucket")
    engine.run("Emma @shorts:fail=0", options=ELSEWHERE)
    assert json.loads((folder / "summary.json").read_text())["shorts"] == "failed"
    before = len(engine.started())
    to(engine, "folder")
    engine.run("Emma @shorts:fail=0")
    assert engine.started()[before:] == ["shorts"]
    assert json.loads((folder / "item.json").read_text())["services"]["publisher"] == "bucket"


def test_settings_of_making_stay_as_the_book_was_made_whatever_is_set_now(engine: Any) -> None:
    engine.run("Emma", style="classic", privacy="unlisted")
    to(engine, "bucket")
    engine.run("Emma", options=ELSEWHERE, style="minimal", resolution="720p")
    item = json.loads((engine.folders()[0] / "item.json").read_text())
    assert (item["settings"]["style"], item["settings"]["resolution"]) == ("classic", "1080p")
    assert item["settings"]["privacy"] == "unlisted"
    assert item["services"]["publisher"] == "bucket"


def test_privacy_may_be_another_in_another_place(engine: Any) -> None:
    engine.run("Emma")
    to(engine, "bucket")
    engine.run("Emma", options=ELSEWHERE, privacy="public")
    assert json.loads((engine.folders()[0] / "item.json").read_text())["settings"]["privacy"] == "public"


def test_a_book_without_a_short_publishes_only_its_video(engine: Any) -> None:
    engine.run("Emma", shorts=False)
    to(engine, "bucket")
    assert engine.plan("Emma", options=ELSEWHERE).rows[0].stages == ("upload",)
    engine.run("Emma", options=ELSEWHERE)
    assert published(engine) == ["videos", "bucket"]
    assert engine.plan("Emma", options=ELSEWHERE).rows[0].action == "skip"


def test_a_book_that_is_made_and_not_published_can_be_published(engine: Any) -> None:
    engine.run("Emma", options=RunOptions(until="render"))
    to(engine, "bucket")
    assert engine.run("Emma", options=ELSEWHERE).books[0].outcome == "resumed"
    assert published(engine) == ["bucket", "bucket"]
    assert entry(engine)["status"] == "done"


def test_a_second_copy_at_the_new_destination_is_published_only_on_request(engine: Any) -> None:
    engine.run("Emma")
    to(engine, "bucket")
    engine.run("Emma", options=ELSEWHERE)
    engine.run("Emma", options=RunOptions(start_at="upload", publish_again=True))
    assert published(engine) == ["videos", "videos", "bucket", "bucket", "bucket", "bucket"]


@pytest.mark.parametrize(
    ("title", "words"),
    [("Emma", "Emma was never started"), ("Emma @render:fail", "is not finished: render did not run")],
    ids=["unknown", "unfinished"],
)
def test_a_book_that_cannot_be_published_names_the_command_to_run_first(engine: Any, title: str, words: str) -> None:
    if "@" in title:
        engine.run(title)
    with pytest.raises(UsageError, match=words) as caught:
        engine.plan(title, options=ELSEWHERE)
    assert caught.value.remedy == f'Run first: run-pipeline "{title}"'


def test_a_video_that_was_removed_is_named_with_the_stage_that_makes_it(engine: Any) -> None:
    engine.run("Emma")
    (engine.folders()[0] / "video.mp4").unlink()
    to(engine, "bucket")
    with pytest.raises(UsageError, match=r"video\.mp4 of Emma is missing") as caught:
        engine.plan("Emma", options=ELSEWHERE)
    assert "--from render" in caught.value.remedy


def test_a_done_book_whose_run_folder_is_gone_is_an_error(engine: Any) -> None:
    engine.workspace.database.write_text(json.dumps({"books": [{"main_title": "Emma", "status": "done"}]}))
    with pytest.raises(UsageError, match="The run folder of Emma is gone") as caught:
        engine.plan("Emma", options=ELSEWHERE)
    assert "--no-skip" in caught.value.remedy


def test_while_another_process_works_on_the_book_nothing_is_published(engine: Any) -> None:
    engine.run("Emma")
    to(engine, "bucket")
    plan = engine.plan("Emma", options=ELSEWHERE)
    with book_lock(engine.workspace.locks, plan.rows[0].book):
        result = engine.run("Emma", options=ELSEWHERE)
    assert sentence(result.books[0].reason) == "Another process is working on this book"
    assert len(published(engine)) == 2


def test_publishing_to_a_place_with_a_quota_waits_for_its_uploads(engine: Any) -> None:
    engine.run("Emma")
    to(engine, "youtube")
    UploadLedger(ledger_path()).count("youtube", "of another book", 0)
    (row,) = engine.plan("Emma", options=ELSEWHERE, uploads_per_day=2).rows
    assert (row.action, details(row)) == ("skip", "uploads tomorrow: it needs 2, and 1 of today's 2 are left")

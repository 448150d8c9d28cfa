"""Run a job of the kind ideas: a row becomes a run folder, and its stages make and deliver the video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pressrun.jobs.handler import Completed, JobContext, Outcome
from pressrun.kinds.host import Host
from pressrun.kinds.ideas.item_settings import item_settings
from pressrun.kinds.in_run_folder import NewItem, published_result, run_in_folder
from pressrun.model import idea as ideas
from pressrun.model.book import Book
from pressrun.model.idea import Idea
from pressrun.model.script import Narration
from pressrun.model.stage import Pipeline
from pressrun.settings import Settings, with_values
from pressrun.store import json_files
from pressrun.store.run_folder import RunFolder

PUBLISHERS = ("bucket", "folder")
"""Publishers that can deliver the video of an idea."""
NARRATION_FILE = "words.json"
_TEXT_COLUMNS = ("description", "target_audience", "tone", "script_content")


def run(job: JobContext, host: Host) -> Outcome:
    """Make one attempt at the job.

    Raises `FencedError` if another worker has the job, and `SettingsError` or `ServiceUnavailableError` if the video
    cannot be made here as requested.
    """
    return run_in_folder(job, host, new_item, video_result)


def new_item(job: JobContext, _: Pipeline, settings: Settings) -> NewItem:
    """Return the item of a row: its idea, and the settings of the workspace changed by the batch and the row."""
    return make_item(job.data, settings, job.settings, job.workspace, f"Row {job.position}")


def make_item(
    row: Mapping[str, Any], settings: Settings, batch: Mapping[str, Any], workspace: Path, origin: str
) -> NewItem:
    """Return the item of the ten columns `row`, with `settings` changed by those of its batch and by the row.

    `origin` names the row in errors. Raises `SettingsError` for a style or another value that cannot be used.
    """
    changed = with_values(settings, item_settings(batch, row, workspace), origin)
    idea = Idea(str(row["idea_title"]), *(str(row.get(name) or "") for name in _TEXT_COLUMNS))
    return NewItem(Book(idea.title), delivery_settings(changed), {ideas.FILE: idea})


def delivery_settings(settings: Settings) -> Settings:
    """Return `settings` with delivery to a bucket or a folder, and without a cover, which ideas do not have."""
    publisher = settings.item.publisher
    if publisher not in PUBLISHERS:
        publisher = "bucket" if settings.item.publish_to else "folder"
    return replace(settings, item=replace(settings.item, cover="none", publisher=publisher))


def video_result(folder: RunFolder, pipeline: Pipeline) -> Completed:
    """Return the URLs of the video, with the duration of the narration in seconds."""
    completed = published_result(folder, pipeline)
    if not any(NARRATION_FILE in stage.makes for stage in pipeline.stages):
        return completed
    duration = json_files.load(folder.path / NARRATION_FILE, Narration).duration
    return replace(completed, result={**completed.result, "duration": duration})

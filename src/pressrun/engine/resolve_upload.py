"""Record the user's answer to "was it published?" if neither the program nor the service knows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pressrun.engine.freshness import EffectiveConfig, decide, fingerprint
from pressrun.engine.planner import Planner
from pressrun.engine.publication import destination, publication_marker, unresolved_stage, upload_record
from pressrun.errors import BrokenFileError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions
from pressrun.model.stage import Pipeline, Stage
from pressrun.settings import ItemSettings, as_plain
from pressrun.store import json_files
from pressrun.store.locks import book_lock
from pressrun.store.run_folder import RunFolder, RunIndex, measure


def find_unresolved(planner: Planner, book: Book, stage_name: str | None = None) -> tuple[RunFolder, Stage]:
    """Return the run folder of `book` and the stage that may have published.

    Raises `UsageError` if there is none, or if it is not the stage called `stage_name`.
    """
    folder = planner.folder(book, planner.database.find(book), RunIndex(planner.spec.workspace))
    if folder is None:
        raise UsageError(f"{book} was never started", remedy="See which books are known: database.json lists them.")
    pipeline = planner.spec.pipeline.with_settings(_folder_config(folder).settings)
    stage = unresolved_stage(pipeline, folder) or _stage_with_unreadable_record(pipeline, folder)
    if stage is None:
        raise UsageError(
            f"{folder.item.book} has no unresolved upload",
            remedy=f'See what would happen to it: run-pipeline "{folder.item.book}" --dry-run',
        )
    if stage_name is not None and stage_name != stage.name:
        raise UsageError(
            f"The unresolved stage of {folder.item.book} is {stage.name}, not {stage_name}",
            remedy=f"Use --stage {stage.name}.",
        )
    return folder, stage


def resolve_upload(
    planner: Planner, book: Book, url: str | None, stage_name: str | None = None
) -> tuple[Stage, bool]:
    """Record that `book` was published at `url`, or with None that it was not.

    Returns the stage, and whether the book is done now. Raises `UsageError` as `find_unresolved` does, for a missing
    file, and while another process works on the book.
    """
    with book_lock(planner.spec.workspace.locks, book) as mine:
        if not mine:
            raise UsageError(
                f"Another process is working on {book}", remedy="Wait until it ends, and run the command again."
            )
        folder, stage = find_unresolved(planner, book, stage_name)
        if url is None:
            _forget_upload(folder, stage)
            return stage, False
        folder = _mark_published(folder, stage, url)
        return stage, _update_database(planner, folder, stage, url)


def _stage_with_unreadable_record(pipeline: Pipeline, folder: RunFolder) -> Stage | None:
    """Return a stage that failed because the record of its upload cannot be read, so it may have published."""
    for stage in pipeline.stages:
        error = folder.record(stage.name).error
        failed = stage.publishes and folder.checkpoint.get(stage.name) == "failed" and error is not None
        if failed and error and error.kind == BrokenFileError.__name__ and _record_path(folder, stage).is_file():
            return stage
    return None


def _record_path(folder: RunFolder, stage: Stage) -> Path:
    return upload_record(folder, stage, folder.item.services.get("publisher", "none"))


def _folder_config(folder: RunFolder) -> EffectiveConfig:
    """Return the settings and services stored in the run folder, with defaults for settings added since."""
    return EffectiveConfig(as_plain(ItemSettings()) | folder.item.settings, folder.item.services)


def _forget_upload(folder: RunFolder, stage: Stage) -> None:
    """Let the stage upload again. Its record goes first: a kill in between leaves the question open, not answered."""
    with suppress(FileNotFoundError, NotADirectoryError):
        _record_path(folder, stage).unlink()
    folder.save({stage.name: None}, {stage.name: replace(folder.record(stage.name), error=None)})


def _mark_published(folder: RunFolder, stage: Stage, url: str) -> RunFolder:
    """Write the receipt and the checkpoint that the stage would have written."""
    config = _folder_config(folder)
    for name in stage.makes:
        if name != stage.receipt and not (folder.path / name).is_file():
            raise UsageError(
                f"{folder.path / name} is missing", remedy="Restore the file, and run the command again."
            )
    receipt = {
        "url": url,
        "marker": publication_marker(folder, stage),
        "publisher": config.services["publisher"],
        "privacy": str(config.settings["privacy"]),
    }
    json_files.save(folder.path / stage.receipt, receipt)
    record = folder.record(stage.name)
    record = replace(
        record,
        error=None,
        fingerprint=fingerprint(stage, folder, config, {}),
        outputs={name: measure(folder.path / name) for name in stage.makes},
        facts=record.facts | {"resolved": "by the user"},
        published=record.published | {destination(stage, config.settings, config.services): url},
    )
    return folder.save({stage.name: "success"}, {stage.name: record})


def _update_database(planner: Planner, folder: RunFolder, stage: Stage, url: str) -> bool:
    """Store the address, and `"done"` if no stage is left; return whether none is."""
    book, relative = folder.item.book, planner.spec.workspace.relative(folder.path)
    planner.database.put_processing(book, relative, **{stage.publishes: url})
    if decide(planner.spec.pipeline, folder, _folder_config(folder), RunOptions()).stages:
        return False
    planner.database.put_done(book, None, None, relative)
    return True

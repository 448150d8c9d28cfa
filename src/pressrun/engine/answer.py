"""The user's answer to "was it published?", where neither the program nor the service could tell."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pressrun.engine.freshness import Wanted, decide, fingerprint
from pressrun.engine.plan import Planner
from pressrun.engine.publication import place, session_file, unknown_stage
from pressrun.engine.stage_run import marker
from pressrun.errors import BrokenFileError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions
from pressrun.model.stage import Pipeline, Stage
from pressrun.settings import ItemSettings, as_plain
from pressrun.store import json_files
from pressrun.store.locks import book_lock
from pressrun.store.run_folder import RunFolder, RunIndex, measure


def find_unknown(planner: Planner, book: Book, named: str | None = None) -> tuple[RunFolder, Stage]:
    """The run folder of `book` and the stage of which nobody knows whether it published.

    Raises `UsageError` where there is none, or where it is not the stage that is `named`.
    """
    folder = planner.folder(book, planner.database.find(book), RunIndex(planner.workspace))
    if folder is None:
        raise UsageError(f"{book} has not been begun", remedy="See which books are known: database.json lists them.")
    pipeline = planner.pipeline.with_settings(_kept(folder).settings)
    stage = unknown_stage(pipeline, folder) or _unreadable_record(pipeline, folder)
    if stage is None:
        raise UsageError(
            f"Nothing of {folder.item.book} is unknown, so there is nothing to resolve",
            remedy=f'What will become of it says: run-pipeline "{folder.item.book}" --dry-run',
        )
    if named is not None and named != stage.name:
        raise UsageError(
            f"Of {folder.item.book} it is {stage.name} that is unknown, not {named}",
            remedy=f"Use --stage {stage.name}.",
        )
    return folder, stage


def resolve(planner: Planner, book: Book, url: str | None, named: str | None = None) -> tuple[Stage, bool]:
    """Ends the unknown state of `book`: it was published at `url`, or with None not at all.

    Returns the stage and whether the book is done by it. Raises `UsageError` as `find_unknown` does, for a file that
    is missing, and while another process works on the book.
    """
    with book_lock(planner.workspace.locks, book) as mine:
        if not mine:
            raise UsageError(f"Another process is working on {book}", remedy="Wait for its end, and say it again.")
        folder, stage = find_unknown(planner, book, named)
        if url is None:
            _send_anew(folder, stage)
            return stage, False
        folder = _take_as_published(folder, stage, url)
        return stage, _put_into_database(planner, folder, stage, url)


def _unreadable_record(pipeline: Pipeline, folder: RunFolder) -> Stage | None:
    """A stage that failed because the record of its upload cannot be read: it may have published."""
    for stage in pipeline.stages:
        error = folder.record(stage.name).error
        failed = stage.publishes and folder.checkpoint.get(stage.name) == "failed" and error is not None
        if failed and error and error.kind == BrokenFileError.__name__ and _session(folder, stage).is_file():
            return stage
    return None


def _session(folder: RunFolder, stage: Stage) -> Path:
    return session_file(folder, stage, folder.item.services.get("publisher", "none"))


def _kept(folder: RunFolder) -> Wanted:
    """The settings and services of the run folder, and of nothing else."""
    return Wanted(as_plain(ItemSettings()) | folder.item.settings, folder.item.services)


def _send_anew(folder: RunFolder, stage: Stage) -> None:
    """Forgets the try: its session first, so that a kill in between leaves the question open."""
    with suppress(FileNotFoundError, NotADirectoryError):
        _session(folder, stage).unlink()
    folder.save({stage.name: None}, {stage.name: replace(folder.record(stage.name), error=None)})


def _take_as_published(folder: RunFolder, stage: Stage, url: str) -> RunFolder:
    """Writes the receipt and the checkpoint as the stage would have."""
    wanted = _kept(folder)
    for name in stage.makes:
        if name != stage.receipt and not (folder.path / name).is_file():
            raise UsageError(f"{folder.path / name} is missing", remedy="Put the file back, and say it again.")
    receipt = {
        "url": url,
        "marker": marker(folder, stage),
        "publisher": wanted.services["publisher"],
        "privacy": str(wanted.settings["privacy"]),
    }
    json_files.save(folder.path / stage.receipt, receipt)
    record = folder.record(stage.name)
    record = replace(
        record,
        error=None,
        fingerprint=fingerprint(stage, folder, wanted, {}),
        outputs={name: measure(folder.path / name) for name in stage.makes},
        facts=record.facts | {"resolved": "by the user"},
        published=record.published | {place(stage, wanted.settings, wanted.services): url},
    )
    return folder.save({stage.name: "success"}, {stage.name: record})


def _put_into_database(planner: Planner, folder: RunFolder, stage: Stage, url: str) -> bool:
    """The address, and `"done"` where nothing is left to do."""
    book, relative = folder.item.book, planner.workspace.relative(folder.path)
    planner.database.put_processing(book, relative, **{stage.publishes: url})
    if decide(planner.pipeline, folder, _kept(folder), RunOptions()).stages:
        return False
    planner.database.put_done(book, None, None, relative)
    return True

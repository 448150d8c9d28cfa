"""The record of a batch in `runs/.batches/<time>.json`, for the report and `retry-failed`.

It has the command, the plan, the result of every book and the time of each stage. It contains no secrets, and only the
newest records are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pressrun.errors import BrokenFileError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import Action, Estimate, Plan, PlanRow, ServiceChoice
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import OUTCOMES, BatchResult, BookResult, Outcome
from pressrun.redaction import redact
from pressrun.settings import ItemSettings, RunSettings, Settings
from pressrun.store import atomic, json_files
from pressrun.store.run_folder import STAGES, StageRecord
from pressrun.store.workspace import Workspace

MAX_RECORDS = 50
"""Older records are removed, together with their reports."""
MAX_SKIPPED_LISTED = 200
"""Skipped books that a record lists; the others are only counted."""
LAST = "last"
_NAME_FORMAT = "%Y-%m-%d_%H-%M-%S"
_KIND_OF_OLD_SENTENCE = {
    "User interrupted batch": ReasonKind.INTERRUPTED,
    "An earlier book failed and --abort-on-error was given": ReasonKind.ABORTED,
    "Another process is working on this book": ReasonKind.BUSY,
}
"""For records from before `reason_kind`. These are the sentences in old files, and never change with the wording."""
_NOT_REACHED = (ReasonKind.INTERRUPTED, ReasonKind.ABORTED)


class Words(Protocol):
    """Puts reasons into sentences; the module `pressrun.wording` is one."""

    def sentence(self, reason: Reason | None) -> str: ...

    def details(self, row: PlanRow) -> str: ...


@dataclass(frozen=True)
class StageTime:
    """How long a stage took in the batch, with all its attempts."""

    name: str
    seconds: float
    attempts: int = 1


@dataclass(frozen=True)
class BookRecord:
    """A book of the batch: what was planned for it, and how it ended."""

    number: int
    title: str
    author: str | None
    action: Action
    details: str
    outcome: Outcome
    planned: tuple[str, ...] = ()
    """Stages that were due."""
    youtube_url: str | None = None
    short_url: str | None = None
    reason: str = ""
    reason_kind: str = ""
    """The `ReasonKind` of `reason`; records of later versions may name others."""
    error: str = ""
    remedy: str = ""
    stage: str | None = None
    """The stage that failed."""
    log: str | None = None
    run_folder: str | None = None
    seconds: float = 0.0
    stages: tuple[StageTime, ...] = ()
    warnings: tuple[str, ...] = ()
    expected: float | None = None
    """Estimated seconds; None if past runs gave no estimate."""

    @property
    def book(self) -> Book:
        return Book(self.title, self.author)


@dataclass(frozen=True)
class BatchRecord:
    """A batch that has ended. Times are ISO 8601 with a UTC offset."""

    started: str
    ended: str
    seconds: float
    interrupted: bool
    asked: dict[str, Any]
    """The command, and its options that are not settings."""
    settings: dict[str, Any]
    """Settings that differ from their defaults."""
    services: tuple[ServiceChoice, ...]
    counts: dict[str, int]
    """Outcome -> books."""
    books: tuple[BookRecord, ...]
    left_out: int = 0
    """Skipped books that are not listed."""
    warnings: tuple[str, ...] = ()
    estimate: Estimate | None = None
    """The estimate of the plan; None without past runs."""
    disk: int = 0
    """Bytes that the batch wrote."""

    def of(self, outcome: Outcome) -> tuple[BookRecord, ...]:
        return tuple(each for each in self.books if each.outcome == outcome)

    @property
    def started_at(self) -> datetime:
        return datetime.fromisoformat(self.started)


def records_folder(workspace: Workspace) -> Path:
    return workspace.runs / ".batches"


def make_record(
    workspace: Workspace,
    plan: Plan,
    result: BatchResult,
    settings: Settings,
    asked: Mapping[str, Any],
    started: datetime,
    words: Words,
) -> BatchRecord:
    """Return the record of a batch that has ended.

    `asked` has the command and its options, `started` a time zone, and `words` puts the reasons into sentences.
    """
    listed, left_out = [], 0
    for row, ended in zip(plan.rows, result.books, strict=True):
        if ended.outcome == "skipped" and row.action == "skip":
            left_out += 1
            if left_out > MAX_SKIPPED_LISTED:
                continue
        listed.append(_book_record(workspace, row, ended, started, words))
    return BatchRecord(
        started=started.isoformat(timespec="seconds"),
        ended=datetime.now(started.tzinfo).isoformat(timespec="seconds"),
        seconds=round(result.seconds, 3),
        interrupted=result.interrupted,
        asked=dict(asked),
        settings=changed_settings(settings),
        services=tuple(each for each in plan.services if each.name != "none"),
        counts={outcome: len(result.of(outcome)) for outcome in OUTCOMES},
        books=tuple(listed),
        left_out=max(0, left_out - MAX_SKIPPED_LISTED),
        warnings=(*map(words.sentence, plan.warnings), *result.warnings),
        estimate=plan.estimate,
        disk=result.disk,
    )


def changed_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings with another value than their default."""
    now = asdict(settings.item) | asdict(settings.run)
    defaults = {each.name: each.default for group in (ItemSettings, RunSettings) for each in fields(group)}
    return {name: now[name] for name in sorted(settings.explicit) if now[name] != defaults[name]}


def _book_record(workspace: Workspace, row: PlanRow, ended: BookResult, started: datetime, words: Words) -> BookRecord:
    return BookRecord(
        number=row.number,
        title=ended.book.title,
        author=ended.book.author,
        action=row.action,
        details=words.details(row),
        outcome=ended.outcome,
        planned=row.stages,
        youtube_url=ended.video_url,
        short_url=ended.short_url,
        reason=words.sentence(ended.reason),
        reason_kind=ended.reason.kind if ended.reason else "",
        error=ended.error.message if ended.error else "",
        remedy=ended.error.remedy if ended.error else "",
        stage=ended.stage,
        log=ended.log,
        run_folder=ended.run_folder,
        seconds=round(ended.seconds, 3),
        stages=_stage_times(workspace, ended, started),
        warnings=tuple(dict.fromkeys((*map(words.sentence, row.warnings), *ended.warnings))),
        expected=row.seconds,
    )


def _stage_times(workspace: Workspace, ended: BookResult, started: datetime) -> tuple[StageTime, ...]:
    """Return the times of the stages that have run since `started`, in order."""
    if not ended.run_folder or not ended.seconds:
        return ()
    try:
        records = json_files.load(workspace.root / ended.run_folder / STAGES, dict[str, StageRecord])
    except (BrokenFileError, OSError):
        return ()
    ran = []
    for name, record in records.items():
        with suppress(ValueError, TypeError):
            # A stage records its start in whole seconds, so one of the same second may seem to have started earlier.
            if record.started and datetime.fromisoformat(record.started) >= started.replace(microsecond=0):
                ran.append((record.started, StageTime(name, round(record.seconds, 3), record.attempts)))
    return tuple(time for _, time in sorted(ran, key=lambda each: each[0]))


def save(workspace: Workspace, record: BatchRecord) -> Path:
    """Write a record atomically, remove the oldest ones beyond `MAX_RECORDS`, and return its path.

    Raises `NoSpaceError`, or `OSError` if the folder is not writable.
    """
    folder = records_folder(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    path = _reserve(folder, f"{record.started_at:{_NAME_FORMAT}}")
    try:
        atomic.write_bytes(path, redact(json_files.encode(record).decode()).encode())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    for old in list_records(workspace)[MAX_RECORDS:]:
        for each in (old, old.with_suffix(".html")):
            with suppress(OSError):
                each.unlink(missing_ok=True)
    return path


def _reserve(folder: Path, name: str) -> Path:
    """Create the first free name; two batches may start in the same second."""
    number = 1
    while True:
        path = folder / f"{name if number == 1 else f'{name}_{number}'}.json"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            number += 1
            continue
        return path


def list_records(workspace: Workspace) -> list[Path]:
    """Return the paths of the records, newest first."""
    return sorted((path for path in records_folder(workspace).glob("[!.]*.json") if path.stat().st_size), reverse=True)


def find(workspace: Workspace, which: str) -> Path:
    """Return the path of the record that `which` names: "last", 1 for the last, 2 for the one before, or its file name.

    Raises `UsageError` if there is none.
    """
    paths = list_records(workspace)
    if not paths:
        raise UsageError(
            f"No batch has been recorded in {records_folder(workspace)}", remedy="Run a batch first: run-batch"
        )
    by_name = {path.stem: path for path in paths}
    if which in by_name:
        return by_name[which]
    number = 1 if which == LAST else int(which) if which.isascii() and which.isdigit() else 0
    if not 1 <= number <= len(paths):
        raise UsageError(
            f"Unknown batch {which!r}; {len(paths)} are recorded, from {paths[-1].stem} to {paths[0].stem}",
            remedy="Use one of these names, or a number: 1 is the last batch, 2 the one before.",
        )
    return paths[number - 1]


def load(path: Path) -> BatchRecord:
    """Read a record, of this version or an earlier one. Raises `BrokenFileError` if the file is not a record."""
    record = json_files.load(path, BatchRecord)
    return replace(record, books=tuple(map(_with_reason_kind, record.books)))


def _with_reason_kind(book: BookRecord) -> BookRecord:
    kind = book.reason_kind or _KIND_OF_OLD_SENTENCE.get(book.reason, "")
    return replace(book, reason_kind=kind) if kind != book.reason_kind else book


def books_to_retry(record: BatchRecord) -> tuple[Book, ...]:
    """Return the books that failed, and for a batch of such books also those that it did not reach."""
    open_kinds = _NOT_REACHED if record.asked.get("command") == "retry-failed" else ()
    return tuple(each.book for each in record.books if each.outcome == "failed" or each.reason_kind in open_kinds)

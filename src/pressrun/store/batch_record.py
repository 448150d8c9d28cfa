"""What a batch leaves of itself: `runs/.batches/<time>.json`, which the report and `retry-failed` read.

It says what was asked, what the plan was, how every book ended and how long each stage took. It holds no secrets, and
only the newest records are kept.
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

KEPT = 50
"""Records that stay; the report of an older one goes with it."""
MOST_SKIPPED = 200
"""Skipped books that a record names; the others are counted."""
LAST = "last"
_NAME_FORM = "%Y-%m-%d_%H-%M-%S"
_KIND_OF_OLD_SENTENCE = {
    "User interrupted batch": ReasonKind.INTERRUPTED,
    "An earlier book failed and --abort-on-error was given": ReasonKind.ABORTED,
    "Another process is working on this book": ReasonKind.BUSY,
}
"""For records from before `reason_kind`. The sentences are those of old files, whatever is written today."""
_NOT_REACHED = (ReasonKind.INTERRUPTED, ReasonKind.ABORTED)


class Words(Protocol):
    """Puts reasons into sentences; the module `pressrun.wording` is one."""

    def sentence(self, reason: Reason | None) -> str: ...

    def details(self, row: PlanRow) -> str: ...


@dataclass(frozen=True)
class StageTime:
    """A stage that ran in the batch, all its attempts together."""

    name: str
    seconds: float
    attempts: int = 1


@dataclass(frozen=True)
class BookRecord:
    """A book of the batch: what was planned and what came of it."""

    number: int
    title: str
    author: str | None
    action: Action
    details: str
    outcome: Outcome
    planned: tuple[str, ...] = ()
    """Stages that were to run."""
    youtube_url: str | None = None
    short_url: str | None = None
    reason: str = ""
    reason_kind: str = ""
    """The `ReasonKind` of `reason`; records of later versions may name others."""
    error: str = ""
    remedy: str = ""
    stage: str | None = None
    """The one that failed."""
    log: str | None = None
    run_folder: str | None = None
    seconds: float = 0.0
    stages: tuple[StageTime, ...] = ()
    warnings: tuple[str, ...] = ()
    expected: float | None = None
    """Seconds that the plan expected it to take, where past runs said anything."""

    @property
    def book(self) -> Book:
        return Book(self.title, self.author)


@dataclass(frozen=True)
class BatchRecord:
    """Times are ISO 8601 with the offset of the place."""

    started: str
    ended: str
    seconds: float
    interrupted: bool
    asked: dict[str, Any]
    """The command, and its options that are no settings."""
    settings: dict[str, Any]
    """Those that differ from their defaults."""
    services: tuple[ServiceChoice, ...]
    counts: dict[str, int]
    """Outcome -> books."""
    books: tuple[BookRecord, ...]
    left_out: int = 0
    """Skipped books that are counted and not listed."""
    warnings: tuple[str, ...] = ()
    estimate: Estimate | None = None
    """What the plan expected of the whole batch, where past runs said anything."""
    disk: int = 0
    """Bytes of what was made."""

    def of(self, outcome: Outcome) -> tuple[BookRecord, ...]:
        return tuple(each for each in self.books if each.outcome == outcome)

    @property
    def began(self) -> datetime:
        return datetime.fromisoformat(self.started)


def folder_of(workspace: Workspace) -> Path:
    return workspace.runs / ".batches"


def compose(
    workspace: Workspace,
    plan: Plan,
    result: BatchResult,
    settings: Settings,
    asked: Mapping[str, Any],
    started: datetime,
    words: Words,
) -> BatchRecord:
    """Return the record of a batch that has ended; `started` knows its time zone, `words` the sentences."""
    listed, left_out = [], 0
    for row, ended in zip(plan.rows, result.books, strict=True):
        if ended.outcome == "skipped" and row.action == "skip":
            left_out += 1
            if left_out > MOST_SKIPPED:
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
        left_out=max(0, left_out - MOST_SKIPPED),
        warnings=(*plan.warnings, *result.warnings),
        estimate=plan.estimate,
        disk=result.disk,
    )


def changed_settings(settings: Settings) -> dict[str, Any]:
    """Name -> value of the settings that were set to something else than their default."""
    now = asdict(settings.item) | asdict(settings.run)
    defaults = {each.name: each.default for group in (ItemSettings, RunSettings) for each in fields(group)}
    return {name: now[name] for name in sorted(settings.explicit) if now[name] != defaults[name]}


def _book_record(workspace: Workspace, row: PlanRow, ended: BookResult, started: datetime, words: Words) -> BookRecord:
    return BookRecord(
        row.number,
        ended.book.title,
        ended.book.author,
        row.action,
        words.details(row),
        ended.outcome,
        row.stages,
        ended.video_url,
        ended.short_url,
        words.sentence(ended.reason),
        ended.reason.kind if ended.reason else "",
        ended.error.message if ended.error else "",
        ended.error.remedy if ended.error else "",
        ended.stage,
        ended.log,
        ended.run_folder,
        round(ended.seconds, 3),
        _stage_times(workspace, ended, started),
        tuple(map(words.sentence, row.warnings)),
        row.seconds,
    )


def _stage_times(workspace: Workspace, ended: BookResult, started: datetime) -> tuple[StageTime, ...]:
    """Of the stages that ran since `started`, in the order in which they did."""
    if not ended.run_folder or not ended.seconds:
        return ()
    try:
        records = json_files.load(workspace.root / ended.run_folder / STAGES, dict[str, StageRecord])
    except (BrokenFileError, OSError):
        return ()
    ran = []
    for name, record in records.items():
        with suppress(ValueError, TypeError):
            # Stages note their start in whole seconds.
            if record.started and datetime.fromisoformat(record.started) >= started.replace(microsecond=0):
                ran.append((record.started, StageTime(name, round(record.seconds, 3), record.attempts)))
    return tuple(time for _, time in sorted(ran, key=lambda each: each[0]))


def save(workspace: Workspace, record: BatchRecord) -> Path:
    """Writes a record whole or not at all, removes the oldest beyond `KEPT`, and returns its path.

    Raises `NoSpaceError`, or `OSError` where the place cannot be written.
    """
    folder = folder_of(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    path = _reserve(folder, f"{record.began:{_NAME_FORM}}")
    try:
        atomic.write_bytes(path, redact(json_files.encode(record).decode()).encode())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    for old in list_records(workspace)[KEPT:]:
        for each in (old, old.with_suffix(".html")):
            with suppress(OSError):
                each.unlink(missing_ok=True)
    return path


def _reserve(folder: Path, name: str) -> Path:
    """The first free name, taken at once: two batches may begin in one second."""
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
    """The records, newest first."""
    return sorted((path for path in folder_of(workspace).glob("[!.]*.json") if path.stat().st_size), reverse=True)


def find(workspace: Workspace, which: str) -> Path:
    """The record that `which` names: "last", 1 for the last, 2 for the one before it, or its own name.

    Raises `UsageError` where there is none.
    """
    paths = list_records(workspace)
    if not paths:
        raise UsageError(
            f"No batch has been recorded in {folder_of(workspace)}", remedy="Each run of run-batch leaves a record."
        )
    by_name = {path.stem: path for path in paths}
    if which in by_name:
        return by_name[which]
    number = 1 if which == LAST else int(which) if which.isascii() and which.isdigit() else 0
    if not 1 <= number <= len(paths):
        raise UsageError(
            f"There is no batch {which!r}; {len(paths)} are recorded, from {paths[-1].stem} to {paths[0].stem}",
            remedy="Name one so, or by its number: 1 is the last, 2 the one before.",
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

"""The plan: for each book of the list, what will happen and why. Making it writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pressrun.engine.freshness import Decision, Wanted, decide
from pressrun.engine.outlook import estimated
from pressrun.engine.plan_checks import check_options, refuse_two_books_for_one_entry
from pressrun.engine.publication import (
    decide_elsewhere,
    elsewhere,
    may_be_elsewhere,
    nothing_to_publish,
    place,
    published_at,
    publishing,
    unknown_stage,
    unresolved_upload,
    unresolved_upload_error,
    what,
)
from pressrun.engine.quota import Quota, spread
from pressrun.engine.stage_run import marker
from pressrun.errors import BrokenFileError
from pressrun.model.book import Book
from pressrun.model.plan import Plan, PlanRow, RunOptions, ServiceChoice, Status, UploadsLeft
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline
from pressrun.settings import SERVICE_KINDS, Settings
from pressrun.store import run_folder
from pressrun.store.database import Database, Entry
from pressrun.store.run_folder import RunFolder, RunIndex
from pressrun.store.upload_ledger import UploadLedger, ledger_path
from pressrun.store.workspace import Workspace

Preflight = Callable[[Sequence[Book]], Sequence[str | None]]

_ALREADY_DONE = Reason(ReasonKind.ALREADY_DONE)
_SECOND_COPY = Reason(ReasonKind.SECOND_COPY)
_FRESH_START = Reason(ReasonKind.FRESH_START)
_FRESH_COPY = _FRESH_START.with_also(_SECOND_COPY)


@dataclass(frozen=True)
class Planner:
    """Everything a row depends on. The engine asks it again for each book, under the book's lock."""

    workspace: Workspace
    pipeline: Pipeline
    settings: Settings
    options: RunOptions
    services: dict[str, str]
    database: Database
    quota: Quota

    def row(self, number: int, book: Book, index: RunIndex | None = None) -> PlanRow:
        """The row of one book. Raises `AmbiguousBookError` and `BrokenFileError`.

        Where it is only to be published in another place, `UsageError` for a book that cannot be.
        """
        # With an index it is one row of a whole list, which is made of one reading of the database.
        entry = self.database.find_cached(book) if index else self.database.find(book)
        row = self._row(number, book, entry, index or RunIndex(self.workspace))
        uploads = self._uploads(row) if row.stages else 0
        return replace(row, uploads=uploads) if uploads else row

    def _row(self, number: int, book: Book, entry: Entry | None, index: RunIndex) -> PlanRow:
        status: Status = (entry and entry.get("status")) or "new"
        video, short = (entry.get("youtube_url"), entry.get("short_url")) if entry else (None, None)
        named = _named(book, entry)
        if self._is_settled(status):
            return PlanRow(number, named, status, "skip", _ALREADY_DONE, youtube_url=video, short_url=short)
        row = PlanRow(number, named, status, "process", _FRESH_START, youtube_url=video, short_url=short)
        if self.options.publish_elsewhere:
            return self._publish_elsewhere(row, self.folder(book, entry, index))
        if status == "done" and not self.options.skip_completed:
            return _with(row, self._fresh_start, "process", _FRESH_COPY, warnings=(_SECOND_COPY,))
        folder = self.folder(book, entry, index)
        if folder is None and status == "done":
            return replace(row, action="skip", details=Reason(ReasonKind.RUN_FOLDER_GONE))
        if folder is None:
            return self._fresh(row)
        return self._resume(row, folder)

    def _is_settled(self, status: Status) -> bool:
        """Whether a book of this status is skipped without a look at its run folder."""
        options = self.options
        again = options.publish_elsewhere or not options.skip_completed or options.start_at is not None
        return status == "done" and not again

    @cached_property
    def _now(self) -> Wanted:
        return Wanted(asdict(self.settings.item), self.services)

    @cached_property
    def _fresh_start(self) -> Decision:
        """The same for every book that has no run folder."""
        return decide(self.pipeline, None, self._now, self.options)

    @cached_property
    def _counts_uploads(self) -> bool:
        """Of a book that has no run folder."""
        return self.quota.counts(self.services)

    def wanted(self, folder: RunFolder | None) -> Wanted:
        """The settings in force: a run folder keeps its own, but for those that are set explicitly now."""
        if folder is None:
            return self._now
        now = dict(self._now.settings)
        explicit = self.settings.explicit
        settings = {**now, **folder.item.settings, **{name: now[name] for name in explicit if name in now}}
        services = {**self.services, **folder.item.services}
        services |= {
            kind: self.services[kind] for kind in explicit if kind in self.services and now.get(kind) != "auto"
        }
        wanted = Wanted({name: settings[name] for name in now}, services)
        if self.options.publish_elsewhere:
            return elsewhere(wanted, folder, self._now, explicit, self.pipeline)
        return wanted

    def folder(self, book: Book, entry: Entry | None, index: RunIndex) -> RunFolder | None:
        """The run folder to go on with: the database's, or one of the book's that published or was about to."""
        for path in self._candidates(book, entry, index):
            folder = run_folder.read(path, self.pipeline.names)
            if folder.item.pipeline != self.pipeline.name:
                continue
            if (entry and entry.get("status")) or _has_published(folder, self.pipeline):
                return folder
        return None

    def _candidates(self, book: Book, entry: Entry | None, index: RunIndex) -> list[Path]:
        named = entry.get("run_folder") if entry else None
        if named:
            path = self.workspace.root / named
            if run_folder.is_resumable(path) and run_folder.is_for_book(path, book):
                return [path]
        return index.find(book)

    def _fresh(self, row: PlanRow) -> PlanRow:
        details = _FRESH_START
        if self.options.start_at:
            details = details.with_also(Reason(ReasonKind.START_UNKNOWN, {"stage": self.options.start_at}))
        # An address that the database knows, and no folder of the run that published there.
        warnings = (_SECOND_COPY,) if row.youtube_url else ()
        return _with(row, self._fresh_start, "process", details, warnings=warnings)

    def _publish_elsewhere(self, row: PlanRow, folder: RunFolder | None) -> PlanRow:
        if folder is None:
            raise nothing_to_publish(row)
        wanted = self.wanted(folder)
        decision = decide_elsewhere(self.pipeline, folder, wanted)
        steps = publishing(self.pipeline, wanted)
        where = place(steps[0], wanted.settings, wanted.services) if steps else "nothing"
        book = replace(row.book, title=folder.item.title)
        unknown = unknown_stage(self.pipeline, folder)
        doubt = unresolved_upload(folder, unknown) if unknown else may_be_elsewhere(steps, folder, wanted)
        relative = self.workspace.relative(folder.path)
        row = replace(row, book=book, run_folder=relative, warnings=(doubt,) if doubt else ())
        if decision.stages:
            if unknown:
                raise unresolved_upload_error(folder, unknown)
            things = " and ".join(what(stage) for stage in steps if stage.name in decision.stages)
            details = Reason(ReasonKind.PUBLISHES_ELSEWHERE, {"products": things, "destination": where})
            return _with(row, decision, "resume", details)
        urls = {stage.publishes: published_at(stage, folder, wanted) for stage in steps}
        row = replace(row, youtube_url=urls.get("youtube_url"), short_url=urls.get("short_url"))
        return _with(row, decision, "skip", Reason(ReasonKind.PUBLISHED_THERE, {"destination": where}))

    def _uploads(self, row: PlanRow) -> int:
        """How many of the day's uploads the row takes."""
        steps = [stage for stage in self.pipeline.stages if stage.publishes and stage.name in row.stages]
        if not steps:
            return 0
        folder = None
        if row.action == "resume" and row.run_folder:
            folder = run_folder.read(self.workspace.root / row.run_folder, self.pipeline.names)
        if not (self._counts_uploads if folder is None else self.quota.counts(self.wanted(folder).services)):
            return 0
        counted = self.quota.begun() if folder else frozenset()
        begun = [
            stage for stage in steps
            if folder and stage.name not in row.publishes_again and marker(folder, stage) in counted
        ]
        return len(steps) - len(begun)

    def _resume(self, row: PlanRow, folder: RunFolder) -> PlanRow:
        decision = self._decide(folder)
        row = replace(row, run_folder=self.workspace.relative(folder.path))
        if unknown := unknown_stage(self.pipeline, folder):
            warning = Reason(ReasonKind.NOTHING_SENT_AGAIN)
            return _with(row, decision, "skip", unresolved_upload(folder, unknown), warnings=(warning,))
        stays = _what_stays(decision)
        warnings = (_SECOND_COPY,) if _publishes_a_second_copy(row, folder, decision, self.pipeline) else ()
        left = (stage for stage in self.pipeline.stages if stage.name in (*decision.stages, *decision.later))
        if doubt := may_be_elsewhere(left, folder, self.wanted(folder)):
            warnings = (*warnings, doubt)
        if decision.stages:
            first = decision.stages[0]
            values = {"stage": first, "why": decision.reasons[first]}
            details = Reason(ReasonKind.RESUMES_AT, values, stays)
            return _with(row, decision, "resume", details, warnings=warnings)
        if decision.later:
            return _with(row, decision, "skip", Reason(ReasonKind.STOPPED_AT_UNTIL, {"stage": self.options.until}))
        if row.status == "done":
            return _with(row, decision, "skip", _ALREADY_DONE)
        return _with(row, decision, "resume", Reason(ReasonKind.DATABASE_OUTDATED, also=stays))

    def _decide(self, folder: RunFolder) -> Decision:
        return decide(self.pipeline, folder, self.wanted(folder), self.options)


def make_plan(
    books: Sequence[Book],
    workspace: Workspace,
    pipeline: Pipeline,
    settings: Settings,
    options: RunOptions,
    services: Sequence[ServiceChoice] = (),
    preflight: Preflight | None = None,
) -> Plan:
    """The plan for a list. `preflight` says of each book that will search why no source has it, or None.

    Raises `UsageError` for stage names that make no sense, `BrokenFileError` for a broken database and
    `AmbiguousBookError` for a book that fits two of its entries. Nothing is written, no network is asked.
    """
    check_options(pipeline, options)
    planner = make_planner(workspace, pipeline, settings, options, services)
    index = RunIndex(workspace)
    planner.database.books()
    rows = [_row_or_reason(planner, number, book, index) for number, book in enumerate(books, start=1)]
    refuse_two_books_for_one_entry(books, planner.database)
    first = pipeline.stages[0].name
    searching = [i for i, row in enumerate(rows) if first in row.stages]
    if preflight and searching:
        for i, warning in zip(searching, preflight([rows[i].book for i in searching]), strict=True):
            if warning:
                reason = Reason(ReasonKind.NO_SOURCE, {"reason": warning})
                rows[i] = replace(rows[i], warnings=(*rows[i].warnings, reason))
    uploads, trouble = _uploads_left(planner, rows)
    if uploads and not options.ignore_quota:
        rows = spread(rows, pipeline, uploads)
    rows, estimate = estimated(planner, rows)
    return Plan(tuple(rows), tuple(services), tuple(trouble), uploads, estimate)


def _uploads_left(planner: Planner, rows: Sequence[PlanRow]) -> tuple[UploadsLeft | None, list[str]]:
    """What is left of today's uploads, where any are counted, and what is wrong with their ledger."""
    limit = planner.quota.limit
    if not limit or not any(row.uploads for row in rows):
        return None, []
    tally = planner.quota.ledger.today(planner.quota.publisher)
    left = UploadsLeft(max(0, limit - len(tally.markers)), limit)
    return left, [tally.problem] if tally.problem else []


def make_planner(
    workspace: Workspace, pipeline: Pipeline, settings: Settings, options: RunOptions, services: Sequence[ServiceChoice]
) -> Planner:
    chosen = dict.fromkeys(SERVICE_KINDS, "none") | {choice.kind: choice.name for choice in services}
    quota = Quota(settings.run.uploads_per_day, options.ignore_quota, UploadLedger(ledger_path()))
    return Planner(workspace, pipeline, settings, options, chosen, Database(workspace.database), quota)


def _row_or_reason(planner: Planner, number: int, book: Book, index: RunIndex) -> PlanRow:
    """A run folder that cannot be read is that book's trouble alone; a broken database stopped the plan before."""
    try:
        return planner.row(number, book, index)
    except BrokenFileError as error:
        warning = Reason(ReasonKind.BROKEN_FILE, {"message": error.message, "remedy": error.remedy})
        details = Reason(ReasonKind.RUN_FOLDER_UNREADABLE)
        return PlanRow(number, book, "processing", "resume", details, warnings=(warning,))


def _has_published(folder: RunFolder, pipeline: Pipeline) -> bool:
    """Whether something of this run is, or may be, published: a success, or an intent whose end is unknown."""
    return any(folder.record(stage.name).publication for stage in pipeline.stages if stage.publishes)


def _what_stays(decision: Decision) -> tuple[Reason, ...]:
    """What the user should know of a book that is published already and whose files change."""
    kinds = {reason.kind for reason in decision.reasons.values()}
    if ReasonKind.PUBLISHED_OUTDATED in kinds:
        return (Reason(ReasonKind.PUBLICATION_OUTDATED),)
    if decision.stages and ReasonKind.PUBLISHED in kinds:
        return (Reason(ReasonKind.PUBLICATION_STAYS),)
    return ()


def _publishes_a_second_copy(row: PlanRow, folder: RunFolder, decision: Decision, pipeline: Pipeline) -> bool:
    """By --from, or by going on with a --no-skip that was interrupted."""
    publishing = {stage.name for stage in pipeline.stages if stage.publishes}
    unfinished = row.youtube_url is not None and not _has_published(folder, pipeline)
    return bool(decision.publishes_again) or (unfinished and bool(publishing & {*decision.stages, *decision.later}))


def _named(book: Book, entry: dict[str, Any] | None) -> Book:
    """The book with the author that the database knows, where the list does not name one."""
    return replace(book, author=entry.get("author_name")) if entry and not book.author else book


def _with(
    row: PlanRow, decision: Decision, action: Any, details: Reason, warnings: tuple[Reason, ...] = ()
) -> PlanRow:
    return replace(
        row,
        action=action,
        details=details,
        stages=decision.stages if action != "skip" else (),
        reasons=tuple(decision.reasons.items()),
        later=decision.later,
        publishes_again=decision.publishes_again,
        warnings=(*row.warnings, *warnings),
    )

"""Plan one book: its action, the stages that run, and warnings to show before the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.freshness import EffectiveConfig, decide
from pressrun.engine.publication import (
    decide_republish,
    destination,
    nothing_to_publish_error,
    possible_duplicate_warning,
    product_label,
    publication_marker,
    published_url,
    publishing_stages,
    republish_config,
    unresolved_stage,
    unresolved_upload,
    unresolved_upload_error,
)
from pressrun.engine.quota import Quota
from pressrun.model.book import Book
from pressrun.model.plan import Decision, PlanRow, ServiceChoice, Status
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline
from pressrun.settings import SERVICE_KINDS
from pressrun.store import run_folder
from pressrun.store.database import Database, Entry
from pressrun.store.run_folder import RunFolder, RunIndex
from pressrun.store.upload_ledger import UploadLedger, ledger_path

_ALREADY_DONE = Reason(ReasonKind.ALREADY_DONE)
_SECOND_COPY = Reason(ReasonKind.SECOND_COPY)
_FRESH_START = Reason(ReasonKind.FRESH_START)
_FRESH_COPY = _FRESH_START.with_also(_SECOND_COPY)


@dataclass(frozen=True)
class Planner:
    """Plans books of one batch. A batch plans each book twice: in the list, and again under the book's lock."""

    spec: BatchSpec
    services: dict[str, str]
    database: Database
    quota: Quota

    def row(self, number: int, book: Book, index: RunIndex | None = None) -> PlanRow:
        """Return the row of one book, read from the database again unless there is an `index`.

        Raises `AmbiguousBookError` and `BrokenFileError`, and `UsageError` for a book that cannot be published
        elsewhere.
        """
        # With an index the row is one of a list, and the whole list uses one reading of the database.
        entry = self.database.find_cached(book) if index else self.database.find(book)
        row = self._row(number, book, entry, index or RunIndex(self.spec.workspace))
        uploads = self._count_uploads(row) if row.stages else 0
        return replace(row, uploads=uploads) if uploads else row

    def _row(self, number: int, book: Book, entry: Entry | None, index: RunIndex) -> PlanRow:
        options = self.spec.options
        status: Status = (entry and entry.get("status")) or "new"
        video, short = (entry.get("youtube_url"), entry.get("short_url")) if entry else (None, None)
        book_shown = _with_known_author(book, entry)
        if self._is_skipped_unseen(status):
            return PlanRow(number, book_shown, status, "skip", _ALREADY_DONE, video_url=video, short_url=short)
        row = PlanRow(number, book_shown, status, "process", _FRESH_START, video_url=video, short_url=short)
        if options.publish_elsewhere:
            return self._publish_elsewhere(row, self.folder(book, entry, index))
        if status == "done" and not options.skip_completed:
            return replace(row, details=_FRESH_COPY, decision=self._fresh_decision, warnings=(_SECOND_COPY,))
        folder = self.folder(book, entry, index)
        if folder is None and status == "done":
            return replace(row, action="skip", details=Reason(ReasonKind.RUN_FOLDER_GONE))
        if folder is None:
            return self._start(row)
        return self.resume(row, folder)

    def _is_skipped_unseen(self, status: Status) -> bool:
        """Return whether a book of this status is skipped without reading its run folder."""
        options = self.spec.options
        again = options.publish_elsewhere or not options.skip_completed or options.start_at is not None
        return status == "done" and not again

    @cached_property
    def _current_config(self) -> EffectiveConfig:
        return EffectiveConfig(asdict(self.spec.settings.item), self.services)

    @cached_property
    def _fresh_decision(self) -> Decision:
        """Return the decision for any book without a run folder."""
        return decide(self.spec.pipeline, None, self._current_config, self.spec.options)

    @cached_property
    def _fresh_uploads_count(self) -> bool:
        """Return whether the uploads of a book without a run folder count against the daily limit."""
        return self.quota.counts(self.services)

    def config(self, folder: RunFolder | None) -> EffectiveConfig:
        """Return the config of a run folder: its own values, except for those that are set explicitly now."""
        if folder is None:
            return self._current_config
        now = dict(self._current_config.settings)
        explicit = self.spec.settings.explicit
        settings = {**now, **folder.item.settings, **{name: now[name] for name in explicit if name in now}}
        services = {**self.services, **folder.item.services}
        services |= {
            kind: self.services[kind] for kind in explicit if kind in self.services and now.get(kind) != "auto"
        }
        config = EffectiveConfig({name: settings[name] for name in now}, services)
        if self.spec.options.publish_elsewhere:
            return republish_config(config, folder, self._current_config, explicit, self.spec.pipeline)
        return config

    def folder(self, book: Book, entry: Entry | None, index: RunIndex) -> RunFolder | None:
        """Return the run folder to resume: the one of the database, or one of the book that may have published."""
        pipeline = self.spec.pipeline
        for path in self._candidates(book, entry, index):
            folder = run_folder.read(path, pipeline.names)
            if folder.item.pipeline != pipeline.name:
                continue
            if (entry and entry.get("status")) or _may_have_published(folder, pipeline):
                return folder
        return None

    def latest_folder(self, book: Book) -> RunFolder | None:
        """Return the run folder to resume, or else the newest one of the book, if there is any."""
        index = RunIndex(self.spec.workspace)
        if folder := self.folder(book, self.database.find(book), index):
            return folder
        paths = index.find(book)
        return run_folder.read(paths[0], self.spec.pipeline.names) if paths else None

    def _candidates(self, book: Book, entry: Entry | None, index: RunIndex) -> list[Path]:
        known = entry.get("run_folder") if entry else None
        if known:
            path = self.spec.workspace.run_folder(known)
            if run_folder.is_resumable(path) and run_folder.is_for_book(path, book):
                return [path]
        return index.find(book)

    def _start(self, row: PlanRow) -> PlanRow:
        details, start_at = _FRESH_START, self.spec.options.start_at
        if start_at:
            details = details.with_also(Reason(ReasonKind.START_UNKNOWN, {"stage": start_at}))
        # The database has an address, but no run folder shows that this workspace published there.
        warnings = (_SECOND_COPY,) if row.video_url else ()
        return replace(row, details=details, decision=self._fresh_decision, warnings=warnings)

    def _publish_elsewhere(self, row: PlanRow, folder: RunFolder | None) -> PlanRow:
        if folder is None:
            raise nothing_to_publish_error(row)
        pipeline, config = self.spec.pipeline, self.config(folder)
        decision = decide_republish(pipeline, folder, config)
        steps = publishing_stages(pipeline, config)
        place = destination(steps[0], config.settings, config.services) if steps else "nothing"
        unresolved = unresolved_stage(pipeline, folder)
        doubt = (
            unresolved_upload(folder, unresolved) if unresolved
            else possible_duplicate_warning(steps, folder, config)
        )
        row = replace(
            row,
            book=replace(row.book, title=folder.item.title),
            run_folder=self.spec.workspace.relative(folder.path),
            decision=decision,
            warnings=(doubt,) if doubt else (),
        )
        if decision.stages:
            if unresolved:
                raise unresolved_upload_error(folder, unresolved)
            products = " and ".join(product_label(stage) for stage in steps if stage.name in decision.stages)
            details = Reason(ReasonKind.PUBLISHES_ELSEWHERE, {"products": products, "destination": place})
            return replace(row, action="resume", details=details)
        urls = {stage.publishes: published_url(stage, folder, config) for stage in steps}
        details = Reason(ReasonKind.PUBLISHED_THERE, {"destination": place})
        video, short = urls.get("youtube_url"), urls.get("short_url")
        return replace(row, action="skip", details=details, video_url=video, short_url=short)

    def _count_uploads(self, row: PlanRow) -> int:
        """Return the number of today's uploads that the row takes."""
        steps = [stage for stage in self.spec.pipeline.stages if stage.publishes and stage.name in row.stages]
        if not steps:
            return 0
        folder = None
        if row.action == "resume" and row.run_folder:
            folder = run_folder.read(self.spec.workspace.root / row.run_folder, self.spec.pipeline.names)
        if folder is None:
            return len(steps) if self._fresh_uploads_count else 0
        if not self.quota.counts(self.config(folder).services):
            return 0
        counted = self.quota.counted_today()
        return sum(
            stage.name in row.decision.publishes_again or publication_marker(folder, stage) not in counted
            for stage in steps
        )

    def resume(self, row: PlanRow, folder: RunFolder) -> PlanRow:
        """Return the row of an item whose run folder exists: it resumes, or is done."""
        pipeline, config = self.spec.pipeline, self.config(folder)
        decision = decide(pipeline, folder, config, self.spec.options)
        row = replace(row, run_folder=self.spec.workspace.relative(folder.path), decision=decision)
        if unresolved := unresolved_stage(pipeline, folder):
            # Its stages stay as they are until the user reports the outcome of the upload.
            return replace(
                row,
                action="skip",
                details=unresolved_upload(folder, unresolved),
                decision=replace(decision, stages=()),
                warnings=(Reason(ReasonKind.NOTHING_SENT_AGAIN),),
            )
        warnings = (_SECOND_COPY,) if _publishes_second_copy(row, folder, pipeline) else ()
        left = (stage for stage in pipeline.stages if stage.name in (*decision.stages, *decision.later))
        if doubt := possible_duplicate_warning(left, folder, config):
            warnings = (*warnings, doubt)
        if decision.stages:
            kept = [stage.name for stage in pipeline.stages if stage.name not in decision.stages]
            texts = folder.warnings_of(kept)
            warnings = (*warnings, *(Reason(ReasonKind.STAGE_WARNING, {"text": text}) for text in texts))
            first = decision.stages[0]
            values = {"stage": first, "why": decision.reasons[first]}
            details = Reason(ReasonKind.RESUMES_AT, values, _publication_notes(decision))
            return replace(row, action="resume", details=details, warnings=warnings)
        if decision.later:
            details = Reason(ReasonKind.STOPPED_AT_UNTIL, {"stage": self.spec.options.until})
            return replace(row, action="skip", details=details)
        if row.status == "done":
            return replace(row, action="skip", details=_ALREADY_DONE)
        details = Reason(ReasonKind.DATABASE_OUTDATED, also=_publication_notes(decision))
        return replace(row, action="resume", details=details)


def make_planner(spec: BatchSpec, services: Sequence[ServiceChoice] = ()) -> Planner:
    chosen = dict.fromkeys(SERVICE_KINDS, "none") | {choice.kind: choice.name for choice in services}
    quota = Quota(spec.settings.run.uploads_per_day, spec.options.ignore_quota, UploadLedger(ledger_path()))
    return Planner(spec, chosen, Database(spec.workspace.database), quota)


def _may_have_published(folder: RunFolder, pipeline: Pipeline) -> bool:
    """Return whether the run published something, or was about to and left no result."""
    return any(folder.record(stage.name).publication for stage in pipeline.stages if stage.publishes)


def _publication_notes(decision: Decision) -> tuple[Reason, ...]:
    """Return notes about a published book whose files change."""
    kinds = {reason.kind for reason in decision.reasons.values()}
    if ReasonKind.PUBLISHED_OUTDATED in kinds:
        return (Reason(ReasonKind.PUBLICATION_OUTDATED),)
    if decision.stages and ReasonKind.PUBLISHED in kinds:
        return (Reason(ReasonKind.PUBLICATION_STAYS),)
    return ()


def _publishes_second_copy(row: PlanRow, folder: RunFolder, pipeline: Pipeline) -> bool:
    """Return whether --from requests a second copy, or an interrupted --no-skip still has to publish one."""
    publishing = {stage.name for stage in pipeline.stages if stage.publishes}
    unfinished = row.video_url is not None and not _may_have_published(folder, pipeline)
    due = publishing & {*row.decision.stages, *row.decision.later}
    return bool(row.decision.publishes_again) or (unfinished and bool(due))


def _with_known_author(book: Book, entry: Entry | None) -> Book:
    """Return the book with the author of its database entry, if the list names no author."""
    return replace(book, author=entry.get("author_name")) if entry and not book.author else book

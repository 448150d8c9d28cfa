"""Run the rows of a sheet in this process: each row in a run folder of its own, its result in the ledger."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pressrun.engine.batch import run_batch
from pressrun.engine.freshness import EffectiveConfig
from pressrun.engine.item_run import ItemResult, error_report, run_item
from pressrun.engine.planner import make_planner
from pressrun.engine.process_runner import Runner
from pressrun.engine.stage_run import RunContext
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import recover
from pressrun.errors import BrokenFileError, StageDiedError
from pressrun.kinds.books.local import cleanup_observer, complete_result
from pressrun.kinds.ideas.rows import Row
from pressrun.kinds.ideas.sheet_run.ledger import Ledger
from pressrun.kinds.ideas.sheet_run.plan import SheetPlan, row_item
from pressrun.kinds.ideas.sheet_run.sync import SheetSync
from pressrun.kinds.in_run_folder import published_result
from pressrun.model.event import BookStarted, Observer
from pressrun.model.plan import PlanRow
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BatchResult, BookResult
from pressrun.store import atomic, run_folder
from pressrun.store.run_folder import RunFolder

_ITEM_NAMESPACE = uuid.UUID("0d5a2f8c-0c9b-4f4e-8a55-9f6d1c2b7e31")
"""Makes the item id of a content constant: a row that lost its run folder is still not published twice."""


def run_sheet(
    planned: SheetPlan,
    key: str,
    ledger: Ledger,
    sync: SheetSync,
    observer: Observer,
    stop: StopToken,
    runner: Runner | None = None,
) -> BatchResult:
    """Run the rows of a plan, and write their results into the sheet while they are made and at the end."""
    plan, spec = planned.plan, planned.spec
    began = datetime.now(UTC)
    recover(spec.workspace)
    queued = {row.book.line: row.book.title for row in plan.to_run if row.book.line is not None}
    sync.add_rows(planned.state, queued)
    sync.write(planned.state)
    sync.start()
    try:
        result = run_batch(
            plan, spec, cleanup_observer(observer, spec), stop, runner,
            lambda run: _RowRunner(run, planned, key, ledger, sync).run_row,
        )
    finally:
        sync.stop()
    return complete_result(result, plan, spec, began)


@dataclass(frozen=True)
class _RowRunner:
    """Runs rows in one worker."""

    run: RunContext
    planned: SheetPlan
    key: str
    ledger: Ledger
    sync: SheetSync

    def run_row(self, planned: PlanRow, total: int) -> BookResult:
        clock = time.monotonic()
        row, digest = self.planned.accepted[planned.number]
        path: Path | None = None
        try:
            folder, config = self._open_folder(planned, row, digest)
            path = folder.path
            relative = self.run.workspace.relative(path)
            self.ledger.put(digest, status="in progress", error="", run_folder=relative)
            self.sync.notify()
            # Events of stages name the book of the folder, which has no row number.
            book = folder.item.book
            self.run.observer(BookStarted(book, planned.number, total, planned.action, relative, planned.stages))
            result = self._result(planned, run_item(self.run, folder, config))
        except Exception as error:
            logs = path / run_folder.LOGS if path else self.run.workspace.logs
            report, log = error_report(error, self.run.workspace.root, logs)
            result = BookResult(
                planned.book, "failed", error=report, log=self.run.workspace.relative(log) if log else None,
                run_folder=self.run.workspace.relative(path) if path else None,
            )
        result = replace(result, seconds=time.monotonic() - clock)
        self._remember(digest, result, path)
        return result

    def _open_folder(self, planned: PlanRow, row: Row, digest: str) -> tuple[RunFolder, EffectiveConfig]:
        """Return the run folder of a row, new or as an earlier run left it, and its config."""
        item, spec = row_item(row, self.planned.spec), self.planned.spec
        planner = make_planner(replace(spec, settings=item.settings), self.planned.plan.services)
        if planned.action == "resume" and planned.run_folder:
            path = spec.workspace.root / planned.run_folder
            atomic.remove_partials(path)
            folder = run_folder.read(path, spec.pipeline.names)
            return folder, planner.config(folder)
        config = planner.config(None)
        # Without its run folder, the content is the same item, which publishers find again. Made again, it is another.
        known = self.ledger.result(digest)
        made_again = known is not None and bool(known.url)
        item_id = uuid.uuid4() if made_again else uuid.uuid5(_ITEM_NAMESPACE, f"{self.key}/{digest}")
        folder = run_folder.create(
            spec.workspace, item.book, spec.pipeline.name, spec.pipeline.names, asdict(item.settings.item),
            dict(config.services), given=dict(item.files),
            item_id=item_id.hex,
        )
        return folder, config

    def _result(self, planned: PlanRow, end: ItemResult) -> BookResult:
        workspace, folder = self.run.workspace, end.folder
        relative = workspace.relative(folder.path)
        if end.outcome == "failed" and end.finished:
            log = folder.log(end.finished.stage)
            unknown = StageDiedError(f"{end.finished.stage} failed without giving a reason", remedy="See its log.")
            return BookResult(
                planned.book, "failed", error=end.finished.error or unknown.report(), stage=end.finished.stage,
                log=workspace.relative(log) if log.exists() else None, run_folder=relative, warnings=folder.warnings,
            )
        if end.outcome != "done":
            return replace(
                BookResult.skipped(planned, Reason(ReasonKind.INTERRUPTED)), run_folder=relative
            )
        completed = published_result(folder, self.run.pipeline)
        return BookResult(
            planned.book, "resumed" if planned.action == "resume" else "success", completed.output_url,
            completed.result.get("short_url"), run_folder=relative, warnings=folder.warnings,
        )

    def _remember(self, digest: str, result: BookResult, path: Path | None) -> None:
        if result.outcome == "failed":
            message = f"{result.error.message}. {result.error.remedy}".strip() if result.error else ""
            self.ledger.put(digest, status="failed", error=message)
        elif result.outcome == "skipped":
            self.ledger.put(digest, status="queued")
        elif path:
            cost, seconds = 0.0, result.seconds
            with suppress(BrokenFileError):
                records = run_folder.read(path, self.run.pipeline.names).records
                cost = sum(float(record.facts.get("cost_usd", 0)) for record in records.values())
                seconds = sum(record.seconds for record in records.values())
            self.ledger.put(
                digest, status="done", url=result.video_url or "", error="", cost=cost, seconds=seconds,
            )
        self.sync.notify()

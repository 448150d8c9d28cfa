"""Plan and run books in this process, and write the record of the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pressrun.engine.batch_spec import BatchSpec
from pressrun.error_reports import to_pressrun_error
from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.model.event import BookFinished, BookStarted, Event, Observer
from pressrun.model.plan import Plan, PlanRow
from pressrun.model.reason import Reason
from pressrun.model.result import BatchResult
from pressrun.model.stage import Pipeline
from pressrun.settings import SERVICE_KINDS

if TYPE_CHECKING:
    from pressrun.engine.stop import StopToken


def plan_books(books: tuple[Book, ...], batch: BatchSpec, *, ask_network: bool = False) -> Plan:
    """Return the plan, with the services chosen. Writes nothing, and uses the network only with `ask_network`."""
    from pressrun.engine.plan import make_plan

    workspace, settings = batch.workspace, batch.settings
    if not _used_services(batch.pipeline):
        return make_plan(books, batch)
    from pressrun.services.choice import choose_services
    from pressrun.services.preflight import check_books

    choices = choose_services(settings, workspace.root, ask_network=ask_network)

    def preflight(rows: Sequence[PlanRow]) -> Sequence[tuple[Reason, ...]]:
        return check_books(rows, batch.pipeline.stages[0].name, choices, settings, workspace.root)

    return make_plan(books, batch, choices, preflight)


def run_plan(plan: Plan, batch: BatchSpec, observer: Observer, stop: StopToken) -> BatchResult:
    """Run a plan to its end, or until `stop` ends it."""
    from pressrun.engine.batch import run_batch
    from pressrun.engine.survivors import recover

    began = datetime.now(UTC)
    recover(batch.workspace)
    observer = cleanup_observer(observer, batch)
    result = run_batch(plan, batch, observer, stop)
    return complete_result(result, plan, batch, began)


def complete_result(result: BatchResult, plan: Plan, batch: BatchSpec, began: datetime) -> BatchResult:
    """Return the result with actual durations beside the estimates, and warnings about scripts that are nearly equal.

    The durations are stored, as samples for later estimates.
    """
    from pressrun.engine.history import record_batch

    result = replace(result, estimate=plan.estimate, disk=record_batch(result, batch, began))
    if result.interrupted or "writer" not in _used_services(batch.pipeline):
        return result
    from pressrun.services.writers.near_copies import warn_of_near_copies

    return warn_of_near_copies(result, batch.workspace.root)


def write_record(
    batch: BatchSpec, plan: Plan, result: BatchResult, invocation: Mapping[str, Any], started: datetime
) -> str:
    """Write the record of a batch. Return a warning if that failed, or an empty string.

    `invocation` holds the command and the options that were given.
    """
    from pressrun import wording
    from pressrun.store import batch_record

    try:
        record = batch_record.make_record(batch.workspace, plan, result, batch.settings, invocation, started, wording)
        batch_record.save(batch.workspace, record)
    except Exception as error:
        # The batch is over and its results are in the database, so a missing record must not cost the user the summary.
        reason = to_pressrun_error(error).message
        return f"The record of this batch could not be written, so pressrun report cannot show it: {reason}"
    return ""


def cleanup_observer(observer: Observer, batch: BatchSpec) -> Observer:
    """Return an observer that also removes the large files of a book once it is published, unless they are kept."""
    if batch.settings.run.keep_intermediate:
        return observer
    from pressrun.engine.cleanup import remove_intermediates

    steps = {stage.name for stage in batch.pipeline.stages if stage.publishes}
    publishing: set[str] = set()

    def on_event(event: Event) -> None:
        observer(event)
        if isinstance(event, BookStarted) and steps & set(event.stages):
            # A book that publishes nothing in this run was rebuilt for the sake of its files, so they stay.
            publishing.add(event.run_folder)
        result = event.result if isinstance(event, BookFinished) else None
        if result and result.outcome in ("success", "resumed") and result.run_folder in publishing:
            # A file that cannot be removed takes disk space but breaks nothing, and `pressrun clean` lists it.
            with suppress(OSError, PressrunError):
                remove_intermediates(batch.workspace, batch.pipeline, result.run_folder or "")

    return on_event


def _used_services(pipeline: Pipeline) -> set[str]:
    return {kind for stage in pipeline.stages for kind in stage.services if kind in SERVICE_KINDS}

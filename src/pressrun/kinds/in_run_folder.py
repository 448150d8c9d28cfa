"""Run a job in a run folder: create or resume the folder, run the stages, and report to the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pressrun.engine.cleanup import remove_intermediates
from pressrun.engine.freshness import EffectiveConfig
from pressrun.engine.item_run import ItemResult, StageHooks, run_item
from pressrun.engine.process_runner import ProcessRunner
from pressrun.engine.stage_run import RunContext
from pressrun.engine.survivors import owner_stamp
from pressrun.errors import PressrunError, StageDiedError
from pressrun.jobs.handler import Completed, Failed, JobContext, Outcome, Stopped
from pressrun.kinds.host import Host
from pressrun.kinds.run_store.folders import item_id, stored_name
from pressrun.kinds.run_store.location import parse_location
from pressrun.kinds.run_store.store import RunStore, run_store_for
from pressrun.kinds.run_store.transfer import Abandoned
from pressrun.kinds.stage_reports import StageReports
from pressrun.model.book import Book
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline, Stage
from pressrun.settings import SERVICE_KINDS, Settings, load_settings
from pressrun.store import atomic, run_folder
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace


@dataclass(frozen=True)
class NewItem:
    """The content of a new run folder."""

    book: Book
    """Its title names the folder and the publication."""
    settings: Settings
    """Settings of the workspace, changed by the batch and the row."""
    files: Mapping[str, Any] = field(default_factory=dict)
    """Name -> content of the files that the pipeline needs from its caller."""


MakeItem = Callable[[JobContext, Pipeline, Settings], NewItem]
"""Returns the item of a job without a run folder. Raises `PressrunError` if the job cannot be done here."""
MakeResult = Callable[[RunFolder, Pipeline], Completed]
"""Returns the outcome of a run folder whose stages are done."""


def run_in_folder(job: JobContext, host: Host, new_item: MakeItem, result: MakeResult) -> Outcome:
    """Make one attempt at a job, from its checkpoint on.

    Raises `FencedError` if another worker has the job, and the errors of `new_item` and of the location of run folders.
    """
    pipeline, settings = host.pipeline(job.pipeline), load_settings(job.workspace)
    location = parse_location(job.workspace, settings.run.runs)
    workspace, store = location.workspace, run_store_for(job, location)
    try:
        folder = _reclaim_folder(store, pipeline)
        if folder is None:
            folder = _create_folder(job, workspace, pipeline, new_item(job, pipeline, settings))
        store.start(folder)
    except Abandoned:
        return Stopped()
    config = _config(folder, settings)
    reports = StageReports(job, folder, pipeline, config.settings)
    with closing(ProcessRunner(workspace.root, owner_stamp(workspace.root))) as runner:
        run = RunContext(workspace, pipeline, settings.run, runner, job.stop, reports.on_event, host.admission)
        ends = Reason(ReasonKind.JOB_ENDS)
        reports.report_files(folder)

        def keep(now: RunFolder, _: Stage) -> None:
            reports.report_files(now)
            store.save(now)

        hooks = StageHooks(lambda *_: None if job.should_continue() else ends, keep)
        end = run_item(run, folder, config, hooks)
    reports.raise_if_fenced()
    outcome = _outcome(end, pipeline, result)
    if isinstance(outcome, Completed) and not settings.run.keep_intermediate:
        # A file that cannot be removed takes disk space but breaks nothing.
        with suppress(OSError, PressrunError):
            remove_intermediates(workspace, pipeline, workspace.relative(end.folder.path))
    warnings = [*end.folder.warnings, *filter(None, [store.finish(end.folder)])]
    if warnings and isinstance(outcome, Completed):
        return replace(outcome, result={**outcome.result, "warnings": warnings})
    return outcome


def published_result(folder: RunFolder, pipeline: Pipeline) -> Completed:
    """Return the URLs, cost and resolution of an item; its first URL is the output."""
    urls = {
        stage.publishes: folder.receipt_url(stage.receipt)
        for stage in pipeline.stages
        if stage.publishes and folder.checkpoint.get(stage.name) == "success"
    }
    cost = sum(float(record.facts.get("cost_usd", 0)) for record in folder.records.values())
    result = {
        **urls,
        "cost": cost,
        "duration": None,
        "quality": folder.item.settings.get("resolution"),
        "run_folder": stored_name(folder.path),
    }
    return Completed(next(iter(urls.values()), None), cost, result)


def _reclaim_folder(store: RunStore, pipeline: Pipeline) -> RunFolder | None:
    """Return the folder of an earlier attempt under its new name; None without one, or if it was never complete."""
    path = store.fetch()
    if path is None or not run_folder.is_resumable(path):
        return None
    atomic.remove_partials(path)
    return run_folder.read(path, pipeline.names)


def _create_folder(job: JobContext, workspace: Workspace, pipeline: Pipeline, item: NewItem) -> RunFolder:
    folder = run_folder.create(
        workspace, item.book, pipeline.name, pipeline.names, asdict(item.settings.item),
        _services(pipeline, item.settings, workspace), given=dict(item.files),
        item_id=item_id(job.batch_id, job.job_id),
    )
    job.set_run_folder(stored_name(folder.path))
    return folder


def _services(pipeline: Pipeline, settings: Settings, workspace: Workspace) -> dict[str, str]:
    from pressrun.services.choice import choose_services

    used = {kind for stage in pipeline.stages for kind in stage.services if kind in SERVICE_KINDS}
    chosen = choose_services(settings, workspace.root, ask_network=True, kinds=used) if used else ()
    return dict.fromkeys(SERVICE_KINDS, "none") | {choice.kind: choice.name for choice in chosen}


def _config(folder: RunFolder, settings: Settings) -> EffectiveConfig:
    """Return the settings stored in the folder. A setting that a later version added has its current value."""
    current = asdict(settings.item)
    stored = {name: folder.item.settings.get(name, value) for name, value in current.items()}
    return EffectiveConfig(stored, folder.item.services)


def _outcome(end: ItemResult, pipeline: Pipeline, result: MakeResult) -> Outcome:
    if end.outcome == "failed" and end.finished:
        stage = end.finished.stage
        unknown = StageDiedError(f"{stage} failed without giving a reason", remedy="See its log.")
        return Failed(end.finished.error or unknown.report(), stage)
    return result(end.folder, pipeline) if end.outcome == "done" else Stopped()

"""Does the jobs of the queue with the engine: a row becomes a run folder, its stages run, and the queue is told."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pressrun.engine.admission import Admission
from pressrun.engine.freshness import Wanted
from pressrun.engine.item_run import Hooks, ItemEnd, ItemRun, run_item
from pressrun.engine.leftovers import tidy
from pressrun.engine.process_runner import ProcessRunner
from pressrun.engine.recover import recover
from pressrun.engine.survivors import owner_stamp
from pressrun.errors import ErrorReport, PipelineError, PressrunError, StageDiedError
from pressrun.jobs.handler import Completed, Failed, JobRun, Outcome, Stopped, Work
from pressrun.kinds.books.job import do_book
from pressrun.kinds.books.send import ORDER
from pressrun.kinds.ideas.item_settings import item_settings
from pressrun.kinds.run_store.check import ready_to_work
from pressrun.kinds.run_store.place import item_id, recorded, runs_at
from pressrun.kinds.run_store.store import Keeper, keeper_for
from pressrun.kinds.run_store.transfer import Abandoned
from pressrun.kinds.stage_reports import StageReports
from pressrun.model import idea as ideas
from pressrun.model.book import Book
from pressrun.model.idea import Idea
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.script import Narration
from pressrun.model.stage import Pipeline, Stage
from pressrun.pipelines import PIPELINES
from pressrun.settings import SERVICE_KINDS, Settings, load_settings, with_values
from pressrun.store import atomic, json_files, run_folder
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

PLACES = ("bucket", "folder")
"""Publishers that a video of an idea is delivered to."""


def engine_work(workspace: Path, pipelines: Mapping[str, Pipeline] = PIPELINES) -> Work:
    """What a worker of `workspace` does with its jobs; those it does at once share the processors and the memory.

    Ends what killed workers of this machine left running in it. Raises `SettingsError` for settings of the workspace
    that are wrong.
    """
    from pressrun.services.choice import check_what_is_made

    settings = load_settings(workspace)
    check_what_is_made(settings.item, workspace)
    ready_to_work(runs_at(workspace, settings.run.runs))
    admission = Admission(settings.run.renders)
    recover(Workspace(workspace))

    def work(run: JobRun) -> Outcome:
        if ORDER in run.request:
            return do_book(run, admission, _pipeline(run.pipeline, pipelines))
        return do_job(run, admission, pipelines)

    return work


def do_job(job: JobRun, admission: Admission, pipelines: Mapping[str, Pipeline] = PIPELINES) -> Outcome:
    """One attempt at a job, from its checkpoint on.

    Raises `FencedError` when the job was given to another worker, `SettingsError` and `ServiceUnavailableError` for
    what cannot be made here as it was asked for.
    """
    pipeline, settings = _pipeline(job.pipeline, pipelines), load_settings(job.workspace)
    runs = runs_at(job.workspace, settings.run.runs)
    workspace, keeper = runs.workspace, keeper_for(job, runs)
    try:
        folder = _taken_up(keeper, pipeline) or _new(job, workspace, pipeline, settings)
        keeper.begin(folder)
    except Abandoned:
        return Stopped()
    wanted = _wanted(folder, settings)
    reports = StageReports(job, folder, pipeline, wanted.settings)
    with closing(ProcessRunner(workspace.root, owner_stamp(workspace.root))) as runner:
        run = ItemRun(pipeline, workspace, settings.run, runner, job.stop, reports.hear, admission)
        ends = Reason(ReasonKind.JOB_ENDS)
        hooks = Hooks(lambda *_: None if job.may_go_on() else ends, lambda now, _: keeper.keep(now))
        end = run_item(run, folder, wanted, hooks)
    reports.raise_if_fenced()
    outcome = _outcome(end, pipeline)
    if isinstance(outcome, Completed) and not settings.run.keep_intermediate:
        # What cannot be removed takes room and breaks nothing.
        with suppress(OSError, PressrunError):
            tidy(workspace, pipeline, workspace.relative(end.folder.path))
    warning = keeper.end(end.folder)
    if warning and isinstance(outcome, Completed):
        return replace(outcome, result={**outcome.result, "warnings": [warning]})
    return outcome


def _pipeline(name: str, pipelines: Mapping[str, Pipeline]) -> Pipeline:
    if name not in pipelines:
        raise PipelineError(f'There is no pipeline "{name}"', remedy=f"Use one of: {', '.join(pipelines)}.")
    return pipelines[name]


def _taken_up(keeper: Keeper, pipeline: Pipeline) -> RunFolder | None:
    """The folder of an earlier attempt under its new name; None where there is none, or one that is not whole."""
    path = keeper.take()
    if path is None or not run_folder.is_resumable(path):
        return None
    atomic.remove_partials(path)
    return run_folder.read(path, pipeline.names)


def _new(job: JobRun, workspace: Workspace, pipeline: Pipeline, settings: Settings) -> RunFolder:
    book, given = _asked(job, pipeline)
    settings = _settings(job, pipeline, settings)
    folder = run_folder.create(
        workspace, book, pipeline.name, pipeline.names, asdict(settings.item), _services(pipeline, settings, workspace),
        given=given, item_id=item_id(job.batch_id, job.job_id),
    )
    job.opened(recorded(folder.path))
    return folder


def _asked(job: JobRun, pipeline: Pipeline) -> tuple[Book, dict[str, Any]]:
    """What the item is called, and the files that its pipeline wants of us."""
    data = job.data
    if ideas.FILE not in pipeline.given:
        return Book(str(data["title"]), data.get("author") or None), {}
    title = str(data["idea_title"])
    texts = (str(data.get(name) or "") for name in ("description", "target_audience", "tone", "script_content"))
    return Book(title), {ideas.FILE: Idea(title, *texts)}


def _settings(job: JobRun, pipeline: Pipeline, settings: Settings) -> Settings:
    """Those of the workspace, changed by the batch and the row."""
    where = f"Row {job.position}"
    if ideas.FILE not in pipeline.given:
        return with_values(settings, job.settings, where)
    settings = with_values(settings, item_settings(job.settings, job.data, job.workspace), where)
    place = settings.item.publisher
    if place not in PLACES:
        place = "bucket" if settings.item.publish_to else "folder"
    # An idea is no book: nobody has a cover of it.
    return replace(settings, item=replace(settings.item, cover="none", publisher=place))


def _services(pipeline: Pipeline, settings: Settings, workspace: Workspace) -> dict[str, str]:
    from pressrun.services.choice import choose

    used = {kind for stage in pipeline.stages for kind in stage.services if kind in SERVICE_KINDS}
    chosen = choose(settings, workspace.root, ask_network=True, kinds=used) if used else ()
    return dict.fromkeys(SERVICE_KINDS, "none") | {choice.kind: choice.name for choice in chosen}


def _wanted(folder: RunFolder, settings: Settings) -> Wanted:
    """The folder's own settings; one that came with a later version stands as it is now."""
    now = asdict(settings.item)
    return Wanted({name: folder.item.settings.get(name, now[name]) for name in now}, folder.item.services)


def _outcome(end: ItemEnd, pipeline: Pipeline) -> Outcome:
    if end.outcome == "failed" and end.finished:
        return Failed(end.finished.error or _no_reason(end.finished.stage), end.finished.stage)
    if end.outcome != "done":
        return Stopped()
    folder = end.folder
    urls = {
        stage.publishes: folder.receipt_url(stage.receipt)
        for stage in pipeline.stages
        if stage.publishes and folder.checkpoint.get(stage.name) == "success"
    }
    cost = sum(float(record.facts.get("cost_usd", 0)) for record in folder.records.values())
    result = {
        **urls,
        "cost": cost,
        "duration": _duration(folder, pipeline.stages),
        "quality": folder.item.settings.get("resolution"),
        "run_folder": recorded(folder.path),
    }
    return Completed(next(iter(urls.values()), None), cost, result)


def _no_reason(stage: str) -> ErrorReport:
    return StageDiedError(f"{stage} failed and gave no reason", remedy="Its log says more.").report()


def _duration(folder: RunFolder, stages: tuple[Stage, ...]) -> float | None:
    """Seconds of the video, where the pipeline makes one that speaks."""
    if not any("words.json" in stage.makes for stage in stages):
        return None
    return json_files.load(folder.path / "words.json", Narration).duration

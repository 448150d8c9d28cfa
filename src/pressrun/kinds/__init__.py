"""The kinds of job, and the handler that runs a job of any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.jobs.kind import Kind
from pressrun.kinds.books import BOOKS
from pressrun.kinds.ideas import IDEAS
from pressrun.pipelines import PIPELINES

if TYPE_CHECKING:
    from pressrun.jobs.handler import JobContext, JobHandler, Outcome
    from pressrun.model.stage import Pipeline

KINDS: Mapping[str, Kind] = {each.name: each for each in (IDEAS, BOOKS)}


def queue_names(workspace: Path, names: Iterable[str] = (), kinds: Mapping[str, Kind] = KINDS) -> tuple[str, ...]:
    """Return the queues of a workspace with these names, as users write them; all queues without `names`."""
    chosen = set(names) or {each.queue.name for each in kinds.values()}
    return tuple(dict.fromkeys(each.queue.of(workspace) for each in kinds.values() if each.queue.name in chosen))


def job_handler(
    workspace: Path, kinds: Mapping[str, Kind] = KINDS, pipelines: Iterable[Pipeline] = PIPELINES.values()
) -> JobHandler:
    """Return the job handler of a worker in `workspace`. Its jobs share the processors and the memory.

    Jobs of every kind may use `pipelines` in addition to those of their kind. Ends processes that killed workers of
    this machine left running. Raises `SettingsError` for invalid settings of the workspace, and `AuthenticationError`
    or `RunStoreError` if the location of run folders cannot be used.
    """
    from importlib import import_module

    from pressrun.errors import PipelineError
    from pressrun.kinds.host import open_host

    host = open_host(workspace)
    extra = tuple(pipelines)
    hosts = {each.name: host.with_pipelines((*each.pipelines, *extra)) for each in kinds.values()}

    def handle(job: JobContext) -> Outcome:
        if job.kind not in kinds:
            raise PipelineError(
                f'Unknown kind of job "{job.kind}"', remedy="Use workers of the version that sent the batch."
            )
        outcome: Outcome = import_module(kinds[job.kind].run).run(job, hosts[job.kind])
        return outcome

    return handle

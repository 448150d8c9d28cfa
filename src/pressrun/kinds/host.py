"""The environment that all jobs of a worker share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pressrun.engine.admission import Admission
from pressrun.engine.survivors import recover
from pressrun.errors import PipelineError
from pressrun.kinds.run_store.api_store import upload_address
from pressrun.kinds.run_store.location import parse_location, require_usable
from pressrun.model.stage import Pipeline
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace


@dataclass(frozen=True)
class Host:
    """The worker that runs a job, as its kind sees it."""

    workspace: Path
    admission: Admission
    """Shares the processors and the memory of this machine among the jobs."""
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict)
    """Pipelines that jobs of the kind may use, by name."""

    def pipeline(self, name: str) -> Pipeline:
        """Return a pipeline. Raises `PipelineError` if jobs of the kind may not use it."""
        if name not in self.pipelines:
            raise PipelineError(f'There is no pipeline "{name}"', remedy=f"Use one of: {', '.join(self.pipelines)}.")
        return self.pipelines[name]

    def with_pipelines(self, pipelines: Iterable[Pipeline]) -> Host:
        """Return the host for a kind with these pipelines."""
        return replace(self, pipelines={each.name: each for each in pipelines})


def open_host(workspace: Path) -> Host:
    """Prepare a worker in `workspace`, and end processes that killed workers of this machine left running in it.

    Raises `SettingsError` for invalid settings, and `AuthenticationError` or `RunStoreError` if the location of run
    folders cannot be used.
    """
    from pressrun.services.choice import validate_item_settings

    settings = load_settings(workspace)
    validate_item_settings(settings.item, workspace)
    require_usable(parse_location(workspace, settings.run.runs))
    upload_address()
    host = Host(workspace, Admission(settings.run.renders))
    recover(Workspace(workspace))
    return host

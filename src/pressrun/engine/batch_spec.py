"""The inputs of a batch, which stay the same from the plan to the end of the run."""

from __future__ import annotations

from dataclasses import dataclass, field

from pressrun.model.plan import RunOptions
from pressrun.model.stage import Pipeline
from pressrun.settings import Settings
from pressrun.store.workspace import Workspace


@dataclass(frozen=True)
class BatchSpec:
    """A workspace, the pipeline for its books, and the settings and options of one command."""

    workspace: Workspace
    pipeline: Pipeline
    settings: Settings
    options: RunOptions = field(default_factory=RunOptions)

"""Run a stage that belongs to no pipeline, e.g. a preview: one attempt, no checkpoint."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from pressrun.clock import awake_time
from pressrun.engine.process_runner import EventHandler, ProcessResult, ProcessRunner, StageProcess
from pressrun.engine.stage_run import stage_command
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import owner_stamp
from pressrun.model.stage import Stage
from pressrun.model.stage_protocol import TASK_VARIABLE, Task, encode_task
from pressrun.settings import RunSettings


def run_single_stage(
    stage: Stage,
    folder: Path,
    workspace: Path,
    values: Mapping[str, Any],
    limits: RunSettings,
    stop: StopToken,
    on_event: EventHandler,
) -> ProcessResult:
    """Run `stage` on the run folder `folder`.

    The settings in `values` replace those of the folder. Its output goes to the logs of the folder.
    """
    task = Task(
        stage=stage.name,
        run=stage.run,
        workspace=str(workspace),
        settings=stage.settings,
        services=stage.services,
        workers=stage.workers,
        values={name: values[name] for name in stage.settings},
    )
    process = StageProcess(
        run_id=f"{stage.name}-{secrets.token_hex(8)}",
        argv=stage_command(stage, folder),
        environment={TASK_VARIABLE: encode_task(task)},
        log=folder / "logs" / f"{stage.name}.log",
        title=stage.name,
        deadline=awake_time() + min(stage.timeout, limits.timeout),
        grace=limits.grace,
    )
    with closing(ProcessRunner(workspace, owner_stamp(workspace))) as runner:
        return runner.run(process, stop, on_event)

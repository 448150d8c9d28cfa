"""Something done with a run folder beside its stages: a process as a stage has, and no checkpoint."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from pressrun.engine.process_runner import Attempt, Exit, ProcessRunner, Said
from pressrun.engine.stage_run import TASK_VARIABLE
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import owner_stamp
from pressrun.model.stage import Stage
from pressrun.settings import RunSettings


def run_aside(
    stage: Stage, folder: Path, workspace: Path, values: Mapping[str, Any], limits: RunSettings, stop: StopToken,
    said: Said,
) -> Exit:
    """Runs `stage` on the run folder with the settings `values` in place of those that the folder keeps.

    What it prints goes to the folder's logs, what it says to `said`; nothing of it is kept in the checkpoint.
    """
    task = {
        "stage": stage.name, "run": stage.run, "settings": stage.settings, "services": stage.services,
        "workers": stage.workers, "workspace": str(workspace), "marker": "",
        "values": {name: values[name] for name in stage.settings},
    }
    attempt = Attempt(
        run_id=f"{stage.name}-{secrets.token_hex(8)}",
        argv=(sys.executable, "-P", "-m", "pressrun.stages", stage.name, str(folder)),
        environment={TASK_VARIABLE: json.dumps(task)},
        log=folder / "logs" / f"{stage.name}.log",
        title=stage.name,
        deadline=time.monotonic() + min(stage.timeout, limits.timeout),
        grace=limits.grace,
    )
    with closing(ProcessRunner(workspace, owner_stamp(workspace))) as runner:
        return runner.run(attempt, stop, said)

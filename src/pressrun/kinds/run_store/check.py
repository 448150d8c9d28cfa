"""Looks whether the place of shared run folders can be used, before any job depends on it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from pressrun.errors import NetworkError, RunStoreError
from pressrun.kinds.run_store.in_bucket import try_out
from pressrun.kinds.run_store.place import SETTING, Runs, runs_at
from pressrun.services.checks import Check

GROUP, NAME = "Queue", "run folders"

logger = logging.getLogger(__name__)


def ready_to_work(runs: Runs) -> None:
    """For a worker as it starts: with wrong keys it would fail one job after the other.

    Raises `AuthenticationError` and `RunStoreError`. A bucket that does not answer may do so before the first job.
    """
    try:
        _try(runs)
    except NetworkError as error:
        logger.warning("%s; jobs wait for it", error.message)


def runs_checks(root: Path, value: str, *, ask_network: bool) -> list[Check]:
    """The look of the doctor; none where run folders lie in the workspace."""
    if not value.strip():
        return []

    def look(_: object) -> str:
        runs = runs_at(root, value)
        if not runs.bucket:
            _try(runs)
            return f"in the folder {runs.workspace.runs}"
        if not (ask_network or runs.bucket.near):
            return f"in {runs.bucket}, which was not asked"
        _try(runs)
        return f"in {runs.bucket}, which takes and removes objects"

    return [Check(GROUP, NAME, look)]


def _try(runs: Runs) -> None:
    if runs.bucket:
        try_out(runs.bucket)
    elif runs.workspace.shared_runs and not os.access(runs.workspace.runs, os.W_OK | os.X_OK):
        raise RunStoreError(
            f"Setting {SETTING}: {runs.workspace.runs} cannot be written", remedy="Mend its permissions."
        )

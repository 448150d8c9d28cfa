"""What a start does before anything else: it ends what a killed run left running and removes its half-made files."""

from __future__ import annotations

from pressrun.engine.survivors import end_survivors
from pressrun.store.database import Database
from pressrun.store.workspace import Workspace


def recover(workspace: Workspace) -> None:
    """Sweeps `workspace`. Safe beside other running batches: only what has lost its owner is touched."""
    Database(workspace.database).remove_partials()
    end_survivors(workspace.root)

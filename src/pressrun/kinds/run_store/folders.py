"""The run folder of a job: its name in the database, the item it belongs to, and its rename for each attempt.

An attempt that takes over a run folder renames it first, so the worker that had it before cannot write into it any
more: a worker that was suspended (a laptop that slept) wakes up and continues. Every write uses the full path of its
file, so after the rename it meets a folder that does not exist.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from pressrun.errors import BrokenFileError
from pressrun.store import json_files
from pressrun.store.run_folder import ITEM, Item
from pressrun.store.workspace import Workspace

_ITEM_NAMESPACE = uuid.UUID("6f0a1b5e-6d0c-4c0e-9a35-0d2f5a3d7c11")
"""Makes the item id of a job constant: a job that lost its run folder is the same item and is not published twice."""
_ATTEMPT_SUFFIX = re.compile(r"\.a\d+$")


def stored_name(folder: Path) -> str:
    """Return the name of a run folder in the row of its job, which is the same on all machines."""
    return f"runs/{folder.name}"


def local_path(workspace: Workspace, name: str) -> Path:
    """Return the path on this machine of a run folder with the name that `stored_name` returned."""
    return workspace.runs / Path(name).name


def item_id(batch_id: str, job_id: int) -> str:
    """Return the id of the item of a job."""
    return uuid.uuid5(_ITEM_NAMESPACE, f"{batch_id}/{job_id}").hex


def belongs_to(folder: Path, item: str) -> bool:
    """Return whether a run folder was created for `item`. Two machines may give folders of two jobs the same name."""
    try:
        return json_files.load(folder / ITEM, Item).id == item
    except BrokenFileError:
        return False


def attempt_path(folder: Path, attempt: int) -> Path:
    """Return the path that `folder` has once `attempt` has taken it over."""
    return folder.with_name(f"{_ATTEMPT_SUFFIX.sub('', folder.name)}.a{attempt}")


def take_over(folder: Path, attempt: int) -> Path:
    """Rename `folder` for `attempt`, and return the new path. Safe to repeat.

    An earlier attempt may have renamed it and died before it could store the new name, so the names of earlier attempts
    are tried, too. A folder that a later attempt has is not touched. Raises `FileNotFoundError` if the folder has none
    of these names.
    """
    target = attempt_path(folder, attempt)
    if target.is_dir():
        return target
    earlier = (attempt_path(folder, number) for number in range(attempt - 1, 0, -1))
    next((path for path in (folder, *earlier) if path.is_dir()), folder).rename(target)
    return target

"""The setting `runs`, and what the row of a job calls its run folder wherever that lies."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pressrun.errors import BrokenFileError, RunStoreError, SettingsError
from pressrun.services.bucket_place import BucketLocation, bucket_location
from pressrun.store import json_files
from pressrun.store.run_folder import ITEM, Item
from pressrun.store.workspace import Workspace

SETTING = "runs"
_ITEMS = uuid.UUID("6f0a1b5e-6d0c-4c0e-9a35-0d2f5a3d7c11")
"""Names the items of jobs, so that one that lost its run folder is still the same item and is not published twice."""


@dataclass(frozen=True)
class Runs:
    """Where a worker has its run folders, and the bucket in which other machines find them; None without one."""

    workspace: Workspace
    bucket: BucketLocation | None = None


def runs_at(root: Path, value: str) -> Runs:
    """What `value` of the setting means in the workspace `root`.

    Raises `SettingsError` for a folder that is not there, and for an address that is none of a bucket.
    """
    value = value.strip()
    if not value:
        return Runs(Workspace(root))
    if "://" in value:
        place = bucket_location(value, SETTING, RunStoreError)
        if place.scheme != "file":
            return Runs(Workspace(root), place)
        value = unquote(urlsplit(value).path)
    folder = root / Path(value).expanduser()
    if not folder.is_dir():
        # It is not made here: of a disk that is not mounted nobody would notice until another machine looks for it.
        raise SettingsError(f"Setting {SETTING}: there is no folder {folder}", remedy="Make it, or mount its disk.")
    return Runs(Workspace(root, folder))


def recorded(folder: Path) -> str:
    """What the row of a job calls a run folder: the same on machines that have it under different paths."""
    return f"runs/{folder.name}"


def found(workspace: Workspace, name: str) -> Path:
    """The run folder that a row calls `name`."""
    return workspace.runs / Path(name).name


def item_id(batch_id: str, job_id: int) -> str:
    return uuid.uuid5(_ITEMS, f"{batch_id}/{job_id}").hex


def belongs_to(folder: Path, item: str) -> bool:
    """Whether a run folder was made for `item`; two machines may give the same name to folders of two jobs."""
    try:
        return json_files.load(folder / ITEM, Item).id == item
    except BrokenFileError:
        return False

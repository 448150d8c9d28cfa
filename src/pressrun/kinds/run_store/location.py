"""The setting `runs`: the place of run folders, and checks that it can be used."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pressrun.errors import AuthenticationError, NetworkError, RunStoreError, SettingsError
from pressrun.services.bucket_files import put_json
from pressrun.services.bucket_location import (
    BucketLocation,
    missing_credentials,
    open_store,
    parse_bucket_location,
    translate_errors,
)
from pressrun.services.checks import Check
from pressrun.store.workspace import Workspace

SETTING = "runs"
CHECK_GROUP, CHECK_NAME = "Queue", "run folders"
PROBE_FILE = ".tried.json"
PROBE_TIMEOUT = 8.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunLocation:
    """The place of the run folders of a worker."""

    workspace: Workspace
    """Has the run folders on this machine."""
    bucket: BucketLocation | None = None
    """Hands the run folders to other machines; None without a bucket."""


def parse_location(root: Path, value: str) -> RunLocation:
    """Return the location that `value` of the setting means in the workspace `root`.

    Raises `SettingsError` for a folder that does not exist and for an invalid bucket URL.
    """
    value = value.strip()
    if not value:
        return RunLocation(Workspace(root))
    if "://" in value:
        bucket = parse_bucket_location(value, SETTING, RunStoreError)
        if bucket.scheme != "file":
            return RunLocation(Workspace(root), bucket)
        value = unquote(urlsplit(value).path)
    folder = root / Path(value).expanduser()
    if not folder.is_dir():
        # It is not created here: no one would notice a disk that is not mounted until another machine needs it.
        raise SettingsError(
            f"Setting {SETTING}: folder {folder} does not exist", remedy="Create it, or mount its disk."
        )
    return RunLocation(Workspace(root, folder))


def require_usable(location: RunLocation) -> None:
    """Check the location before a worker takes jobs, which would otherwise fail one after the other.

    Raises `AuthenticationError` and `RunStoreError`. A bucket that does not respond is only logged, because it may
    respond before the first job.
    """
    try:
        _probe(location)
    except NetworkError as error:
        logger.warning("%s; jobs wait for it", error.message)


def location_checks(root: Path, value: str, *, ask_network: bool) -> list[Check]:
    """Return the check of `pressrun doctor`, or nothing if the run folders are in the workspace."""
    if not value.strip():
        return []

    def look(_: object) -> str:
        location = parse_location(root, value)
        if not location.bucket:
            _probe(location)
            return f"in the folder {location.workspace.runs}"
        if not (ask_network or location.bucket.near):
            return f"in {location.bucket}, which was not checked"
        _probe(location)
        return f"in {location.bucket}, where objects can be written and removed"

    return [Check(CHECK_GROUP, CHECK_NAME, look)]


def require_access(bucket: BucketLocation) -> None:
    """Raise `RunStoreError` without the package for buckets, and `AuthenticationError` without credentials."""
    if find_spec("obstore") is None:
        raise RunStoreError(
            f"{bucket} needs the package obstore, which is not installed",
            remedy="Install it: pip install 'pressrun[serve]'.",
        )
    if needed := missing_credentials(bucket):
        raise AuthenticationError(f"There are no credentials for {bucket}", remedy=f"Set {needed}.")


def _probe(location: RunLocation) -> None:
    if location.bucket:
        _probe_bucket(location.bucket)
    elif location.workspace.shared_runs and not os.access(location.workspace.runs, os.W_OK | os.X_OK):
        raise RunStoreError(
            f"Setting {SETTING}: folder {location.workspace.runs} is not writable", remedy="Fix its permissions."
        )


def _probe_bucket(bucket: BucketLocation) -> None:
    """Write a small object and remove it. Raises `AuthenticationError`, `RunStoreError` and `NetworkError`."""
    require_access(bucket)
    import obstore
    from obstore.exceptions import BaseError

    with translate_errors(bucket):
        store = open_store(bucket, PROBE_TIMEOUT, tries=1)
        put_json(store, PROBE_FILE, {})
    with suppress(BaseError, OSError):
        obstore.delete(store, PROBE_FILE)

"""Remove the files of jobs that were deleted: run folders, uploads, and objects in the bucket of run folders."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Mapping
from typing import Any

from pressrun.engine.cleanup import size_of
from pressrun.errors import PressrunError
from pressrun.kinds.run_store.content import RECEIVED_FOLDER
from pressrun.kinds.run_store.folders import belongs_to, item_id, local_path
from pressrun.kinds.run_store.location import RunLocation, require_access
from pressrun.services.bucket_files import sizes
from pressrun.services.bucket_location import BucketLocation, open_store, translate_errors

logger = logging.getLogger(__name__)


def remove_files(location: RunLocation, batch_id: str, jobs: Iterable[Mapping[str, Any]]) -> int:
    """Remove the files of the rows of `jobs` of a batch within reach, and return the bytes.

    Files that cannot be removed are only logged: the batch is gone, and they take space but break nothing.
    """
    freed = 0
    folders = [location.workspace.runs / RECEIVED_FOLDER / batch_id]
    for job in jobs:
        if job["run_folder"]:
            folder = local_path(location.workspace, job["run_folder"])
            if belongs_to(folder, item_id(batch_id, job["id"])):
                folders.append(folder)
    for folder in folders:
        size = size_of(folder)
        try:
            shutil.rmtree(folder)
            freed += size
        except FileNotFoundError:
            continue
        except OSError as error:
            logger.warning("%s cannot be removed: %s", folder, error.strerror)
    if location.bucket:
        freed += _remove_objects(location.bucket, batch_id)
    return freed


def _remove_objects(bucket: BucketLocation, batch_id: str) -> int:
    import obstore

    try:
        require_access(bucket)
        with translate_errors(bucket):
            store = open_store(bucket)
            found = sizes(store, f"{batch_id}/")
            if found:
                obstore.delete(store, list(found))
            return sum(found.values())
    except (PressrunError, FileNotFoundError) as error:
        logger.warning("The run folders of %s in %s cannot be removed: %s", batch_id, bucket, error)
        return 0

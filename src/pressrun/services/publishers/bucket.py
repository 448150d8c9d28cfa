"""Publish to a bucket: S3 and compatible servers, Google Cloud Storage, Azure, or a folder under `file://`.

A publication is a folder of keys, `<publish_to>/<Slug>/…`. Its `metadata.json` is written last: without it, the folder
is not published. Two small objects under `<publish_to>/.markers/` map each marker to its folder and each folder to its
marker. Both are written only if absent, so no two publications ever share a folder, and `find` needs three requests
however large the bucket is.
"""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from typing import Any

from pressrun.errors import PublishError, SettingsError
from pressrun.services.bucket_files import FileUploader, load_json, object_attributes, put_json, sizes
from pressrun.services.bucket_location import (
    EXAMPLE,
    BucketLocation,
    missing_credentials,
    open_store,
    parse_publish_location,
    translate_errors,
)
from pressrun.services.protocols import Context, Package, Progress, Published, Readiness
from pressrun.services.publishers.metadata import METADATA_FILE, describe_package, package_files
from pressrun.store.json_files import encode
from pressrun.store.slug import slug

NAME = "bucket"
NEEDS_NETWORK = True
MARKERS = ".markers"
CHECK_TIMEOUT = 8.0
MAX_COPIES = 1000
"""Maximum publications of one title; more would be a bug, and a loop must end."""
def ready(context: Context) -> Readiness:
    if not str(context.settings.get("publish_to", "")).strip():
        return Readiness(False, "publish_to is not set", f"Set publish_to to {EXAMPLE}.")
    try:
        location = parse_publish_location(context.settings)
    except SettingsError as error:
        return Readiness(False, error.message, error.remedy, configured=True)
    if find_spec("obstore") is None:
        return Readiness(
            False, "pressrun[bucket] is not installed", "Install it: pip install 'pressrun[bucket]'.", configured=True
        )
    if needed := missing_credentials(location):
        return Readiness(False, f"no credentials for {location}", f"Set {needed}.", configured=True)
    return Readiness(True, f"publish_to is {location}", configured=True, near=location.near)


def check(context: Context) -> str:
    """List the first objects of the location. Raises like `publish`."""
    location = parse_publish_location(context.settings)
    if location.folder and not location.folder.exists():
        return f"{location} will be created"
    with translate_errors(location):
        store = open_store(location, CHECK_TIMEOUT, tries=1)
        found = _list_some(store, "")
    return f"{location} responds and {'has objects' if found else 'is empty'}"


def find(marker: str, package: Package, context: Context) -> Published | None:
    """Return the complete publication of this kind with this marker. It is incomplete if files were removed or resized.
    """
    location = parse_publish_location(context.settings)
    if location.folder and not location.folder.exists():
        return None
    with translate_errors(location):
        store = open_store(location)
        folder = load_json(store, _marker_key(package, marker)).get("folder")
        if not isinstance(folder, str):
            return None
        metadata = load_json(store, f"{folder}/{METADATA_FILE}")
        if metadata.get("marker") != marker or metadata.get("kind") != package.kind:
            return None
        files, video = metadata.get("files"), metadata.get("video")
        if not isinstance(files, dict) or not isinstance(video, str) or video not in files:
            return None
        there = {name.rpartition("/")[2]: size for name, size in sizes(store, folder).items()}
    if any(there.get(name) != size for name, size in files.items()):
        return None
    return Published(location.address(f"{folder}/{video}"), marker, NAME, str(metadata.get("privacy", "")))


def publish(package: Package, marker: str, progress: Progress, context: Context) -> Published:
    """Upload the package. The caller has called `find` first.

    Raises `PublishError` if the location cannot be used, `NetworkError` if it does not respond, and `NoSpaceError` if
    it is a folder on a full disk. Files uploaded by then are not a publication; the next try with the same marker
    overwrites them.
    """
    location = parse_publish_location(context.settings)
    files = package_files(package)
    total = sum(file.stat().st_size for file in files)
    with translate_errors(location):
        store = open_store(location)
        folder = _claim_folder(store, package, marker)
        if load_json(store, f"{folder}/{METADATA_FILE}"):
            put_json(store, f"{folder}/{METADATA_FILE}", {"unfinished": True})
        sender = FileUploader(location, store, total, progress)
        hashes = {file.name: sender.send(file, f"{folder}/{file.name}") for file in files}
        facts = describe_package(package, marker, {name: size for name, (size, _) in hashes.items()})
        facts["sha256"] = {name: digest for name, (_, digest) in hashes.items()}
        _sync_folder(location, folder)
        put_json(store, f"{folder}/{METADATA_FILE}", facts)
        _sync_folder(location, folder)
    return Published(location.address(f"{folder}/{package.video.name}"), marker, NAME, package.privacy)


def _digest(package: Package, marker: str) -> str:
    return hashlib.sha256(f"{package.kind} {marker}".encode()).hexdigest()[:32]


def _marker_key(package: Package, marker: str) -> str:
    return f"{MARKERS}/{_digest(package, marker)}.json"


def _claim_folder(store: Any, package: Package, marker: str) -> str:
    """Return the folder of this marker: the one of an earlier try, or the first free of "Title", "Title_2", …"""
    known = load_json(store, _marker_key(package, marker)).get("folder")
    if isinstance(known, str):
        return known
    name = slug(package.script.book_title) + ("_Short" if package.kind == "short" else "")
    for number in range(1, MAX_COPIES + 1):
        folder = name if number == 1 else f"{name}_{number}"
        if _try_claim(store, folder, _digest(package, marker)):
            _create_json(store, _marker_key(package, marker), {"folder": folder})
            return folder
    raise PublishError(f"There are already {MAX_COPIES} publications of {name}", remedy="Move some elsewhere.")


def _try_claim(store: Any, folder: str, digest: str) -> bool:
    """Claim `folder` for the marker of `digest`. Return whether it belongs to it now, or already did."""
    key = f"{MARKERS}/folders/{folder}.json"
    owner = load_json(store, key).get("marker")
    if owner is None and not _list_some(store, folder):
        _create_json(store, key, {"marker": digest})
        # Read again even after success: a lost reply makes the client send the request twice, and another may have won.
        owner = load_json(store, key).get("marker")
    return bool(owner == digest)


def _create_json(store: Any, key: str, value: dict[str, Any]) -> None:
    """Write `value` if `key` does not exist yet; otherwise keep what is there."""
    import obstore
    from obstore.exceptions import AlreadyExistsError

    describe_package = object_attributes(store, key)
    try:
        obstore.put(store, key, encode(value), attributes=describe_package, mode="create")
    except AlreadyExistsError:
        return
    except NotImplementedError:
        # obstore raises this if AWS_CONDITIONAL_PUT=disabled: the server does not support conditional writes.
        # Nothing was there a moment ago.
        obstore.put(store, key, encode(value), attributes=describe_package)


def _list_some(store: Any, folder: str) -> list[Any]:
    """Return some objects below `folder`; an empty list if it is free."""
    import obstore

    return list(next(iter(obstore.list(store, prefix=folder or None, chunk_size=1)), []))


def _sync_folder(location: BucketLocation, folder: str) -> None:
    """Sync the files of a folder to disk; a bucket has nothing to sync."""
    if not location.folder:
        return
    for path in [*(location.folder / folder).iterdir(), location.folder / folder, location.folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

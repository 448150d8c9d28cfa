"""Find the content of the finished files of jobs: in run folders, in the bucket of run folders, or where published."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from pressrun.errors import PressrunError
from pressrun.kinds.products import Product
from pressrun.kinds.run_store.folders import belongs_to, item_id, local_path
from pressrun.kinds.run_store.location import RunLocation, require_access
from pressrun.kinds.run_store.manifest import Manifest, ManifestObject
from pressrun.services.bucket_location import SCHEMES, BucketLocation, open_store, translate_errors

RECEIVED_FOLDER = ".received"
"""Folder beside the run folders for files that workers with other disks have uploaded."""
CHUNK_BYTES = 1 << 18
"""Bytes read from a disk at once."""
PART_BYTES = 1 << 20
"""Bytes read from a bucket at once: each costs a request."""

MAX_REQUESTS = 16
"""Manifests read from a bucket at the same time."""

logger = logging.getLogger(__name__)


class Content(Protocol):
    """The bytes of one file."""

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to before `end`. Raises `OSError` or `PressrunError` if they cannot be read."""

    def sign(self, seconds: int) -> str | None:
        """Return an address that anyone can open for `seconds`; None if only the API can read the file."""


@dataclass(frozen=True)
class LocalContent:
    """A file on a disk of this machine."""

    path: Path

    def read(self, start: int, end: int) -> Iterator[bytes]:
        with self.path.open("rb", buffering=0) as file:
            file.seek(start)
            while start < end:
                chunk = file.read(min(CHUNK_BYTES, end - start))
                if not chunk:
                    raise OSError(f"{self.path} became shorter while it was read")
                start += len(chunk)
                yield chunk

    def sign(self, seconds: int) -> None:  # noqa: ARG002
        return None


@dataclass(frozen=True)
class BucketContent:
    """An object in a bucket."""

    bucket: BucketLocation
    store: Any
    key: str

    def read(self, start: int, end: int) -> Iterator[bytes]:
        import obstore

        while start < end:
            stop = min(start + PART_BYTES, end)
            with translate_errors(self.bucket):
                chunk = bytes(obstore.get_range(self.store, self.key, start=start, end=stop))
            start = stop
            yield chunk

    def sign(self, seconds: int) -> str | None:
        import obstore

        # Not every store and credential can sign, e.g. a folder or a bearer token.
        with suppress(Exception):
            return str(obstore.sign(self.store, "GET", self.key, timedelta(seconds=seconds)))
        return None


class ContentFinder:
    """Finds the content of files of one batch; it remembers what it has read from buckets."""

    def __init__(self, location: RunLocation) -> None:
        self._location = location
        self._stores: dict[str, Any] = {}
        self._manifests: dict[str, Manifest | None] = {}
        self._folders: dict[str, Path | None] = {}

    def prepare(self, jobs: Iterable[Mapping[str, Any]]) -> None:
        """Read the manifests of many jobs at once, if they are in a bucket. `find` would read one after the other."""
        if self._location.bucket:
            with ThreadPoolExecutor(MAX_REQUESTS) as threads:
                for _ in threads.map(self._read_manifest, [job for job in jobs if job["files"]]):
                    pass

    def find(self, job: Mapping[str, Any], product: Product) -> Content | None:
        """Return the content of a product of a row of `jobs`; None if it is not within reach of this machine."""
        for find in (self._in_run_folder, self._received, self._in_bucket, self._published):
            try:
                if found := find(job, product):
                    return found
            except (OSError, ValueError, PressrunError) as error:
                logger.warning("%s of job %s cannot be read: %s", product.name, job["id"], error)
        return None

    def _in_run_folder(self, job: Mapping[str, Any], product: Product) -> Content | None:
        name = job["run_folder"]
        if not name:
            return None
        if name not in self._folders:
            folder = local_path(self._location.workspace, name)
            ours = belongs_to(folder, item_id(job["batch_id"], job["id"]))
            self._folders[name] = folder if ours else None
        known = self._folders[name]
        path = known / _safe_name(product.name) if known else None
        return LocalContent(path) if path and _has_size(path, product.size) else None

    def _received(self, job: Mapping[str, Any], product: Product) -> Content | None:
        path = received_path(self._location, job, product)
        return LocalContent(path) if _has_size(path, product.size) else None

    def _in_bucket(self, job: Mapping[str, Any], product: Product) -> Content | None:
        bucket = self._location.bucket
        manifest = self._read_manifest(job)
        entry = manifest.files.get(product.name) if manifest else None
        if not bucket or entry is None or (entry.size, entry.sha256) != (product.size, product.sha256):
            return None
        return BucketContent(bucket, self._store(bucket), f"{_prefix(job)}/{entry.key}")

    def _read_manifest(self, job: Mapping[str, Any]) -> Manifest | None:
        bucket, prefix = self._location.bucket, _prefix(job)
        if bucket and prefix not in self._manifests:
            self._manifests[prefix] = None
            try:
                with translate_errors(bucket):
                    self._manifests[prefix] = ManifestObject(bucket, self._store(bucket), prefix).read()
            except PressrunError as error:
                logger.warning("The files of job %s cannot be read: %s", job["id"], error)
        return self._manifests.get(prefix)

    def _published(self, job: Mapping[str, Any], product: Product) -> Content | None:
        """Return the copy of a file beside a published video."""
        for url in published_urls(job):
            parts = urlsplit(url)
            if parts.scheme not in SCHEMES:
                continue
            if parts.scheme == "file":
                path = Path(unquote(parts.path)).with_name(_safe_name(product.name).name)
                if _has_size(path, product.size):
                    return LocalContent(path)
                continue
            folder, _, _ = url.rpartition("/")
            bucket = BucketLocation(folder, parts.scheme, parts.netloc)
            content = BucketContent(bucket, self._store(bucket), _safe_name(product.name).name)
            if _object_size(content) == product.size:
                return content
        return None

    def _store(self, bucket: BucketLocation) -> Any:
        if bucket.url not in self._stores:
            require_access(bucket)
            with translate_errors(bucket):
                self._stores[bucket.url] = open_store(bucket)
        return self._stores[bucket.url]


def _prefix(job: Mapping[str, Any]) -> str:
    return f"{job['batch_id']}/{job['id']}"


def published_urls(job: Mapping[str, Any]) -> list[str]:
    """Return the addresses at which an item was published, the video first."""
    values = (job["output_url"], *(job["result"] or {}).values())
    return list(dict.fromkeys(each for each in values if isinstance(each, str) and "://" in each))


def received_path(location: RunLocation, job: Mapping[str, Any], product: Product) -> Path:
    """Return the path for a product that a worker uploads. Its name has the hash, so versions never mix."""
    name = f"{product.sha256[:16]}-{_safe_name(product.name).name}"
    return location.workspace.runs / RECEIVED_FOLDER / str(job["batch_id"]) / str(job["id"]) / name


def _safe_name(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name or "\0" in name:
        raise ValueError(f"invalid name {name!r}")
    return path


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.is_file() and path.stat().st_size == size
    except OSError:
        return False


def _object_size(content: BucketContent) -> int | None:
    import obstore

    try:
        with translate_errors(content.bucket):
            return int(obstore.head(content.store, content.key)["size"])
    except FileNotFoundError:
        return None

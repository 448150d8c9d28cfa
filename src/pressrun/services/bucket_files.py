"""Upload files to a bucket in parts with little memory, download them, and read and write small JSON objects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressrun.services.bucket_location import (
    PROBE_TIMEOUT,
    SLOW_REQUEST_TIMEOUT,
    BucketLocation,
    is_missing_bucket,
    is_timeout,
    open_store,
    translate_error,
)
from pressrun.services.protocols import Progress
from pressrun.store.json_files import encode

PART_BYTES = 5 << 20
"""Bytes sent in one request: the smallest part size that S3 accepts."""
CHUNK_BYTES = 1 << 20
"""Bytes read between two progress reports."""
MAX_CONCURRENT_PARTS = 2
"""Parts uploaded at the same time; each must arrive within the timeout of a request."""
CONTENT_TYPES = {
    ".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".vtt": "text/vtt",
    ".srt": "application/x-subrip", ".jpg": "image/jpeg", ".png": "image/png", ".json": "application/json",
    ".wav": "audio/wav", ".txt": "text/plain",
}


class FileUploader:
    """Upload files one after another, and report progress over all of them."""

    def __init__(self, location: BucketLocation, store: Any, total: int, progress: Progress) -> None:
        self._place, self._store = location, store
        self._total, self._progress = total, progress
        self._before = 0
        self._reported = 0
        self._at_once = MAX_CONCURRENT_PARTS
        progress(0, total, "bytes")

    def send(self, file: Path, key: str) -> tuple[int, str]:
        """Upload `file` as `key`. Return its size in bytes and its SHA-256."""
        from obstore.exceptions import BaseError

        try:
            sent = self._put(file, key)
        except BaseError as error:
            if not is_timeout(error) or self._at_once == 1 or not self._responds(key):
                raise
            # The server responds, so the line is slow but not down.
            self._store, self._at_once = open_store(self._place, SLOW_REQUEST_TIMEOUT), 1
            sent = self._put(file, key)
        self._before += sent[0]
        return sent

    def _put(self, file: Path, key: str) -> tuple[int, str]:
        import obstore

        digest = hashlib.sha256()
        size = 0

        def chunks() -> Iterator[bytes]:
            nonlocal size
            with file.open("rb") as source:
                while chunk := source.read(CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
                    self._report(self._before + size)

        described = object_attributes(self._store, key)
        if file.stat().st_size <= PART_BYTES:
            obstore.put(self._store, key, b"".join(chunks()), attributes=described, use_multipart=False)
        else:
            obstore.put(
                self._store, key, chunks(), attributes=described, chunk_size=PART_BYTES, max_concurrency=self._at_once
            )
        return size, digest.hexdigest()

    def _report(self, done: int) -> None:
        if done > self._reported:
            self._reported = done
            self._progress(done, self._total, "bytes")

    def _responds(self, key: str) -> bool:
        import obstore
        from obstore.exceptions import BaseError

        try:
            with suppress(FileNotFoundError):
                obstore.head(open_store(self._place, PROBE_TIMEOUT, tries=0), key)
        except BaseError as error:
            return not is_timeout(error) and not translate_error(error, self._place).retryable
        return True


def object_attributes(store: Any, key: str) -> dict[str, str] | None:
    """Return the attributes that a bucket sends to a browser; a folder has nowhere to store them."""
    from obstore.store import LocalStore

    kind = CONTENT_TYPES.get(Path(key).suffix)
    return {"Content-Type": kind} if kind and not isinstance(store, LocalStore) else None


class FileDownloader:
    """Download objects in parts of `PART_BYTES` bytes; each must arrive within the timeout of a request."""

    def __init__(self, location: BucketLocation, store: Any) -> None:
        self._place, self._store = location, store
        self._patient = False

    def receive(self, key: str, size: int) -> Iterator[Any]:
        """Yield the `size` bytes of an object in pieces."""
        for start in range(0, size, PART_BYTES):
            yield self._range(key, start, min(start + PART_BYTES, size))

    def _range(self, key: str, start: int, end: int) -> Any:
        import obstore
        from obstore.exceptions import BaseError

        try:
            return obstore.get_range(self._store, key, start=start, end=end)
        except BaseError as error:
            if self._patient or not is_timeout(error):
                raise
            self._store, self._patient = open_store(self._place, SLOW_REQUEST_TIMEOUT), True
            return obstore.get_range(self._store, key, start=start, end=end)


def load_json(store: Any, key: str) -> dict[str, Any]:
    """Return the JSON object at `key`, or an empty dict if it is missing or not an object."""
    return load_json_with_tag(store, key)[0]


def load_json_with_tag(store: Any, key: str) -> tuple[dict[str, Any], dict[str, str] | None]:
    """Return the JSON object at `key`, and its version for a conditional write. The version is None if it is missing.
    """
    import obstore

    try:
        got = obstore.get(store, key)
        tag = tag_of(got.meta)
        found = json.loads(bytes(got.bytes()))
    except FileNotFoundError as error:
        if is_missing_bucket(error):
            raise
        return {}, None
    except (ValueError, RecursionError):
        return {}, tag
    return found if isinstance(found, dict) else {}, tag


def tag_of(result: Any) -> dict[str, str]:
    """Return the version of an object from the reply to a read or a write."""
    return {name: str(result[name]) for name in ("e_tag", "version") if result[name]}


def put_json(store: Any, key: str, value: dict[str, Any]) -> None:
    import obstore

    obstore.put(store, key, encode(value), attributes=object_attributes(store, key))


def sizes(store: Any, folder: str) -> dict[str, int]:
    import obstore

    return {str(each["path"]): int(each["size"]) for page in obstore.list(store, prefix=folder) for each in page}

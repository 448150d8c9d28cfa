"""Download one file of known size and hash: resumed after an interruption, checked, and complete or absent."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from pressrun.error_reports import no_space_error
from pressrun.errors import NetworkError, NoSpaceError, PressrunError
from pressrun.services.fetching import RETRY_LATER, host_of, open_response
from pressrun.store.atomic import sync_folder

TIMEOUT = 20.0
"""Seconds to connect, and between two bytes."""
CHUNK_BYTES = 1 << 16
"""Bytes that are read at once, and the most that a lost connection loses."""
MAX_TRIES = 3
"""Requests in a row without a new byte before a download fails; what has arrived stays for the next call."""
RETRY_DELAY = 1.0
"""Seconds before the second request without a new byte, and twice as many before the third."""
RESERVED_SPACE = 100_000_000
"""Bytes of disk space that a download leaves free."""
LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process that downloads the same file."""

class WrongReplyError(NetworkError):
    """The server sent something else than the file; another request would not help."""

    retryable = False


OnBytes = Callable[[int], None]
"""Gets the number of bytes of the file that are on disk."""


def download(url: str, path: Path, size: int, sha256: str, variable: str, on_bytes: OnBytes = lambda _: None) -> bool:
    """Download `url` to `path`, and return False if the file is there already and has this hash.

    What has arrived is stored in a file next to it and continued by the next call. `variable` is the environment
    variable with the address, for remedies.

    Raises `NetworkError` if the server does not answer, `WrongReplyError` if it sends something else, `NoSpaceError`,
    and `PressrunError` if another process downloads the file.
    """
    if has_hash(path, size, sha256):
        on_bytes(size)
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_TIMEOUT):
            if has_hash(path, size, sha256):  # by another process, in the meantime
                on_bytes(size)
                return False
            _download_part(url, path.with_name(f".{path.name}.part"), path, size, sha256, variable, on_bytes)
    except Timeout as error:
        raise PressrunError(
            f"Another process is downloading {path.name}", remedy="Wait for it, and run the same command again."
        ) from error
    except OSError as error:
        if known := no_space_error(error, path):
            raise known from error
        raise
    return True


def has_hash(path: Path, size: int, sha256: str) -> bool:
    """Return whether a file exists and has this size and hash."""
    try:
        if path.stat().st_size != size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _download_part(
    url: str, part: Path, path: Path, size: int, sha256: str, variable: str, on_bytes: OnBytes
) -> None:
    """Complete `part`, check it, and rename it to `path`."""
    with part.open("a+b") as file:
        if file.tell() > size:
            file.truncate(0)
        missing = size - file.tell()
        free = shutil.disk_usage(part.parent).free
        if free < missing + RESERVED_SPACE:
            raise NoSpaceError(
                f"{path.name} needs {missing / 1e6:,.0f} MB, and {part.parent} has {free / 1e6:,.0f} MB left",
                remedy="Free some disk space.",
            )
        digest = _digest(file)
        tries = 0
        while (have := file.tell()) < size:
            on_bytes(have)
            try:
                digest = _receive(url, file, digest, size, variable, on_bytes)
            except WrongReplyError:
                raise
            except NetworkError:
                tries = 1 if file.tell() > have else tries + 1
                if tries == MAX_TRIES:
                    raise
                time.sleep(RETRY_DELAY * tries)
        if digest.hexdigest() != sha256:
            file.truncate(0)
            raise WrongReplyError(
                f"{url} is not the expected file: its SHA-256 differs", remedy=f"Check {variable}, or try again."
            )
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
    on_bytes(size)


def _receive(url: str, file: IO[bytes], digest: Any, size: int, variable: str, on_bytes: OnBytes) -> Any:
    """Append what one request returns, and return the digest of the whole file. Raises `NetworkError`."""
    have = file.tell()
    headers = {"Range": f"bytes={have}-"} if have else {}
    base = urlsplit(url)

    def is_allowed(other: str) -> bool:
        # Never from an encrypted address to an unencrypted one; a server on this machine may redirect to itself.
        return other.startswith("https://") or urlsplit(other)[:2] == base[:2]

    with open_response("GET", url, timeout=TIMEOUT, headers=headers, is_allowed=is_allowed) as answer:
        if answer.status_code == 416 or (have and answer.status_code == 200):
            # The server cannot continue; start again.
            file.truncate(0)
            digest = hashlib.sha256()
            if answer.status_code == 416:
                return digest
        elif answer.status_code not in (200, 206):
            retryable = answer.status_code in (408, 429) or answer.status_code >= 500
            raise (NetworkError if retryable else WrongReplyError)(
                f"{url} returned HTTP {answer.status_code}",
                remedy=f"Try again later, or set {variable} to another address.",
            )
        for chunk in answer.iter_content(CHUNK_BYTES):
            if file.tell() + len(chunk) > size:
                file.truncate(0)
                raise WrongReplyError(
                    f"{host_of(url)} sent more than the {size:,} bytes of {base.path.rpartition('/')[2]}",
                    remedy=f"Check {variable}, or try again.",
                )
            file.write(chunk)
            digest.update(chunk)
            on_bytes(file.tell())
    if file.tell() < size:
        raise NetworkError(f"{host_of(url)} ended the connection early", remedy=RETRY_LATER)
    return digest


def _digest(file: IO[bytes]) -> Any:
    """Return the digest of what is in the file, and leave its position at the end."""
    file.seek(0)
    digest = hashlib.sha256()
    while data := file.read(1 << 20):
        digest.update(data)
    return digest

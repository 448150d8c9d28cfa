"""Download a file so that it is complete or not there: it continues where it was cut, and is checked at the end."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx

from pressrun_client.errors import ClientError, IncompleteDownloadError, RateLimitError, ServerError
from pressrun_client.transport import (
    Call,
    Flow,
    Open,
    Read,
    Sleep,
    connection_error,
    error_of,
    retry_after,
    retry_delay,
)

FRUITLESS_ATTEMPTS = 6
"""Attempts in a row without a single new byte after which a download fails."""


def download(path: str, target: Path, sha256: str | None = None) -> Flow[Path]:
    """Download `path` into the file `target` and return it.

    The bytes are in `TARGET.part` until the download is complete. A later download into the same file continues them if
    the file on the server is still the same. Raises `IncompleteDownloadError`, `OSError`, or the error of the server.
    """
    state = _Partial(target)
    fruitless = 0
    while True:
        before = state.size
        failure: ClientError
        try:
            if (yield from _receive(path, state)):
                break
            failure = IncompleteDownloadError(f"{path} ended after {state.size} bytes", "Try again")
        except httpx.TransportError as error:
            failure = connection_error(error)
        except (ServerError, RateLimitError) as error:
            failure = error
        fruitless = 0 if state.size > before else fruitless + 1
        if fruitless >= FRUITLESS_ATTEMPTS:
            raise failure
        yield Sleep(retry_delay(fruitless))
    return state.finish(sha256)


def _receive(path: str, state: _Partial) -> Flow[bool]:
    """Append what the server sends. Return whether the file is complete."""
    headers = {"Accept-Encoding": "identity", **state.range_headers()}
    response: httpx.Response = yield Open(Call("GET", path, headers=headers), False)
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        # Either everything is here already, or the file on the server is another one: start again to know.
        state.restart("")
        return False
    if not response.is_success:
        error = error_of(response)
        yield Sleep(retry_after(response))
        raise error
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        state.restart(response.headers.get("ETag", ""))
    length = response.headers.get("Content-Length")
    expected = None if length is None else state.size + int(length)
    while (chunk := (yield Read())) is not None:
        state.append(chunk)
    return expected is None or state.size == expected


class _Partial:
    """The file that receives the bytes, and a note of the version that they belong to."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.part = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")
        self._etag = ""
        try:
            self._etag = str(json.loads(self._note.read_bytes())["etag"])
        except (OSError, ValueError, KeyError, TypeError):
            self.part.unlink(missing_ok=True)
        self.size = self.part.stat().st_size if self.part.exists() else 0

    def range_headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest of the same version, or none at the beginning."""
        if self.size == 0 or not self._etag:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._etag}

    def restart(self, etag: str) -> None:
        """Empty the file; what follows belongs to the version `etag`."""
        self.part.write_bytes(b"")
        self._note.write_text(json.dumps({"etag": etag}), encoding="utf-8")
        self.size, self._etag = 0, etag

    def append(self, chunk: bytes) -> None:
        """Add bytes."""
        with self.part.open("ab") as file:
            file.write(chunk)
        self.size += len(chunk)

    def finish(self, sha256: str | None) -> Path:
        """Check the bytes and give the file its name."""
        if sha256 is not None and (found := _checksum(self.part)) != sha256:
            self.part.unlink()
            raise IncompleteDownloadError(f"{self.target} has the checksum {found}, not {sha256}", "Try again")
        self.part.replace(self.target)
        self._note.unlink(missing_ok=True)
        return self.target


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

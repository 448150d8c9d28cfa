"""Send the content of files and archives: whole or from any byte on (Range), with an ETag, and one chunk in memory."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pressrun.api.zip_archive import Reader
from pressrun.errors import NoSuchFileError, PressrunError, RangeError

INLINE_TYPES = ("video/", "audio/", "image/", "text/plain")
"""Types that a browser shows; it saves all others."""
INLINE_POLICY = (
    "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)
_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)


@dataclass(frozen=True)
class Download:
    """Something that can be downloaded."""

    name: str
    """File name for a browser that saves it."""
    type: str
    """Media type."""
    size: int
    etag: str
    """Without quotation marks."""
    read: Reader
    sha256: str = ""


def send(request: Request, download: Download) -> Response:
    """Return the response for a GET or HEAD request. Raises `RangeError` for bytes beyond the end."""
    headers = _headers(download)
    if _has_etag(request.headers.get("if-none-match"), headers["ETag"]):
        kept = {name: headers[name] for name in ("ETag", "Cache-Control")}
        return Response(status_code=304, headers=kept)
    start, end, status = 0, download.size, 200
    if request.method == "GET" and (span := _requested_range(request, headers["ETag"], download.size)):
        (start, end), status = span, 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{download.size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=download.type)
    # The first chunk is read before the response starts, so that a file that cannot be read becomes an error.
    chunks = download.read(start, end)
    try:
        first = next(chunks, b"")
    except (OSError, PressrunError) as error:
        raise NoSuchFileError(
            f"{download.name} cannot be read at the moment", remedy="Try again later, or ask the operator."
        ) from error
    return StreamingResponse(_stream(first, chunks), status, headers, download.type)


def _headers(download: Download) -> dict[str, str]:
    inline = download.type.startswith(INLINE_TYPES)
    ascii_name = re.sub(r'[^ -~]|["\\]', "_", download.name)
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{download.etag}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{ascii_name}"; '
        f"filename*=UTF-8''{quote(download.name, safe='')}",
    }
    if inline:
        headers["Content-Security-Policy"] = INLINE_POLICY
    if download.sha256:
        headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(download.sha256)).decode()}:"
    return headers


async def _stream(first: bytes, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    try:
        chunk: bytes | None = first
        while chunk is not None:
            yield chunk
            chunk = await run_in_threadpool(next, chunks, None)
    finally:
        # A client that leaves must not keep a file open.
        if close := getattr(chunks, "close", None):
            close()


def _has_etag(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in header.split(","))


def _requested_range(request: Request, etag: str, size: int) -> tuple[int, int] | None:
    """Return the start and end of the requested bytes; None for the whole file.

    A header with several ranges, or one that is not understood, counts as none, as HTTP allows. So does a range of an
    earlier version of the file (`If-Range`). Raises `RangeError` for a range beyond the end.
    """
    given = request.headers.getlist("range")
    condition = request.headers.get("if-range")
    if len(given) != 1 or (condition is not None and condition.strip() != etag):
        return None
    found = _RANGE.fullmatch(given[0].strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2][:18])), size
        beyond = int(found[2][:18]) == 0 or size == 0
    else:
        start, end = int(found[1][:18]), min(size, int(found[2][:18]) + 1) if found[2] else size
        if found[2] and int(found[2][:18]) < start:
            return None
        beyond = start >= size
    if beyond:
        raise RangeError(
            f"The file has {size:,} bytes, and the request asks for bytes beyond them",
            remedy="Start again without the header Range.", size=size,
        )
    return start, end

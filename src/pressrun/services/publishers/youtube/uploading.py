"""Upload a video through one resumable session, and query its state before sending anything twice.

The library does each step; their order is ours. It opens the session and sends the first chunk in one call, and reads
the bytes of its media in between: there the record is written, before every chunk, so that no byte leaves unrecorded.
After any doubt the request is put into the library's error state, whose next step is the query `bytes */N`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from pressrun.services.protocols import Progress
from pressrun.services.publishers.youtube.api_errors import api_error, is_transient
from pressrun.services.publishers.youtube.http import INVALID_REPLY, LostReplyError, network_error
from pressrun.services.publishers.youtube.record import FINISHING, SESSION, UploadRecord

CHUNK_GRANULARITY = 256 * 1024
"""Chunks except the last are a multiple of this, as required by the resumable upload protocol."""
MEGABYTE = 1024 * 1024
RETRY_DELAYS = (0.25, 0.75, 2.25, 6.75, 15.0)
"""Seconds before each retry, as long as the server has received nothing new in between."""
SESSION_GONE_STATUSES = {404, 410}
QUERY_GONE_STATUSES = {400, *SESSION_GONE_STATUSES}
_ACTION = "accept the video"


class SessionGoneError(Exception):
    """YouTube no longer knows the session, so it cannot tell whether the video was complete."""


class IncompleteError(Exception):
    """The session is open and lacks bytes, but this call was not allowed to send any."""


class _UnconfirmedError(Exception):
    """The server has every byte, but has not confirmed the video yet."""


def upload_video(
    service: Any, video: Path, body: dict[str, Any], record: UploadRecord, progress: Progress, chunk: int,
    *, query_only: bool = False,
) -> dict[str, Any]:
    """Upload the video; return YouTube's description of it. `chunk` is in bytes, a multiple of `CHUNK_GRANULARITY`.

    Resumes the recorded session, or opens one. Raises `SessionGoneError`, `IncompleteError` with `query_only`, the
    errors of the API, and `NetworkError` if all retries failed.
    """
    request, media = _build_request(service, video, body, record, chunk, query_only)
    size = media.size()
    furthest, lost = 0, 0
    progress(0, size, "bytes")
    while True:
        media.sending = False
        try:
            status, reply = request.next_chunk(num_retries=0)
            if status is None and not _is_video_reply(reply):
                raise LostReplyError(INVALID_REPLY)
        except Exception as error:
            problem = _problem(error, bool(request.resumable_uri), media.sending)
            lost = 0 if request.resumable_progress > furthest else lost
            if lost == len(RETRY_DELAYS):
                raise network_error(_ACTION, problem) from error
            time.sleep(RETRY_DELAYS[lost])
            lost += 1
            request._in_error_state = True
        else:
            if status is None:
                progress(size, size, "bytes")
                return dict(reply)
            lost = 0
        if request.resumable_progress > furthest:
            furthest = request.resumable_progress
            progress(furthest, size, "bytes")


def _is_video_reply(reply: object) -> bool:
    return isinstance(reply, dict) and isinstance(reply.get("id"), str) and bool(reply["id"])


def _build_request(
    service: Any, video: Path, body: dict[str, Any], record: UploadRecord, chunk: int, query_only: bool
) -> tuple[Any, Any]:
    """Return the library's request, and its view of the video."""

    def before_bytes() -> int:
        done, size = request.resumable_progress, media.size()
        if query_only:
            raise IncompleteError
        if done >= size:
            raise _UnconfirmedError
        length = chunk_length(done, size, chunk)
        known = record.upload.state if record.upload else SESSION
        # FINISHING is final: bytes of a killed process may still arrive after the server has replied.
        state = FINISHING if done + length >= size or known == FINISHING else SESSION
        record.change(state=state, session=str(request.resumable_uri), acknowledged=done)
        return length

    # A query about the session of another version of the video needs the size of that version.
    size = record.upload.size if query_only and record.upload else video.stat().st_size
    media = _video_media_class()(str(video), size, before_bytes)
    request = service.videos().insert(part="snippet,status", body=body, media_body=media)
    if record.upload and record.upload.session:
        request.resumable_uri = record.upload.session
        request._in_error_state = True
    return request, media


def chunk_length(done: int, size: int, chunk: int) -> int:
    """Return the size of the next chunk. The last one is 256 KiB at most: only while it is being sent can the loss of a
    session leave doubt."""
    tail = size % CHUNK_GRANULARITY or CHUNK_GRANULARITY
    rest = (size - tail - done) // CHUNK_GRANULARITY * CHUNK_GRANULARITY
    return min(chunk, rest) if rest > 0 else size - done


@cache
def _video_media_class() -> Any:
    from googleapiclient.http import MediaFileUpload

    class VideoMedia(MediaFileUpload):  # type: ignore[misc]
        """A video that notices when the library is about to send a part of it, and limits the size of that part."""

        def __init__(self, path: str, size: int, before_bytes: Callable[[], int]) -> None:
            super().__init__(path, mimetype="video/*", resumable=True)
            self._bytes = size
            self._before_bytes = before_bytes
            self._length = CHUNK_GRANULARITY
            self.sending = False

        def stream(self) -> Any:
            self._length = self._before_bytes()
            self.sending = True
            return super().stream()

        def chunksize(self) -> int:
            return self._length

        def size(self) -> int:
            return self._bytes

    return VideoMedia


def _problem(error: Exception, session: bool, sending: bool) -> str:
    """Return the problem if a retry may help; otherwise raise the error.

    `session` is whether there is a session, `sending` whether bytes were being sent. If not, the error is the reply to
    a query: a server that rejects even that no longer knows the session.
    """
    from googleapiclient.errors import HttpError

    if isinstance(error, HttpError):
        if session and error.status_code in (SESSION_GONE_STATUSES if sending else QUERY_GONE_STATUSES):
            raise SessionGoneError from error
        if not is_transient(error.status_code, error.content):
            raise api_error(error.status_code, error.content, _ACTION) from error
        return f"it returned status {error.status_code}"
    if isinstance(error, LostReplyError):
        return str(error)
    if isinstance(error, (ValueError, IndexError)):
        return INVALID_REPLY  # the library parses the Range header of the reply here
    if isinstance(error, _UnconfirmedError):
        return "it has the whole video but did not confirm it"
    raise error

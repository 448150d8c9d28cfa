"""Sends the bytes of a video through one resumable session, and asks before it sends anything twice.

The library does each step; the order around them is ours. It opens the session and sends the first chunk in one call,
and asks for the bytes of its media in between: that is where the record is written, before every chunk, so that no
byte ever leaves unrecorded. After any doubt the request is put into the library's error state, in which its next step
is the question `bytes */N`.
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
"""Chunks before the last are a multiple of this (the resumable upload protocol asks for it)."""
MEGABYTE = 1024 * 1024
RETRY_DELAYS = (0.25, 0.75, 2.25, 6.75, 15.0)
"""Seconds before asking again, as long as the server has got nothing new in between."""
SESSION_GONE_STATUSES = {404, 410}
QUERY_GONE_STATUSES = {400, *SESSION_GONE_STATUSES}
_ACTION = "take the video"


class SessionGoneError(Exception):
    """YouTube knows the session no more, and with it not whether the video was complete."""


class IncompleteError(Exception):
    """The session is open and lacks bytes, and this call was not to send any."""


class _AllSentError(Exception):
    """The server has every byte, and has not said yet what became of them."""


def upload_video(
    service: Any, video: Path, body: dict[str, Any], record: UploadRecord, progress: Progress, chunk: int,
    *, only_ask: bool = False,
) -> dict[str, Any]:
    """What YouTube says of the video once it has all of it; `chunk` in bytes, a multiple of `CHUNK_GRANULARITY`.

    Resumes the session of the record, or opens one. Raises `SessionGoneError`, `IncompleteError` with `only_ask`, the
    errors
    of a refusal, and `NetworkError` when asking several times did not help either.
    """
    request, film = _build_request(service, video, body, record, chunk, only_ask)
    size = film.size()
    furthest, lost = 0, 0
    progress(0, size, "bytes")
    while True:
        film.leaving = False
        try:
            status, reply = request.next_chunk(num_retries=0)
            if status is None and not _is_video_reply(reply):
                raise LostReplyError(INVALID_REPLY)
        except Exception as error:
            problem = _problem(error, bool(request.resumable_uri), film.leaving)
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
    service: Any, video: Path, body: dict[str, Any], record: UploadRecord, chunk: int, only_ask: bool
) -> tuple[Any, Any]:
    """The library's request, and the video as it sends it."""

    def before_bytes() -> int:
        done, size = request.resumable_progress, film.size()
        if only_ask:
            raise IncompleteError
        if done >= size:
            raise _AllSentError
        length = chunk_length(done, size, chunk)
        known = record.upload.state if record.upload else SESSION
        # Once it was FINISHING it stays so: bytes of a killed process may still arrive after the server has answered.
        state = FINISHING if done + length >= size or known == FINISHING else SESSION
        record.change(state=state, session=str(request.resumable_uri), acknowledged=done)
        return length

    # A question about the session of another version of the video is asked with the size of that version.
    size = record.upload.size if only_ask and record.upload else video.stat().st_size
    film = _video_media_class()(str(video), size, before_bytes)
    request = service.videos().insert(part="snippet,status", body=body, media_body=film)
    if record.upload and record.upload.session:
        request.resumable_uri = record.upload.session
        request._in_error_state = True
    return request, film


def chunk_length(done: int, size: int, chunk: int) -> int:
    """Bytes of the next chunk. The last one of all is short, 256 KiB at most: only while it is on its way can the loss
    of a session leave a doubt."""
    tail = size % CHUNK_GRANULARITY or CHUNK_GRANULARITY
    rest = (size - tail - done) // CHUNK_GRANULARITY * CHUNK_GRANULARITY
    return min(chunk, rest) if rest > 0 else size - done


@cache
def _video_media_class() -> Any:
    from googleapiclient.http import MediaFileUpload

    class Film(MediaFileUpload):  # type: ignore[misc]
        """A video that tells when the library is about to send a part of it, and is told how long that part is."""

        def __init__(self, path: str, size: int, before_bytes: Callable[[], int]) -> None:
            super().__init__(path, mimetype="video/*", resumable=True)
            self._bytes = size
            self._before_bytes = before_bytes
            self._length = CHUNK_GRANULARITY
            self.leaving = False

        def stream(self) -> Any:
            self._length = self._before_bytes()
            self.leaving = True
            return super().stream()

        def chunksize(self) -> int:
            return self._length

        def size(self) -> int:
            return self._bytes

    return Film


def _problem(error: Exception, session: bool, leaving: bool) -> str:
    """What went wrong, in words, where asking again may help; raises what else it is.

    `session` says whether there is one, `leaving` whether bytes were on their way: without them it was the question
    that was answered so, and a server that refuses the very question knows nothing of the session any more.
    """
    from googleapiclient.errors import HttpError

    if isinstance(error, HttpError):
        if session and error.status_code in (SESSION_GONE_STATUSES if leaving else QUERY_GONE_STATUSES):
            raise SessionGoneError from error
        if not is_transient(error.status_code, error.content):
            raise api_error(error.status_code, error.content, _ACTION) from error
        return f"it answers with status {error.status_code}"
    if isinstance(error, LostReplyError):
        return str(error)
    if isinstance(error, (ValueError, IndexError)):
        return INVALID_REPLY  # the library reads what a header says the server has
    if isinstance(error, _AllSentError):
        return "it has all of it and does not say what became of it"
    raise error

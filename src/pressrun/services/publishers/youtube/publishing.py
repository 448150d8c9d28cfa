"""Publish one video exactly once, over any number of tries, from the record to the receipt."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NoReturn

from pressrun.errors import NetworkError, PublishError, UploadUnknownError
from pressrun.services.protocols import Context, Package, Progress, Published
from pressrun.services.publishers.youtube.channel import find_upload
from pressrun.services.publishers.youtube.extras import add_extras
from pressrun.services.publishers.youtube.http import open_service
from pressrun.services.publishers.youtube.metadata import content_digest, make_tag, video_resource
from pressrun.services.publishers.youtube.record import (
    FINISHING,
    INTENT,
    SENT,
    SESSION,
    STARTED,
    UNKNOWN,
    Upload,
    UploadRecord,
)
from pressrun.services.publishers.youtube.uploading import MEGABYTE, IncompleteError, SessionGoneError, upload_video

NAME = "youtube"
MAX_SESSIONS = 3
LOOKUP_DELAYS = (0.0, 1.0, 3.0, 6.0, 10.0)
"""Seconds before each check of the channel if the outcome is unknown: new uploads are listed with a delay."""
IN_FLIGHT_SECONDS = 120.0
"""Seconds after which no bytes of a killed process can still arrive."""

_RENDER_AGAIN = "Run it again with --from render."


def find(marker: str, package: Package, context: Context) -> Published | None:
    """Return the publication from the record, or else from the channel. A started upload does not count: `publish`
    resumes it. Adds extras that a killed try left out."""
    record = UploadRecord(context.parts, marker)
    known = record.upload
    if known is not None and known.state != SENT:
        return None
    service = None
    if known is None:
        service = open_service()
        tag = make_tag(marker, package.kind)
        video = find_upload(service, tag, package.video.parent)
        if video is None:
            return None
        _record_sent(record, Upload(SENT, marker, tag, "", 0), video)
    return _add_extras_and_report(service, package, record, context)


def publish(package: Package, marker: str, progress: Progress, context: Context) -> Published:
    """Upload the video or the rest of it. Raises `UploadUnknownError` rather than risk a second copy."""
    size = _video_size(package.video)
    record = UploadRecord(context.parts, marker)
    if record.upload is None or record.upload.state != SENT:
        body = video_resource(package, make_tag(marker, package.kind), context)
        fresh = Upload(INTENT, marker, make_tag(marker, package.kind), content_digest(package, body), size)
        job = _UploadJob(open_service(), package, body, fresh, record, context)
        job.resolve_earlier_try()
        job.send(progress)
        _note_changed_privacy(package, record, context)
        return _add_extras_and_report(job.service, package, record, context)
    progress(size, size, "bytes")
    return _add_extras_and_report(None, package, record, context)


class _UploadJob:
    """The upload of one package; every path ends with the record SENT, or with an error."""

    def __init__(
        self,
        service: Any,
        package: Package,
        body: dict[str, Any],
        fresh: Upload,
        record: UploadRecord,
        context: Context,
    ) -> None:
        self.service = service
        self.package = package
        self.body = body
        self.fresh = fresh
        self.record = record
        self.chunk = int(context.settings["upload_chunk"]) * MEGABYTE
        self.note = context.note

    def resolve_earlier_try(self) -> None:
        """Resolve what an earlier try left: either the upload can continue, or it has finished."""
        known = self.record.upload
        if known is None or known.state == INTENT:
            self.record.write(self.fresh)
        elif known.state == UNKNOWN:
            self._find_or_give_up(known)
        elif known.content != self.fresh.content:
            self._resolve_changed_video(known)

    def _resolve_changed_video(self, known: Upload) -> None:
        """Handle a video or metadata that has changed since the session was opened."""
        if known.state == SESSION:
            self.record.write(self.fresh)  # its last bytes never left, so that session cannot create a video
            return
        try:
            reply = upload_video(
                self.service, self.package.video, self.body, self.record, _ignore_progress, self.chunk, query_only=True
            )
        except SessionGoneError:
            self._find_or_give_up(known)
            return
        except IncompleteError:
            if _seconds_since_write(self.record.path) < IN_FLIGHT_SECONDS:
                raise NetworkError(
                    "An earlier upload of another version of this video may still be arriving",
                    remedy="Run the same command again in two minutes.",
                ) from None
            self.record.write(self.fresh)
            return
        self.note("The video was published before its last change and is not updated")
        _record_sent(self.record, known, reply)

    def send(self, progress: Progress) -> None:
        for _ in range(MAX_SESSIONS):
            upload = self.record.upload or self.fresh
            if upload.state == SENT:
                progress(self.fresh.size, self.fresh.size, "bytes")
                return
            try:
                reply = upload_video(self.service, self.package.video, self.body, self.record, progress, self.chunk)
            except SessionGoneError:
                self._recover_lost_session(self.record.upload or self.fresh)
            else:
                _record_sent(self.record, upload, reply)
                return
        if self.record.upload is None or self.record.upload.state != SENT:
            raise NetworkError(
                f"YouTube did not accept the video: it ended {MAX_SESSIONS} upload sessions",
                remedy="Run the same command again later.",
            )

    def _recover_lost_session(self, upload: Upload) -> None:
        if upload.state == FINISHING:
            self._find_or_give_up(upload)
        elif video := find_upload(self.service, upload.tag, self.package.video.parent):
            _record_sent(self.record, upload, video)
        else:
            self.record.write(self.fresh)

    def _find_or_give_up(self, upload: Upload) -> None:
        for wait in LOOKUP_DELAYS:
            time.sleep(wait)
            if video := find_upload(self.service, upload.tag, self.package.video.parent):
                _record_sent(self.record, upload, video)
                return
        self.record.write(upload)
        self.record.change(state=UNKNOWN)
        _raise_unknown(self.package)


def _raise_unknown(package: Package) -> NoReturn:
    title = package.script.book_title
    raise UploadUnknownError(
        f"It is unknown whether YouTube has the {package.kind}: its session ended while the last bytes "
        "were being sent, and the channel does not list it",
        remedy=f'Check the channel, then record the result: pressrun resolve "{title}" --url URL, or --not-published',
    )


def _record_sent(record: UploadRecord, upload: Upload, video: dict[str, Any]) -> None:
    """Record that the video is on the channel. Its extras may be too, unless this process has just sent it."""
    just_sent = record.upload is not None
    extras = "" if just_sent else STARTED
    record.write(
        Upload(
            SENT, upload.marker, upload.tag, upload.content, upload.size, acknowledged=upload.size,
            id=str(video["id"]), privacy=str(video.get("status", {}).get("privacyStatus", "")),
            thumbnail=extras, captions=extras, playlist=extras,
        )
    )


def _add_extras_and_report(service: Any, package: Package, record: UploadRecord, context: Context) -> Published:
    add_extras(service, package, record, context)
    upload = record.upload
    assert upload is not None
    return Published(_watch_url(package.kind, upload.id), upload.marker, NAME, upload.privacy or package.privacy)


def _watch_url(kind: str, video_id: str) -> str:
    return f"https://www.youtube.com/{'shorts/' if kind == 'short' else 'watch?v='}{video_id}"


def _note_changed_privacy(package: Package, record: UploadRecord, context: Context) -> None:
    found = record.upload.privacy if record.upload else ""
    if found and found != package.privacy and not context.settings["publish_at"]:
        context.note(
            f"YouTube made the {package.kind} {found} although {package.privacy} was requested: "
            "uploads of a project that Google has not audited stay private"
        )


def _video_size(video: Path) -> int:
    try:
        size = video.stat().st_size
    except OSError as error:
        raise PublishError(f"{video} cannot be read: {error.strerror}", remedy=_RENDER_AGAIN) from error
    if not size:
        raise PublishError(f"{video} is empty", remedy=_RENDER_AGAIN)
    return size


def _seconds_since_write(path: Path | None) -> float:
    """Return the seconds since the record was last written; 0 without a record."""
    return time.time() - path.stat().st_mtime if path and path.exists() else 0.0


def _ignore_progress(_done: float, _total: float, _unit: str) -> None:
    """Ignore progress: nothing is sent."""

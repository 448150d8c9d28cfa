"""One video, published once: from the record to the receipt, over any number of tries."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NoReturn

from pressrun.errors import NetworkError, PublishError, UploadUnknownError
from pressrun.services.protocols import Context, Package, Progress, Published
from pressrun.services.publishers.youtube.belongings import complete
from pressrun.services.publishers.youtube.channel import look_for
from pressrun.services.publishers.youtube.line import open_service
from pressrun.services.publishers.youtube.metadata import body_of, content_digest, tag_of
from pressrun.services.publishers.youtube.record import (
    BEGUN,
    FINISHING,
    INTENT,
    SENT,
    SESSION,
    UNKNOWN,
    Record,
    Upload,
)
from pressrun.services.publishers.youtube.sending import MEGABYTE, Incomplete, SessionGone, send

NAME = "youtube"
MOST_SESSIONS = 3
LOOKS = (0.0, 1.0, 3.0, 6.0, 10.0)
"""Seconds before each look at the channel after a doubt: a new upload is listed a little late."""
ARRIVING = 120.0
"""Seconds after which no byte of a process that was killed is on its way any more."""

_MAKE_AGAIN = "Run it again with --from render."


def find(marker: str, package: Package, context: Context) -> Published | None:
    """What the record knows for certain, else what the channel has. An upload that was begun is none yet: `publish`
    goes on with it. Adds what a killed try left out."""
    record = Record(context.parts, marker)
    known = record.upload
    if known is not None and known.state != SENT:
        return None
    service = None
    if known is None:
        service = open_service()
        tag = tag_of(marker, package.kind)
        video = look_for(service, tag, package.video.parent)
        if video is None:
            return None
        _adopt(record, Upload(SENT, marker, tag, "", 0), video)
    return _finished(service, package, record, context)


def publish(package: Package, marker: str, progress: Progress, context: Context) -> Published:
    """Sends the video, or the rest of it. Raises `UploadUnknownError` rather than send what may be there already."""
    size = _size_of(package.video)
    record = Record(context.parts, marker)
    if record.upload is None or record.upload.state != SENT:
        body = body_of(package, tag_of(marker, package.kind), context)
        fresh = Upload(INTENT, marker, tag_of(marker, package.kind), content_digest(package, body), size)
        job = _Job(open_service(), package, body, fresh, record, context)
        job.settle()
        job.send(progress)
        _say_privacy(package, record, context)
        return _finished(job.service, package, record, context)
    progress(size, size, "bytes")
    return _finished(None, package, record, context)


class _Job:
    """The upload of one package; every way through it ends with the record SENT, or with an error."""

    def __init__(
        self, service: Any, package: Package, body: dict[str, Any], fresh: Upload, record: Record, context: Context
    ) -> None:
        self.service = service
        self.package = package
        self.body = body
        self.fresh = fresh
        self.record = record
        self.chunk = int(context.settings["upload_chunk"]) * MEGABYTE
        self.note = context.note

    def settle(self) -> None:
        """Makes of what an earlier try left something that can be sent, or finds that it was."""
        known = self.record.upload
        if known is None or known.state == INTENT:
            self.record.write(self.fresh)
        elif known.state == UNKNOWN:
            self._find_or_give_up(known)
        elif known.content != self.fresh.content:
            self._settle_other(known)

    def _settle_other(self, known: Upload) -> None:
        """The video, or what is said about it, has changed since the session was opened."""
        if known.state == SESSION:
            self.record.write(self.fresh)  # its last bytes never left, so nothing can come of that session
            return
        try:
            reply = send(
                self.service, self.package.video, self.body, self.record, _silent, self.chunk, only_ask=True
            )
        except SessionGone:
            self._find_or_give_up(known)
            return
        except Incomplete:
            if _age(self.record.path) < ARRIVING:
                raise NetworkError(
                    "An earlier try to upload another version of this video may still be arriving",
                    remedy="Run the same command again in two minutes.",
                ) from None
            self.record.write(self.fresh)
            return
        self.note("The video had been published before its last change, and stays as it is")
        _adopt(self.record, known, reply)

    def send(self, progress: Progress) -> None:
        for _ in range(MOST_SESSIONS):
            upload = self.record.upload or self.fresh
            if upload.state == SENT:
                progress(self.fresh.size, self.fresh.size, "bytes")
                return
            try:
                reply = send(self.service, self.package.video, self.body, self.record, progress, self.chunk)
            except SessionGone:
                self._after_a_lost_session(self.record.upload or self.fresh)
            else:
                _adopt(self.record, upload, reply)
                return
        if self.record.upload is None or self.record.upload.state != SENT:
            raise NetworkError(
                f"YouTube did not take the video: it gave up {MOST_SESSIONS} sessions", remedy="Run it again later."
            )

    def _after_a_lost_session(self, upload: Upload) -> None:
        if upload.state == FINISHING:
            self._find_or_give_up(upload)
        elif video := look_for(self.service, upload.tag, self.package.video.parent):
            _adopt(self.record, upload, video)
        else:
            self.record.write(self.fresh)

    def _find_or_give_up(self, upload: Upload) -> None:
        for wait in LOOKS:
            time.sleep(wait)
            if video := look_for(self.service, upload.tag, self.package.video.parent):
                _adopt(self.record, upload, video)
                return
        self.record.write(upload)
        self.record.change(state=UNKNOWN)
        _give_up(self.package)


def _give_up(package: Package) -> NoReturn:
    title = package.script.book_title
    raise UploadUnknownError(
        f"It is not known whether YouTube has the {package.kind}: its session ended while the last bytes were on their "
        "way, and the channel does not list it",
        remedy=f'Look on the channel, then say what is there: pressrun resolve "{title}" --url URL, or --not-published',
    )


def _adopt(record: Record, upload: Upload, video: dict[str, Any]) -> None:
    """The video is there. What belongs to it may be too, unless this process has just sent it."""
    just_sent = record.upload is not None
    begun = "" if just_sent else BEGUN
    record.write(
        Upload(
            SENT, upload.marker, upload.tag, upload.content, upload.size, acknowledged=upload.size,
            id=str(video["id"]), privacy=str(video.get("status", {}).get("privacyStatus", "")),
            thumbnail=begun, captions=begun, playlist=begun,
        )
    )


def _finished(service: Any, package: Package, record: Record, context: Context) -> Published:
    complete(service, package, record, context)
    upload = record.upload
    assert upload is not None
    return Published(_address(package.kind, upload.id), upload.marker, NAME, upload.privacy or package.privacy)


def _address(kind: str, video_id: str) -> str:
    return f"https://www.youtube.com/{'shorts/' if kind == 'short' else 'watch?v='}{video_id}"


def _say_privacy(package: Package, record: Record, context: Context) -> None:
    found = record.upload.privacy if record.upload else ""
    if found and found != package.privacy and not context.settings["publish_at"]:
        context.note(
            f"YouTube made the {package.kind} {found} though {package.privacy} was asked for: "
            "uploads of a project that Google has not audited stay private"
        )


def _size_of(video: Path) -> int:
    try:
        size = video.stat().st_size
    except OSError as error:
        raise PublishError(f"{video} cannot be read: {error.strerror}", remedy=_MAKE_AGAIN) from error
    if not size:
        raise PublishError(f"{video} is empty", remedy=_MAKE_AGAIN)
    return size


def _age(path: Path | None) -> float:
    """Seconds since the record was last written; none is as good as just now."""
    return time.time() - path.stat().st_mtime if path and path.exists() else 0.0


def _silent(_done: float, _total: float, _unit: str) -> None:
    """Nothing is sent, so there is no progress to tell."""

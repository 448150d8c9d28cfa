"""What belongs to a video on YouTube: its thumbnail, its captions, its place in a playlist. Each once.

The video is published by then, so that none of them may fail the book: what could not be added becomes a note. The
record says which was begun, and one that was begun is asked for before it is added.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pressrun.errors import NetworkError, PressrunError
from pressrun.services.protocols import Context, Package
from pressrun.services.publishers.youtube.line import asked, open_service, told, understood
from pressrun.services.publishers.youtube.record import BEGUN, DONE, Record
from pressrun.services.publishers.youtube.refusals import reason_of

TRIES = 2
PAUSE = 1.0
Add = Callable[[Any, Package, str, bool, Context], None]
"""`add(service, package, video id, whether it may be there already, context)`."""


def complete(service: Any, package: Package, record: Record, context: Context) -> None:
    """Adds what is not there yet; `service` is opened when it is needed and None."""
    for name, add in _wanted(package, context):
        state = getattr(record.upload, name)
        if state == DONE or record.upload is None:
            continue
        try:
            service = service or open_service()
            record.change(**{name: BEGUN})
            _add(add, service, package, record.upload.id, state == BEGUN, context)
            record.change(**{name: DONE})
        except PressrunError as error:
            context.note(f"The {package.kind} is published without its {name}: {error.message}. {error.remedy}".strip())


def _wanted(package: Package, context: Context) -> list[tuple[str, Add]]:
    wanted: list[tuple[str, Add]] = []
    if package.thumbnail and package.thumbnail.is_file():
        wanted.append(("thumbnail", _thumbnail))
    if context.settings["youtube_captions"] and _captions_file(package):
        wanted.append(("captions", _captions))
    if context.settings["youtube_playlist"]:
        wanted.append(("playlist", _playlist))
    return wanted


def _add(add: Add, service: Any, package: Package, video_id: str, begun: bool, context: Context) -> None:
    for number in range(1, TRIES + 1):
        try:
            add(service, package, video_id, begun or number > 1, context)
        except NetworkError:
            if number == TRIES:
                raise
            time.sleep(PAUSE)
        else:
            return


def _thumbnail(service: Any, package: Package, video_id: str, _begun: bool, _context: Context) -> None:
    """Replaces whatever thumbnail there is, so that it may be sent again."""
    from googleapiclient.http import MediaFileUpload

    kind = "image/png" if package.thumbnail and package.thumbnail.suffix == ".png" else "image/jpeg"
    media = MediaFileUpload(str(package.thumbnail), mimetype=kind)
    told(service.thumbnails().set(videoId=video_id, media_body=media), "take the thumbnail")


def _captions(service: Any, package: Package, video_id: str, begun: bool, _context: Context) -> None:
    from googleapiclient.http import MediaFileUpload

    language = package.script.language or "en"
    if begun and _has_captions(service, video_id, language):
        return
    snippet = {"videoId": video_id, "language": language, "name": "", "isDraft": False}
    media = MediaFileUpload(str(_captions_file(package)), mimetype="application/octet-stream")
    request = service.captions().insert(part="snippet", body={"snippet": snippet}, media_body=media)
    try:
        told(request, "take the captions")
    except PressrunError as error:
        if reason_of(getattr(error.__cause__, "content", b""))[0] != "captionExists":
            raise


def _has_captions(service: Any, video_id: str, language: str) -> bool:
    what = "list the captions"
    with understood(what):
        tracks = asked(service.captions().list(part="snippet", videoId=video_id), what).get("items", [])
        return any(
            each["snippet"].get("trackKind") != "ASR" and each["snippet"].get("language") == language
            for each in tracks
        )


def _captions_file(package: Package) -> Path | None:
    return next((path for path in package.captions if path.suffix == ".srt" and path.is_file()), None)


def _playlist(service: Any, _package: Package, video_id: str, begun: bool, context: Context) -> None:
    playlist = str(context.settings["youtube_playlist"])
    items = service.playlistItems()
    if begun and asked(
        items.list(part="snippet", playlistId=playlist, videoId=video_id), "list the playlist"
    ).get("items"):
        return
    snippet = {"playlistId": playlist, "resourceId": {"kind": "youtube#video", "videoId": video_id}}
    told(items.insert(part="snippet", body={"snippet": snippet}), "put it into the playlist")

"""Add the extras of a published video: its thumbnail, its captions and its place in a playlist, each once.

The video is already published, so a failed extra must not fail the book: it becomes a note. The record shows which
extra was started; YouTube is checked for a started one before it is added again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pressrun.errors import NetworkError, PressrunError
from pressrun.services.protocols import Context, Package
from pressrun.services.publishers.youtube.api_errors import reason_of
from pressrun.services.publishers.youtube.http import execute, execute_with_retries, open_service, parsing_reply
from pressrun.services.publishers.youtube.record import DONE, STARTED, UploadRecord

MAX_TRIES = 2
RETRY_DELAY = 1.0
AddExtra = Callable[[Any, Package, str, bool, Context], None]
"""`add(service, package, video id, whether it may be there already, context)`."""


def add_extras(service: Any, package: Package, record: UploadRecord, context: Context) -> None:
    """Add missing extras; `service` is opened if it is needed and None."""
    for name, add in _wanted_extras(package, context):
        state = getattr(record.upload, name)
        if state == DONE or record.upload is None:
            continue
        try:
            service = service or open_service()
            record.change(**{name: STARTED})
            _add_with_retry(add, service, package, record.upload.id, state == STARTED, context)
            record.change(**{name: DONE})
        except PressrunError as error:
            context.note(f"The {package.kind} is published without its {name}: {error.message}. {error.remedy}".strip())


def _wanted_extras(package: Package, context: Context) -> list[tuple[str, AddExtra]]:
    wanted: list[tuple[str, AddExtra]] = []
    if package.thumbnail and package.thumbnail.is_file():
        wanted.append(("thumbnail", _add_thumbnail))
    if context.settings["youtube_captions"] and _captions_file(package):
        wanted.append(("captions", _add_captions))
    if context.settings["youtube_playlist"]:
        wanted.append(("playlist", _add_to_playlist))
    return wanted


def _add_with_retry(
    add: AddExtra, service: Any, package: Package, video_id: str, may_exist: bool, context: Context
) -> None:
    for number in range(1, MAX_TRIES + 1):
        try:
            add(service, package, video_id, may_exist or number > 1, context)
        except NetworkError:
            if number == MAX_TRIES:
                raise
            time.sleep(RETRY_DELAY)
        else:
            return


def _add_thumbnail(service: Any, package: Package, video_id: str, _may_exist: bool, _context: Context) -> None:
    """Replace the thumbnail, so repeating it is safe."""
    from googleapiclient.http import MediaFileUpload

    kind = "image/png" if package.thumbnail and package.thumbnail.suffix == ".png" else "image/jpeg"
    media = MediaFileUpload(str(package.thumbnail), mimetype=kind)
    execute(service.thumbnails().set(videoId=video_id, media_body=media), "accept the thumbnail")


def _add_captions(service: Any, package: Package, video_id: str, may_exist: bool, _context: Context) -> None:
    from googleapiclient.http import MediaFileUpload

    language = package.script.language or "en"
    if may_exist and _has_captions(service, video_id, language):
        return
    snippet = {"videoId": video_id, "language": language, "name": "", "isDraft": False}
    media = MediaFileUpload(str(_captions_file(package)), mimetype="application/octet-stream")
    request = service.captions().insert(part="snippet", body={"snippet": snippet}, media_body=media)
    try:
        execute(request, "accept the captions")
    except PressrunError as error:
        if reason_of(getattr(error.__cause__, "content", b""))[0] != "captionExists":
            raise


def _has_captions(service: Any, video_id: str, language: str) -> bool:
    what = "list the captions"
    with parsing_reply(what):
        tracks = execute_with_retries(service.captions().list(part="snippet", videoId=video_id), what).get("items", [])
        return any(
            each["snippet"].get("trackKind") != "ASR" and each["snippet"].get("language") == language
            for each in tracks
        )


def _captions_file(package: Package) -> Path | None:
    return next((path for path in package.captions if path.suffix == ".srt" and path.is_file()), None)


def _add_to_playlist(service: Any, _package: Package, video_id: str, may_exist: bool, context: Context) -> None:
    playlist = str(context.settings["youtube_playlist"])
    items = service.playlistItems()
    if may_exist and execute_with_retries(
        items.list(part="snippet", playlistId=playlist, videoId=video_id), "list the playlist"
    ).get("items"):
        return
    snippet = {"playlistId": playlist, "resourceId": {"kind": "youtube#video", "videoId": video_id}}
    execute(items.insert(part="snippet", body={"snippet": snippet}), "add it to the playlist")

"""Find an upload of the channel by its Pressrun tag."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pressrun.errors import PublishError
from pressrun.services.publishers.youtube.api_errors import reason_of
from pressrun.services.publishers.youtube.http import execute_with_retries, parsing_reply

PAGE_SIZE = 50
"""Uploads per page, the maximum of the API."""
MAX_PAGES = 40
CLOCK_MARGIN = timedelta(days=1)
"""Maximum difference between the local clock and YouTube's, including all time zones."""
_RUN_NAME = re.compile(r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)_")
_ACTION = "list the uploads of the channel"


def find_upload(service: Any, tag: str, folder: Path) -> dict[str, Any] | None:
    """Return the video with `tag` as described by `videos.list`, or None.

    Searches back to the day on which the run folder was created, and at most 2000 uploads: the tag did not exist
    before.

    Raises the errors of the API, and `NetworkError`.
    """
    with parsing_reply(_ACTION):
        return _find_upload(service, tag, _run_time(folder))


def _find_upload(service: Any, tag: str, since: datetime | None) -> dict[str, Any] | None:
    token: str | None = None
    uploads = _uploads_list(service)
    for _ in range(MAX_PAGES):
        page = _fetch_page(service, uploads, token)
        items = page.get("items", [])
        ids = [item["contentDetails"]["videoId"] for item in items]
        if found := _find_by_tag(service, ids, tag):
            return found
        token = page.get("nextPageToken")
        if not token or all(_is_older(item, since) for item in items):
            return None
    return None


def _uploads_list(service: Any) -> str:
    channels = execute_with_retries(service.channels().list(part="contentDetails", mine=True), _ACTION).get("items", [])
    if not channels:
        raise PublishError(
            "The account has no channel on YouTube",
            remedy="Create one on youtube.com, or choose another account with: pressrun auth youtube",
        )
    return str(channels[0]["contentDetails"]["relatedPlaylists"]["uploads"])


def _fetch_page(service: Any, uploads: str, token: str | None) -> dict[str, Any]:
    request = service.playlistItems().list(
        part="snippet,contentDetails", playlistId=uploads, maxResults=PAGE_SIZE, pageToken=token
    )
    try:
        page: dict[str, Any] = execute_with_retries(request, _ACTION)
    except PublishError as error:
        # The uploads list of a channel without uploads has an ID but does not exist.
        if reason_of(getattr(error.__cause__, "content", b""))[0] == "playlistNotFound":
            return {}
        raise
    return page


def _find_by_tag(service: Any, ids: list[str], tag: str) -> dict[str, Any] | None:
    if not ids:
        return None
    request = service.videos().list(part="snippet,status", id=",".join(ids), maxResults=PAGE_SIZE)
    videos = execute_with_retries(request, _ACTION)
    return next((each for each in videos.get("items", []) if tag in each["snippet"].get("tags", [])), None)


def _run_time(folder: Path) -> datetime | None:
    """Return when the run folder was created, from its name: that survives copying, and is in local time."""
    found = _RUN_NAME.match(folder.name)
    try:
        return datetime.strptime(found[1], "%Y-%m-%d_%H-%M-%S").replace(tzinfo=UTC) - CLOCK_MARGIN if found else None
    except ValueError:
        return None


def _is_older(item: dict[str, Any], since: datetime | None) -> bool:
    try:
        return since is not None and datetime.fromisoformat(item["snippet"]["publishedAt"]) < since
    except (KeyError, TypeError, ValueError):
        return False

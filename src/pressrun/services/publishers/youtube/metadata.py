"""Build the metadata of a video, including its publish time, within YouTube's limits
(https://developers.google.com/youtube/v3/docs/videos)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from pressrun.errors import SettingsError
from pressrun.services.protocols import Context, Package

EXAMPLE_TIME = "e.g. 2026-12-24T18:00+01:00"
MAX_TITLE = 100
MAX_DESCRIPTION_BYTES = 5000
"""Bytes of UTF-8."""
MAX_TAGS = 500
"""Characters of all tags together, including a comma between two and quotation marks around one with a space."""
_REPLACED_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
"""YouTube rejects both in titles and descriptions."""


def make_tag(marker: str, kind: str) -> str:
    """Return the tag that identifies a publication on the channel."""
    return f"pressrun-{hashlib.sha256(f'{kind} {marker}'.encode()).hexdigest()[:16]}"


def video_resource(package: Package, tag: str, context: Context) -> dict[str, Any]:
    """Return the `video` resource for `videos.insert`, always with a privacy: the default of YouTube is public."""
    settings = context.settings
    status: dict[str, Any] = {
        "privacyStatus": package.privacy or "private",
        "selfDeclaredMadeForKids": bool(settings["made_for_kids"]),
        "containsSyntheticMedia": bool(settings["synthetic_media"]),
    }
    if time := _publish_time(package, context):
        status["publishAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    snippet: dict[str, Any] = {
        "title": package.title.translate(_REPLACED_BRACKETS)[:MAX_TITLE],
        "description": _cut_description(package.description.translate(_REPLACED_BRACKETS)),
        "tags": _fit_tags(tag, package.script.tags),
        "categoryId": str(settings["youtube_category"]),
    }
    if package.script.language:
        snippet |= {"defaultLanguage": package.script.language, "defaultAudioLanguage": package.script.language}
    return {"snippet": snippet, "status": status}


def content_digest(package: Package, body: dict[str, Any]) -> str:
    """Return a digest that is the same only for the same video with the same metadata."""
    with package.video.open("rb") as file:
        video = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(json.dumps([video, body], sort_keys=True).encode()).hexdigest()


def _publish_time(package: Package, context: Context) -> datetime | None:
    time = parse_publish_time(str(context.settings["publish_at"]), package.privacy)
    if time and time <= datetime.now(UTC):
        _note_missed_time(context.note, package.kind)
        return None
    return time


def _note_missed_time(note: Callable[[str], None], kind: str) -> None:
    note(f"The time set with publish_at passed before the {kind} was ready; it stays private")


def _cut_description(text: str) -> str:
    return text.encode("utf-8")[:MAX_DESCRIPTION_BYTES].decode("utf-8", errors="ignore")


def _fit_tags(tag: str, wanted: Iterable[str]) -> list[str]:
    """Return `tag` and as many of the others as fit, in order."""
    tags, length = [tag], len(tag)
    for each in wanted:
        clean = " ".join(each.translate({ord(mark): " " for mark in '<>,"'}).split())
        cost = len(clean) + 1 + (2 if " " in clean else 0)
        if clean and clean not in tags and length + cost <= MAX_TAGS:
            tags.append(clean)
            length += cost
    return tags


def parse_publish_time(text: str, privacy: str) -> datetime | None:
    """Return the time in UTC, or None if it is not set.

    Raises `SettingsError` if the text is not a time with a time zone, or if the video is not private.
    """
    if not text.strip():
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise SettingsError(
            f'Setting publish_at: "{text}" is not a time', remedy=f"Write date, time and zone, {EXAMPLE_TIME}."
        ) from error
    if time.tzinfo is None:
        raise SettingsError(
            f'Setting publish_at: "{text}" has no time zone', remedy=f"Add the zone at the end, {EXAMPLE_TIME}."
        )
    if privacy != "private":
        raise SettingsError(
            f"Setting publish_at requires privacy to be private, but it is {privacy}",
            remedy="Set privacy to private, or remove publish_at.",
        )
    return time.astimezone(UTC)


def parse_future_time(text: str, privacy: str) -> datetime | None:
    """Return the time like `parse_publish_time`. Raises `SettingsError` if it has passed: the video would be public at
    once."""
    time = parse_publish_time(text, privacy)
    if time and time <= datetime.now(UTC):
        raise SettingsError(f'Setting publish_at: "{text}" has passed', remedy="Set a later time, or remove it.")
    return time

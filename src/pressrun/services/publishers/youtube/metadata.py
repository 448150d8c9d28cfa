"""What YouTube is told about a video, inside its limits (https://developers.google.com/youtube/v3/docs/videos)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from pressrun.services.protocols import Context, Package
from pressrun.services.publishers.youtube.schedule import publish_time

LONGEST_TITLE = 100
LARGEST_DESCRIPTION = 5000
"""Bytes of UTF-8."""
LONGEST_TAGS = 500
"""Characters of all tags together, with a comma between two and quotation marks around one that has a space."""
_NO_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
"""YouTube refuses both in titles and descriptions."""


def tag_of(marker: str, kind: str) -> str:
    """The tag by which a publication is known again."""
    return f"pressrun-{hashlib.sha256(f'{kind} {marker}'.encode()).hexdigest()[:16]}"


def body_of(package: Package, tag: str, context: Context) -> dict[str, Any]:
    """The resource `video` as `videos.insert` takes it, always with a privacy: without one YouTube takes public."""
    settings = context.settings
    status: dict[str, Any] = {
        "privacyStatus": package.privacy or "private",
        "selfDeclaredMadeForKids": bool(settings["made_for_kids"]),
        "containsSyntheticMedia": bool(settings["synthetic_media"]),
    }
    if time := _time(package, context):
        status["publishAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    snippet: dict[str, Any] = {
        "title": package.title.translate(_NO_BRACKETS)[:LONGEST_TITLE],
        "description": _shortened(package.description.translate(_NO_BRACKETS)),
        "tags": _tags(tag, package.script.tags),
        "categoryId": str(settings["youtube_category"]),
    }
    if package.script.language:
        snippet |= {"defaultLanguage": package.script.language, "defaultAudioLanguage": package.script.language}
    return {"snippet": snippet, "status": status}


def content_digest(package: Package, body: dict[str, Any]) -> str:
    """The same for the same video under the same words, and for nothing else."""
    with package.video.open("rb") as file:
        video = hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(json.dumps([video, body], sort_keys=True).encode()).hexdigest()


def _time(package: Package, context: Context) -> datetime | None:
    time = publish_time(str(context.settings["publish_at"]), package.privacy)
    if time and time <= datetime.now(UTC):
        _say_late(context.note, package.kind)
        return None
    return time


def _say_late(note: Callable[[str], None], kind: str) -> None:
    note(f"The time set with publish_at passed before the {kind} was ready; it stays private")


def _shortened(text: str) -> str:
    return text.encode("utf-8")[:LARGEST_DESCRIPTION].decode("utf-8", errors="ignore")


def _tags(tag: str, wanted: Iterable[str]) -> list[str]:
    """`tag` and as many of the others as fit, in their order."""
    tags, length = [tag], len(tag)
    for each in wanted:
        clean = " ".join(each.translate({ord(mark): " " for mark in '<>,"'}).split())
        cost = len(clean) + 1 + (2 if " " in clean else 0)
        if clean and clean not in tags and length + cost <= LONGEST_TAGS:
            tags.append(clean)
            length += cost
    return tags

"""Build the `metadata.json` of a publication, for every destination."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pressrun.services.protocols import Package

METADATA_FILE = "metadata.json"


def package_files(package: Package) -> list[Path]:
    """Return the files to publish, the video first."""
    return [package.video, *package.captions, *([package.thumbnail] if package.thumbnail else [])]


def describe_package(package: Package, marker: str, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return the publication as plain data; `sizes` maps file names to bytes."""
    script = package.script
    return {
        "kind": package.kind,
        "title": package.title,
        "book_title": script.book_title,
        "author": script.author,
        "description": package.description,
        "chapters": [{"start": chapter.start, "title": chapter.title} for chapter in package.chapters],
        "tags": list(script.tags),
        "language": script.language,
        "privacy": package.privacy,
        "marker": marker,
        "related_url": package.related_url,
        "video": package.video.name,
        "captions": [path.name for path in package.captions],
        "thumbnail": package.thumbnail.name if package.thumbnail else None,
        "files": dict(sizes),
    }

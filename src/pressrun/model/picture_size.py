"""Parse the size of a picture in a setting."""

from __future__ import annotations

import re

STANDARD_SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
_SIDES = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})")


def parse_size(text: str) -> tuple[int, int] | None:
    """Return width and height in pixels of `720p`, `1080p`, `4K` or `WIDTHxHEIGHT`, or None for any other text."""
    name = text.strip().lower()
    if name in STANDARD_SIZES:
        return STANDARD_SIZES[name]
    found = _SIDES.fullmatch(name)
    return (int(found[1]), int(found[2])) if found else None

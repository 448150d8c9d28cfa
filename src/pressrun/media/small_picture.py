"""A picture made small enough to stand inside a page."""

from __future__ import annotations

import io
from pathlib import Path

QUALITY = 82
"""JPEG quality: at a few hundred pixels a lower one shows in letters."""


def small_jpeg(path: Path, width: int) -> tuple[bytes, int, int] | None:
    """The picture at `path` as a JPEG at most `width` pixels wide, with its width and height; None if it is none."""
    from PIL import Image

    try:
        with Image.open(path, formats=("JPEG", "PNG")) as picture:
            picture.draft("RGB", (width, width))
            picture.thumbnail((width, width * 4), Image.Resampling.LANCZOS)
            small = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    data = io.BytesIO()
    small.save(data, "JPEG", quality=QUALITY, optimize=True)
    return data.getvalue(), small.width, small.height

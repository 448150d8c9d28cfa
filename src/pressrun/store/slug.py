"""Titles as names of folders."""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 80
"""Of a slug in UTF-8. With the date in front it stays far below the 255 bytes a file name may have."""


def slug(title: str) -> str:
    """`title` as part of a folder name: words joined by `_`, accents taken off Latin letters, other scripts kept.

    The result has no separator, dot, blank, control or format character, and is never empty.
    """
    decomposed = unicodedata.normalize("NFKD", title)
    plain = "".join(char for char in decomposed if not (unicodedata.combining(char) and ord(char) < 0x0370))
    words = re.findall(r"\w+", unicodedata.normalize("NFC", plain).replace("'", "").replace("\u2019", ""))
    name = "_".join(words)
    while len(name.encode("utf-8", "replace")) > MAX_BYTES:
        name = name.rpartition("_")[0] or name[:-1]
    return name.strip("_") or "Untitled"

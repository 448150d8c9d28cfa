"""Titles as names of folders."""

from __future__ import annotations

import unicodedata

MAX_BYTES = 80
"""Of a slug in UTF-8. With the date in front it stays far below the 255 bytes a file name may have."""

_ASCII = {code: chr(code) if chr(code).isalnum() else "" if chr(code) == "'" else " " for code in range(128)}
"""What becomes of each letter of an ASCII title, as of any other: a list of ten thousand is looked up at once."""


def slug(title: str) -> str:
    """`title` as part of a folder name: words joined by `_`, accents taken off Latin letters, other scripts kept.

    The result has no separator, dot, blank, control or format character, and is never empty.
    """
    if title.isascii():
        name = "_".join(title.translate(_ASCII).split())
    else:
        plain = unicodedata.normalize("NFC", _without_latin_accents(title)).replace("'", "").replace("\u2019", "")
        name = "_".join("".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in plain).split())
    while len(name.encode("utf-8", "replace")) > MAX_BYTES:
        name = name.rpartition("_")[0] or name[:-1]
    return name.strip("_") or "Untitled"


def _without_latin_accents(title: str) -> str:
    """`title` decomposed, with the marks kept that make another letter in scripts other than Latin."""
    kept, on_latin = [], False
    for char in unicodedata.normalize("NFKD", title):
        if not unicodedata.combining(char):
            on_latin = unicodedata.name(char, "").startswith("LATIN ")
        elif on_latin:
            continue
        kept.append(char)
    return "".join(kept)

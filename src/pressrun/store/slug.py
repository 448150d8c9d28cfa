"""Turn titles into folder names."""

from __future__ import annotations

import unicodedata

MAX_BYTES = 80
"""Length of a slug in UTF-8. With the date in front it is far below the limit of file names, 255 bytes."""

_ASCII = {code: chr(code) if chr(code).isalnum() else "" if chr(code) == "'" else " " for code in range(128)}
"""A table for `str.translate`, which makes ASCII titles fast: a plan may look up ten thousand of them."""


def slug(title: str) -> str:
    """Return `title` as part of a folder name: words joined by `_`, Latin letters without accents.

    Other scripts are kept. The result has no path separator, dot, space or control character, and is never empty.
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
    """Return `title` decomposed. Combining marks of other scripts stay, as they make a different letter there."""
    kept, on_latin = [], False
    for char in unicodedata.normalize("NFKD", title):
        if not unicodedata.combining(char):
            on_latin = unicodedata.name(char, "").startswith("LATIN ")
        elif on_latin:
            continue
        kept.append(char)
    return "".join(kept)

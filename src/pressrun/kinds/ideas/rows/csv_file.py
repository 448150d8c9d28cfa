"""Read a CSV file as text, whatever encoding the program that wrote it has used."""

from __future__ import annotations

import codecs
from pathlib import Path

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.tables import MAX_CSV_LENGTH

MAX_BYTES = 4 * MAX_CSV_LENGTH
"""Bytes of a file: as many as the largest text can have."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; that of UTF-32 begins with that of UTF-16."""
_WESTERN = "cp1252"


def read_csv_file(path: Path) -> tuple[str, str]:
    """Return the text of a CSV file and, if its encoding is a guess, a warning; otherwise an empty string.

    Raises `RowsError` if the file cannot be read, is too large, or is no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RowsError(f"{path} cannot be read: {reason}", remedy="Use the path of an existing CSV file.") from error
    if len(data) > MAX_BYTES:
        raise RowsError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MB", remedy="Send it in parts.")
    for encoding in _encodings(data):
        for mark, name in _MARKS:
            if name == encoding and data.startswith(mark):
                data = data[len(mark) :]
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if "\0" in text:
            break
        guessed = encoding not in ("utf-8", *(name for _, name in _MARKS))
        label = "Windows-1252" if encoding == _WESTERN else encoding
        warning = f"{path.name} is not UTF-8 and was read as {label}; check accents and other special letters"
        return text, warning if guessed else ""
    raise RowsError(f"{path} is not a text file", remedy='Save the sheet as "CSV UTF-8".')


def _encodings(data: bytes) -> list[str]:
    """Return the encodings to try, the likeliest first."""
    if mark := next((name for mark, name in _MARKS if data.startswith(mark)), ""):
        return [mark]
    sample = data[:4096]
    if b"\0" in sample:
        # UTF-16 without a mark: every second byte of Latin text is zero.
        return ["utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"]
    return ["utf-8", *_guess(data)]


def _guess(data: bytes) -> list[str]:
    """Return legacy encodings for text that is not UTF-8."""
    try:
        western = data.decode(_WESTERN)
    except UnicodeDecodeError:
        western = ""
    letters = [each for each in western if not each.isascii()]
    # Text of other alphabets, read as Windows-1252, consists of accented letters and signs.
    if letters and len(letters) < 0.2 * len(western):
        return [_WESTERN, "latin-1"]
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return [*([best.encoding] if best else []), _WESTERN, "latin-1"]

"""Read a file as text, and texts as headings and paragraphs."""

from __future__ import annotations

from pathlib import Path

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.cleaning import clean_text
from pressrun.services.sources.cleaning.formats import reject_other_files

MAX_BYTES = 20 * 1024 * 1024
"""Longer than any book: War and Peace has 3.3 million characters."""

_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ALLOWED_CONTROLS = "\n\t\f\v"


def read_text(path: Path, name: str = "") -> str:
    """The file as text with LF line ends.

    Raises `SourceError` when it is empty, too large, not UTF-8 (or UTF-16 with its mark), or no text at all.
    """
    name = name or path.name
    if (size := path.stat().st_size) > MAX_BYTES:
        raise SourceError(
            f"{name} has {size / 1e6:.0f} MB, {MAX_BYTES // 1024 // 1024} MB are allowed",
            remedy="Keep the part of the text that the video is about.",
        )
    data = path.read_bytes()
    reject_other_files(data, name)
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{name}, line {line}: byte 0x{data[error.start]:02X} is not {encoding.removesuffix('-sig').upper()}",
            remedy="Save the file as UTF-8.",
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    odd = next((n for n, each in enumerate(text) if each < " " and each not in _ALLOWED_CONTROLS), None)
    if odd is not None:
        line = text.count("\n", 0, odd) + 1
        raise SourceError(
            f"{name}, line {line}: control character U+{ord(text[odd]):04X}, so it is no text",
            remedy="Put a text file in UTF-8 in its place.",
        )
    if not text.strip("\ufeff \n\t\f\v\u00a0\u200b"):
        raise SourceError(f"{name} is empty", remedy="Put the text into it.")
    return text


def to_prose(text: str, markdown: bool) -> tuple[Segment, ...]:
    """Return headings and paragraphs in order, without what a person would not read aloud."""
    return clean_text(text, "markdown" if markdown else "plain").segments

"""Format durations, sizes and text from outside (titles, messages, URLs) for a terminal."""

from __future__ import annotations

import math
import re
import unicodedata
from pathlib import Path

from rich.style import Style
from rich.text import Text

_URL = re.compile(r"\b(?:https?|file)://[^\s<>\"]+")
_BLANK_CATEGORIES = frozenset(("Zl", "Zp"))
_HIDDEN_CATEGORIES = frozenset(("Cc", "Cf"))
_UNSHOWABLE_CATEGORIES = frozenset(("Cs", "Cn"))


def format_duration(seconds: float) -> str:
    """Return `3.2 s`, `45 s`, `2 min 05 s` or `1 h 02 min`: as exact as it is worth knowing."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def format_estimate(seconds: float) -> str:
    """Return an estimated duration, rounded up coarsely: `25 s`, `4 min`, `2 h 10 min`."""
    if seconds <= 55:
        return f"{max(5, math.ceil(seconds / 5) * 5)} s"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    minutes = math.ceil(minutes / 5) * 5
    return f"{minutes // 60} h {minutes % 60:02d} min"


def format_size(size: int) -> str:
    """Return bytes as `812 B`, `3.4 kB`, `120 MB` or `1.2 GB`, in steps of a thousand."""
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"


def format_progress(done: float, total: float, unit: str) -> str:
    """Return `1,204/3,600 frames` or `12/48 MB`; without a total (0), only `1,204 frames`."""
    if unit == "bytes":
        scale, unit = (1e6, "MB") if max(done, total) >= 1e6 else (1e3, "kB")
        done, total = done / scale, total / scale
    counted = f"{_format_number(done)}/{_format_number(total)}" if total > 0 else _format_number(done)
    return f"{counted} {unit}".rstrip()


def _format_number(value: float) -> str:
    return f"{value:,.1f}" if value < 10 and value != int(value) else f"{round(value):,}"


def pluralize(number: int, noun: str) -> str:
    """Return `1 book` or `3 books`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def format_path(path: Path) -> str:
    """Return a path with `~` for the home folder."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path != home and path.is_relative_to(home) else str(path)


def clean_text(raw: str) -> str:
    """Return `raw` on one line, without control, format and bidirectional characters.

    They could move the cursor, recolour the terminal or reorder what is shown. Characters that no font has become
    U+FFFD.
    """
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(map(_clean_character, raw))


def _clean_character(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\v\f\r\x85" or category in _BLANK_CATEGORIES:
        return " "
    if category in _HIDDEN_CATEGORIES:
        return ""
    return "\N{REPLACEMENT CHARACTER}" if category in _UNSHOWABLE_CATEGORIES else character


def encodable_text(raw: str, encoding: str) -> str:
    """Return `clean_text(raw)` with `?` for each character that `encoding` lacks, so that its width is known."""
    shown = clean_text(raw)
    return shown if shown.isascii() else shown.encode(encoding, "replace").decode(encoding, "replace")


def safe_text(raw: str, style: str = "", *, encoding: str = "utf-8") -> Text:
    """Return `raw` as Rich text: no markup is interpreted, web and file addresses are links, long words fold."""
    text = Text(encodable_text(raw, encoding), style=style, overflow="fold")
    for found in _URL.finditer(text.plain):
        address = found.group().rstrip(".,;:)")
        text.stylize(Style(link=address), found.start(), found.start() + len(address))
    return text

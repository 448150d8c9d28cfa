"""Parse cells as the values of their columns. A value with more than one possible meaning is rejected."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from pressrun.jobs.states import PRIORITY_FORMS, parse_priority
from pressrun.kinds.ideas.rows.tables import MAX_CELL_BYTES
from pressrun.model.book import MAX_TITLE_LENGTH
from pressrun.services.untrusted_text import HIDDEN, to_one_line
from pressrun.settings import ItemSettings, parse_duration

VOICES = ("female", "male", "neutral")
SHORT_PLATFORMS = frozenset(("tiktok", "shorts", "reels"))
"""Platforms that want a short, vertical video."""
PLATFORMS = SHORT_PLATFORMS | {"youtube", "instagram", "facebook", "linkedin", "twitter", "x", "vimeo", "website"}
_PLATFORM_ALIASES = {"youtube shorts": "shorts", "instagram reels": "reels", "facebook reels": "reels"}
MAX_PLATFORMS, MAX_PLATFORM_LENGTH = 20, 40
TITLES = f"a title of at most {MAX_TITLE_LENGTH} characters"
TEXTS = f"text of at most {MAX_CELL_BYTES} bytes"
NAMES = 'names of platforms separated by commas, e.g. "youtube,tiktok"'

_PLATFORM_SEPARATOR = re.compile(r"[,;|/\n]|\s(?:and|&|\+)\s")
_SURROGATE = re.compile("[\ud800-\udfff]")


class InvalidCell(Exception):
    """The value of a cell is invalid; the message is the expected value."""


@dataclass(frozen=True)
class Value:
    """The value of a cell. It is `corrected` if the cell had another form; `warning` is a note for the user."""

    value: Any
    corrected: bool = False
    warning: str = ""


def _duration_limits() -> tuple[int, int]:
    """Return the minimum and the maximum of the setting `target_seconds`."""
    _, low, high = get_args(get_type_hints(ItemSettings, include_extras=True)["target_seconds"])
    return int(low.ge), int(high.le)


MIN_SECONDS, MAX_SECONDS = _duration_limits()
DURATIONS = f'seconds from {MIN_SECONDS} to {MAX_SECONDS}, e.g. 300, "5 min" or "1:30"'


def parse_text(cell: Any) -> Value:
    """Return a text without control characters and with LF line ends; empty if it has no visible character.

    Raises `InvalidCell` for a value that is not text or too large.
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise InvalidCell("text")
    if not isinstance(cell, str):
        if not abs(cell) < 10**15:
            raise InvalidCell("text, or a smaller number")
        return Value(str(int(cell) if cell == int(cell) else cell), corrected=True)
    if _SURROGATE.search(cell):
        raise InvalidCell("valid Unicode text")
    if len(cell) > MAX_CELL_BYTES or len(cell.encode()) > MAX_CELL_BYTES:
        raise InvalidCell(TEXTS)
    plain = cell.replace("\r\n", "\n").replace("\r", "\n")
    seen = plain.translate(HIDDEN)
    tidy = seen.strip()
    if not any(unicodedata.category(each)[0] not in "CZ" for each in tidy):
        return Value("", corrected=bool(plain.strip()))
    return Value(tidy, corrected=seen != plain)


def parse_title(cell: Any) -> Value:
    """Return a title as one line. Raises `InvalidCell` if it is too long or not text."""
    value = parse_text(cell)
    if len(line := to_one_line(value.value)) > MAX_TITLE_LENGTH:
        raise InvalidCell(TITLES)
    return Value(line, value.corrected or "\n" in value.value)


def parse_duration_cell(cell: Any) -> Value:
    """Return whole seconds for a number, "5 min", "300s", "1 min 30 s" or "1:30". Raises `InvalidCell`."""
    word = _cell_text(cell, DURATIONS).casefold()
    try:
        seconds = parse_duration(word)
    except ValueError:
        raise InvalidCell(DURATIONS) from None
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise InvalidCell(DURATIONS)
    return Value(int(seconds + 0.5), not word.isdecimal())


def _cell_text(cell: Any, expected: str) -> str:
    """Return a text or a number as text. Raises `InvalidCell` with `expected` for anything else."""
    try:
        return str(parse_text(cell).value)
    except InvalidCell as reason:
        raise (reason if isinstance(cell, str) else InvalidCell(expected)) from None


def parse_platforms(cell: Any) -> Value:
    """Return the names of platforms in lower case, each once. Raises `InvalidCell`."""
    listed = isinstance(cell, list | tuple)
    text = "" if listed else _cell_text(cell, NAMES)
    parts = [_cell_text(part, NAMES) for part in cell] if listed else _PLATFORM_SEPARATOR.split(text)
    names = [to_one_line(part).lower() for part in parts]
    used = tuple(dict.fromkeys(_PLATFORM_ALIASES.get(name, name) for name in names if name))
    if not 0 < len(used) <= MAX_PLATFORMS or any(len(name) > MAX_PLATFORM_LENGTH for name in used):
        raise InvalidCell(NAMES)
    unknown = ", ".join(name for name in used if name not in PLATFORMS)
    corrected = not listed and ",".join(used).replace(" ", "") != text.replace(" ", "")
    return Value(used, corrected, f"unknown platform {unknown}; it has no effect" if unknown else "")


def parse_choice(cell: Any, choices: Collection[str]) -> Value:
    """Return one of `choices`, ignoring case. Raises `InvalidCell`."""
    expected = _join_choices(choices)
    text = _cell_text(cell, expected)
    for choice in choices:
        if choice.casefold() == text.casefold():
            return Value(choice, choice != text)
    raise InvalidCell(expected)


def _join_choices(choices: Collection[str]) -> str:
    *most, last = sorted(choices)
    return f"{', '.join(most)} or {last}" if most else last


def parse_priority_cell(cell: Any) -> Value:
    """Return low, normal, high, or a number from 1 to 10. Raises `InvalidCell`."""
    word = _cell_text(cell, PRIORITY_FORMS)
    try:
        read = parse_priority(word)
    except ValueError:
        raise InvalidCell(PRIORITY_FORMS) from None
    return Value(read, str(read) != word)


def parse_field(field: str, cell: Any, styles: Collection[str]) -> Value:
    """Return the cell as the value of its field. Raises `InvalidCell`."""
    if field == "voice_preference":
        return parse_choice(cell, VOICES)
    if field == "style_override":
        return parse_choice(cell, styles)
    return _PARSERS.get(field, parse_text)(cell)


_PARSERS = {
    "idea_title": parse_title,
    "duration_seconds": parse_duration_cell,
    "platform_preferences": parse_platforms,
    "priority": parse_priority_cell,
}
TEXT_FIELDS = frozenset(("idea_title", "description", "target_audience", "tone", "script_content"))
"""Fields without a default: an invalid value rejects the row at every level."""


def expected_value(field: str, styles: Collection[str]) -> str:
    """Return what a blank cell should contain, for a message."""
    kinds = {
        "idea_title": TITLES, "duration_seconds": DURATIONS, "platform_preferences": NAMES, "priority": PRIORITY_FORMS,
        "voice_preference": _join_choices(VOICES), "style_override": _join_choices(styles),
    }
    return kinds.get(field, "text")

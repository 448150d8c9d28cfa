"""Cells read as what their column holds. What a value means is certain, or it is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from pressrun.jobs.states import PRIORITY_FORMS, parse_priority
from pressrun.kinds.ideas.rows.tables import LARGEST_CELL
from pressrun.model.book import MAX_TITLE_LENGTH
from pressrun.services.untrusted_text import HIDDEN, to_one_line
from pressrun.settings import ItemSettings, parse_duration

VOICES = ("female", "male", "neutral")
SHORT_PLATFORMS = frozenset(("tiktok", "shorts", "reels"))
"""Those that want a short, upright video."""
PLATFORMS = SHORT_PLATFORMS | {"youtube", "instagram", "facebook", "linkedin", "twitter", "x", "vimeo", "website"}
_SAME_PLATFORMS = {"youtube shorts": "shorts", "instagram reels": "reels", "facebook reels": "reels"}
MOST_PLATFORMS, LONGEST_PLATFORM = 20, 40
TITLES = f"a title of at most {MAX_TITLE_LENGTH} characters"
TEXTS = f"text of at most {LARGEST_CELL} bytes"
NAMES = 'names of platforms separated by commas, as "youtube,tiktok"'

_BETWEEN_NAMES = re.compile(r"[,;|/\n]|\s(?:and|&|\+)\s")
_HALF = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """A cell does not hold what its column needs; the message is what is expected."""


@dataclass(frozen=True)
class Value:
    """What a cell means. `mended` where it was written in another form; `odd` is what to tell the user."""

    read: Any
    mended: bool = False
    odd: str = ""


def _seconds_allowed() -> tuple[int, int]:
    """Shortest and longest video in seconds, as the setting allows them."""
    _, low, high = get_args(get_type_hints(ItemSettings, include_extras=True)["target_seconds"])
    return int(low.ge), int(high.le)


SHORTEST, LONGEST = _seconds_allowed()
DURATIONS = f'seconds from {SHORTEST} to {LONGEST}, as 300, "5 min" or "1:30"'


def text_of(cell: Any) -> Value:
    """Text as it is used: no control characters, plain ends of lines, nothing where nothing can be seen.

    Raises `Unreadable`.
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Unreadable("text")
    if not isinstance(cell, str):
        if not abs(cell) < 10**15:
            raise Unreadable("text, or a number that is not as large")
        return Value(str(int(cell) if cell == int(cell) else cell), mended=True)
    if _HALF.search(cell):
        raise Unreadable("text in Unicode, without halves of surrogate pairs")
    if len(cell) > LARGEST_CELL or len(cell.encode()) > LARGEST_CELL:
        raise Unreadable(TEXTS)
    plain = cell.replace("\r\n", "\n").replace("\r", "\n")
    seen = plain.translate(HIDDEN)
    tidy = seen.strip()
    if not any(unicodedata.category(each)[0] not in "CZ" for each in tidy):
        return Value("", mended=bool(plain.strip()))
    return Value(tidy, mended=seen != plain)


def title_of(cell: Any) -> Value:
    """The same in one line, and not too long."""
    value = text_of(cell)
    if len(line := to_one_line(value.read)) > MAX_TITLE_LENGTH:
        raise Unreadable(TITLES)
    return Value(line, value.mended or "\n" in value.read)


def duration_of(cell: Any) -> Value:
    """Whole seconds, of a number, "5 min", "300s", "1 min 30 s" or "1:30". Raises `Unreadable`."""
    word = _word(cell, DURATIONS).casefold()
    try:
        seconds = parse_duration(word)
    except ValueError:
        raise Unreadable(DURATIONS) from None
    if not SHORTEST <= seconds <= LONGEST:
        raise Unreadable(DURATIONS)
    return Value(int(seconds + 0.5), not word.isdecimal())


def _word(cell: Any, expected: str) -> str:
    """A cell that is text or a number, as text."""
    try:
        return str(text_of(cell).read)
    except Unreadable as reason:
        raise (reason if isinstance(cell, str) else Unreadable(expected)) from None


def platforms_of(cell: Any) -> Value:
    """Names in lower case, each once. Raises `Unreadable`."""
    listed = isinstance(cell, list | tuple)
    text = "" if listed else _word(cell, NAMES)
    parts = [_word(part, NAMES) for part in cell] if listed else _BETWEEN_NAMES.split(text)
    names = [to_one_line(part).lower() for part in parts]
    used = tuple(dict.fromkeys(_SAME_PLATFORMS.get(name, name) for name in names if name))
    if not 0 < len(used) <= MOST_PLATFORMS or any(len(name) > LONGEST_PLATFORM for name in used):
        raise Unreadable(NAMES)
    unknown = ", ".join(name for name in used if name not in PLATFORMS)
    mended = not listed and ",".join(used).replace(" ", "") != text.replace(" ", "")
    return Value(used, mended, f"no platform here is called {unknown}; it changes nothing" if unknown else "")


def choice_of(cell: Any, choices: Collection[str]) -> Value:
    """One of `choices`, without regard to case. Raises `Unreadable`."""
    expected = _either(choices)
    text = _word(cell, expected)
    for choice in choices:
        if choice.casefold() == text.casefold():
            return Value(choice, choice != text)
    raise Unreadable(expected)


def _either(choices: Collection[str]) -> str:
    *most, last = sorted(choices)
    return f"{', '.join(most)} or {last}" if most else last


def priority_of(cell: Any) -> Value:
    """low, normal, high, or 1 to 10. Raises `Unreadable`."""
    word = _word(cell, PRIORITY_FORMS)
    try:
        read = parse_priority(word)
    except ValueError:
        raise Unreadable(PRIORITY_FORMS) from None
    return Value(read, str(read) != word)


def read_field(field: str, cell: Any, styles: Collection[str]) -> Value:
    """The cell as its field. Raises `Unreadable`."""
    if field == "voice_preference":
        return choice_of(cell, VOICES)
    if field == "style_override":
        return choice_of(cell, styles)
    return _READERS.get(field, text_of)(cell)


_READERS = {
    "idea_title": title_of,
    "duration_seconds": duration_of,
    "platform_preferences": platforms_of,
    "priority": priority_of,
}
TEXT_FIELDS = frozenset(("idea_title", "description", "target_audience", "tone", "script_content"))
"""What cannot be read here rejects the row at every level; there is no default in its place."""


def expected_of(field: str, styles: Collection[str]) -> str:
    """What a cell that is blank should hold."""
    kinds = {
        "idea_title": TITLES, "duration_seconds": DURATIONS, "platform_preferences": NAMES, "priority": PRIORITY_FORMS,
        "voice_preference": _either(VOICES), "style_override": _either(styles),
    }
    return kinds.get(field, "text")

"""The ten columns, the names they go by, and what must be filled in."""

from __future__ import annotations

from enum import StrEnum

FIELDS = (
    "idea_title", "description", "target_audience", "tone", "duration_seconds", "platform_preferences",
    "script_content", "voice_preference", "style_override", "priority",
)
"""In the order of the columns A to J."""
_OTHER_NAMES = {
    "title": "idea_title",
    "idea": "idea_title",
    "script": "script_content",
    "audience": "target_audience",
    "platforms": "platform_preferences",
    "voice": "voice_preference",
    "style": "style_override",
}


class SheetFormat(StrEnum):
    """Which columns a sheet has."""

    STANDARD = "standard"
    """The ten of `FIELDS`."""
    MINIMAL = "minimal"
    """A title and a script."""
    CUSTOM = "custom"
    """Those that a mapping names."""


class ValidationLevel(StrEnum):
    """What a row needs, and whether a value that cannot be read rejects it."""

    STRICT = "strict"
    MODERATE = "moderate"
    PERMISSIVE = "permissive"


REQUIRED: dict[ValidationLevel, tuple[str, ...]] = {
    ValidationLevel.STRICT: FIELDS,
    ValidationLevel.MODERATE: ("idea_title", "script_content"),
    ValidationLevel.PERMISSIVE: (),
}
ENOUGH = ("idea_title", "description", "script_content")
"""One of these must be there at every level: without them there is nothing to make a video from."""
MINIMAL_FIELDS = ("idea_title", "script_content")


def plain_name(header: str) -> str:
    """`header` as it is compared: letters and digits alone, casefolded, so that "Idea title *" is `idea_title`."""
    return "".join(each for each in header.casefold() if each.isalnum())


_BY_NAME = {plain_name(name): field for name, field in {**{each: each for each in FIELDS}, **_OTHER_NAMES}.items()}


def field_named(header: str) -> str | None:
    """The field that a column with this header holds, or None."""
    return _BY_NAME.get(plain_name(header))


def likely_field(header: str) -> str | None:
    """The field that `header` may have been meant for."""
    from difflib import get_close_matches

    near = get_close_matches(plain_name(header)[:80], _BY_NAME, n=1, cutoff=0.8)
    return _BY_NAME[near[0]] if near else None


def letter_of(index: int) -> str:
    """The letters of a column as sheets show them: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

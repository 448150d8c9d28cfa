"""A labelled input: a source, what a person would not say of it, and what must stay."""

from __future__ import annotations

from dataclasses import dataclass, field

STORY = (
    "The clockmaker of Hallow Street repaired every watch that the town brought to her.",
    "Nobody knew that she kept one drawer for clocks that could not be mended.",
    "On Sundays she opened the drawer and listened to the silence inside.",
    "A boy from the bakery asked why she never threw the broken clocks away.",
    "She answered that a stopped clock still remembers the hour when it was loved.",
    "The boy brought her the watch of his grandfather, which had stopped at noon.",
    "They cleaned the wheels with a brush made of cat hair and patience.",
    "After three weeks the watch began to tick in the middle of the night.",
    "The whole street woke up, because it had never heard so clear a sound.",
    "From that day people came to the shop only to listen.",
    "The mayor offered money for the watch, but the boy wanted to keep it.",
    "In winter the river froze and the mill wheel stood still for a month.",
    "The clockmaker built a small engine out of old springs to grind the flour.",
    "Bread was baked again, and the town paid her with warm loaves.",
    "When she grew old, she gave the drawer of silent clocks to the boy.",
    "He repaired none of them, and he listened to all of them.",
)
"""Sentences of our own, of which most inputs consist."""


@dataclass(frozen=True)
class Labelled:
    """`forbidden` strings must not be in the script, `required` words must be in the text that is read."""

    name: str
    suffix: str
    text: str
    forbidden: tuple[str, ...]
    required: tuple[str, ...] = STORY
    language: str = "en"
    extra: dict[str, str] = field(default_factory=dict)


def paragraphs(*sentences: str, size: int = 3) -> str:
    """Return sentences in paragraphs of `size`, separated by empty lines."""
    given = sentences or STORY
    return "\n\n".join(" ".join(given[start : start + size]) for start in range(0, len(given), size))


def wrapped(text: str, width: int = 70) -> str:
    """Return paragraphs wrapped at `width`."""
    import textwrap

    return "\n\n".join(textwrap.fill(part, width, break_on_hyphens=False) for part in text.split("\n\n"))


def clock(seconds: float, mark: str = ",") -> str:
    """Return a time of .srt, or of .vtt with "." as `mark`."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{mark}{thousandths:03}"


def srt(*texts: str) -> str:
    """Return captions of three seconds each."""
    given = texts or STORY
    return "\n".join(
        f"{n}\n{clock(n * 4)} --> {clock(n * 4 + 3)}\n{text}\n" for n, text in enumerate(given, 1)
    )


def vtt(*texts: str, names: tuple[str, ...] = ()) -> str:
    """Return WebVTT captions of three seconds each, with a name above each if there are `names`."""
    given = texts or STORY
    cues = [
        (f"{names[n - 1]}\n" if names else "") + f"{clock(n * 4, '.')} --> {clock(n * 4 + 3, '.')}\n{text}\n"
        for n, text in enumerate(given, 1)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)

"""The data that stages pass on: source match, transcript, script, spoken words. Each is a JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Video:
    """What a site reports about a video. Unknown values are empty or None."""

    seconds: float | None = None
    licence: str = ""
    captions: str = ""
    """The best usable captions, e.g. "manual en"; "none" if there are none, empty if they were not checked."""
    language: str = ""
    views: int | None = None
    published: str = ""
    """Date, e.g. 2026-01-31."""


@dataclass(frozen=True)
class Candidate:
    """Material that may belong to a book."""

    name: str
    """Name for display: a file name or the title of a video."""
    location: str
    """A path relative to the workspace, or a URL."""
    kind: Literal["text", "captions", "media"]
    score: float
    """0 to 100: how well title and author match and, for a matching video, how suitable it is."""
    reason: str = ""
    video: Video | None = None
    spare: bool = False
    """Whether it may be used if the candidates before it turn out to be unusable."""
    author: str = ""
    """The author of the material, e.g. the channel of a video."""


@dataclass(frozen=True)
class SourceMatch:
    """`search.json`: all candidates, best first, the chosen one (None if nothing matches) and the reason."""

    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    reason: str
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What a person would not read aloud in the chosen text or captions: kind, e.g. "reference_marks", and count."""


@dataclass(frozen=True)
class Segment:
    """A part of a transcript. Times are in seconds; plain text has none."""

    text: str
    start: float | None = None
    end: float | None = None
    heading: bool = False
    """Whether it is a heading, which is shown and never spoken."""


@dataclass(frozen=True)
class Transcript:
    """`transcript.json`."""

    language: str
    """ISO 639-1 code, e.g. "en"."""
    direction: Direction
    segments: tuple[Segment, ...]
    source: str
    """Name of the material."""
    language_reason: str = ""
    source_url: str = ""
    """Public address of the material; empty for a user's file, whose name is never published."""
    source_author: str = ""
    """The author of the material, e.g. the channel of a video."""
    written_by: str = ""
    """The transcriber, if the material was audio only."""
    low_quality: bool = False
    """Whether many words may be wrong."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What a person would not read aloud and cleaning removed: kind, e.g. "reference_marks", and count."""

    @property
    def text(self) -> str:
        return "\n".join(segment.text for segment in self.segments)


@dataclass(frozen=True)
class Scene:
    """A scene of the video: the heading on its card, and the narration that is spoken and captioned."""

    heading: str
    narration: str


@dataclass(frozen=True)
class Script:
    """`script.json`: all text that is spoken and shown."""

    title: str
    """Title of the video, up to 100 characters."""
    book_title: str
    author: str
    language: str
    direction: Direction
    hook: str
    """Spoken over the title card."""
    scenes: tuple[Scene, ...]
    close: str
    """Spoken over the end card."""
    description: str
    """Up to 5000 bytes in UTF-8."""
    tags: tuple[str, ...]
    """Up to 500 characters in total."""
    short: str
    """Spoken in the short."""
    target_seconds: float


@dataclass(frozen=True)
class Word:
    """A spoken word as captions show it. Times are in seconds from the start of the audio file."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Passage:
    """The narration over one card, with its words. Times are in seconds."""

    heading: str
    text: str
    start: float
    end: float
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Narration:
    """`words.json`: the timing of the words in the audio file next to it."""

    language: str
    direction: Direction
    duration: float
    """Length of the audio file in seconds."""
    timing: str
    """Source of the times: "voice" (reported by the voice), "alignment" or "sentence" (estimated)."""
    passages: tuple[Passage, ...]
    """In spoken order: hook, scenes, close. A short has only one."""

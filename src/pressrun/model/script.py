"""What the stages hand to each other: transcript, script, spoken words. Each is one JSON file of the run folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Video:
    """What a site says of a video; empty, None or 0 where it says nothing."""

    seconds: float | None = None
    licence: str = ""
    captions: str = ""
    """The best that can be used, as "manual en"; "none" where there are none, empty where nobody looked."""
    language: str = ""
    views: int | None = None
    published: str = ""
    """Day, as 2026-01-31."""


@dataclass(frozen=True)
class Candidate:
    """A piece of material that may belong to a book."""

    name: str
    """What a person calls it: a file name, the title of a video."""
    location: str
    """Where it is: a path relative to the workspace, or a URL."""
    kind: Literal["text", "captions", "media"]
    score: float
    """0 to 100, how well title and author match; of a video that does, also how good a choice it is."""
    reason: str = ""
    video: Video | None = None
    spare: bool = False
    """Whether it is used where those before it turn out to hold nothing."""
    author: str = ""
    """Whose it is: the channel of a video."""


@dataclass(frozen=True)
class SourceMatch:
    """`search.json`: all candidates, best first, what was chosen (None: nothing fits) and why."""

    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    reason: str


@dataclass(frozen=True)
class Segment:
    """A piece of transcript; times in seconds, absent for plain text."""

    text: str
    start: float | None = None
    end: float | None = None
    heading: bool = False
    """Whether it is a heading of the material, which is shown and never spoken."""


@dataclass(frozen=True)
class Transcript:
    """`transcript.json`."""

    language: str
    """ISO 639-1 code, such as "en"."""
    direction: Direction
    segments: tuple[Segment, ...]
    source: str
    """The name of the material it was made of."""
    language_reason: str = ""
    source_url: str = ""
    """Where others find the material; empty for a file of the user, whose name is nowhere published."""
    source_author: str = ""
    """Whose it is: the channel of a video."""
    written_by: str = ""
    """The transcriber, where the material had sound alone."""
    low_quality: bool = False
    """Whether its words are only roughly those that were said."""

    @property
    def text(self) -> str:
        return "\n".join(segment.text for segment in self.segments)


@dataclass(frozen=True)
class Scene:
    """A scene of the video: a heading on the card, the narration that is spoken and captioned."""

    heading: str
    narration: str


@dataclass(frozen=True)
class Script:
    """`script.json`: everything that is said and shown."""

    title: str
    """Of the video, 100 characters at most."""
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
    """5000 bytes at most in UTF-8."""
    tags: tuple[str, ...]
    """500 characters at most together."""
    short: str
    """Spoken in the short."""
    target_seconds: float


@dataclass(frozen=True)
class Word:
    """A word as spoken: `text` as captions show it, times in seconds from the start of the sound file."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Passage:
    """A stretch of narration that stands over one card, with its words; times in seconds."""

    heading: str
    text: str
    start: float
    end: float
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Narration:
    """`words.json`: when what is said, in the sound file beside it."""

    language: str
    direction: Direction
    duration: float
    """Seconds, the length of the sound file."""
    timing: str
    """Where the times come from: "voice" (the engine's word events), "alignment" or "sentence"."""
    passages: tuple[Passage, ...]
    """In the order spoken: hook, scenes, close; of a short, one."""

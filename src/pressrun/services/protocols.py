"""What a service of each kind must be able to do. A service is a module with these functions, named in a registry.

A service imports its library inside the function that needs it, raises the errors of `pressrun.errors`, and asks
the network nothing unless `NEEDS_NETWORK` is true. `ready` never asks the network: it looks at what is installed
and configured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pressrun.media.chapters import Chapter
from pressrun.model.book import Book
from pressrun.model.script import Candidate, Script, SourceMatch, Transcript, Word

Progress = Callable[[float, float, str], None]
"""`progress(done, total, unit)`."""


@dataclass(frozen=True)
class Readiness:
    """Whether a service can be used here; `reason` completes the sentence "chosen because" or "not usable because"."""

    ready: bool
    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class Context:
    """Where a service works and the settings it may read."""

    workspace: Path
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Brief:
    """What a script should be like; times in seconds, speech in words per minute."""

    book: Book
    target_seconds: float
    """Of the whole video, with its silences."""
    short_seconds: float
    speech_rate: int
    scene_pause: float = 0.6
    """Silence between two passages."""


@dataclass(frozen=True)
class Speech:
    """One spoken text: mono 16-bit little-endian PCM, and its words with seconds from the start of `pcm`."""

    pcm: bytes
    sample_rate: int
    words: tuple[Word, ...]
    timing: str
    """"voice", "alignment" or "sentence"."""


@dataclass(frozen=True)
class Package:
    """What is published together. Paths lie in the run folder."""

    kind: str
    """"video" or "short"."""
    video: Path
    captions: tuple[Path, ...]
    thumbnail: Path | None
    script: Script
    """What is said in the video; of a short, also what the long video says."""
    privacy: str
    title: str
    """Of this publication, 100 characters at most."""
    description: str
    """Of this publication, 5000 bytes at most in UTF-8."""
    related_url: str | None = None
    """Of a short: the address of the long video."""
    chapters: tuple[Chapter, ...] = ()
    """Of the video, where it has any; the description lists them too."""


@dataclass(frozen=True)
class Published:
    """The receipt, as `upload.json` and `short.json` keep it."""

    url: str
    marker: str
    publisher: str
    privacy: str


class Service(Protocol):
    NAME: str
    NEEDS_NETWORK: bool

    def ready(self, context: Context) -> Readiness: ...


class Source(Service, Protocol):
    def find(self, books: Sequence[Book], context: Context) -> list[SourceMatch]:
        """One match per book, in their order. Raises nothing for a book without material: its match says so."""
        ...

    def fetch(self, candidate: Candidate, into: Path, context: Context) -> Path:
        """The material as a local file: where it lies, or a copy made in the folder `into`."""
        ...


class Writer(Service, Protocol):
    def write(self, transcript: Transcript, brief: Brief, context: Context) -> Script: ...


class Voice(Service, Protocol):
    def speak(self, text: str, language: str, rate: int, context: Context) -> Speech:
        """Raises `VoiceError` for a language it does not speak."""
        ...


class Publisher(Service, Protocol):
    def find(self, marker: str, package: Package, context: Context) -> Published | None:
        """What was published under `marker` already, asked of the place itself, or None."""
        ...

    def publish(self, package: Package, marker: str, progress: Progress, context: Context) -> Published: ...

"""Protocols of the services of each kind. A service is a module with these functions, named in a registry.

A service imports its library inside the function that needs it, raises the errors of `pressrun.errors`, and uses
the network only if `NEEDS_NETWORK` is true. `ready` never uses the network: it checks what is installed and
configured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pressrun.media.chapters import Chapter
from pressrun.model.book import Book
from pressrun.model.idea import Idea
from pressrun.model.script import Candidate, Script, Segment, SourceMatch, Transcript, Word
from pressrun.services.languages import Language

Progress = Callable[[float, float, str], None]
"""`progress(done, total, unit)`."""


@dataclass(frozen=True)
class Readiness:
    """Whether a service can be used here; `reason` completes the sentence "chosen because" or "not usable because"."""

    ready: bool
    reason: str
    remedy: str = ""
    configured: bool = False
    """Whether the user has configured it. `auto` never skips a configured but unusable service: it fails."""
    last_resort: bool = False
    """Whether `auto` uses it only if no other service is usable, e.g. an empty folder."""
    near: bool = False
    """Whether its configuration needs no internet, e.g. a local server; `auto` then skips the network check."""


def ignore(*_: str) -> None:
    """Ignore a note or fact: the default of a context without listeners."""


@dataclass(frozen=True)
class Context:
    """The workspace and settings of a service, and the callbacks for its notes and facts."""

    workspace: Path
    settings: Mapping[str, Any]
    parts: Path | None = None
    """A folder in the run folder for results that a later try reuses; None if nothing is stored. The service creates
    it, and the stage removes it once its outputs exist."""
    workers: int = 1
    """How many things it may do at once."""
    note: Callable[[str], None] = ignore
    """A sentence for the user."""
    fact: Callable[[str, str], None] = ignore
    """Name and value of something that `stages.json` keeps, as what a model cost."""


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
    """The files and texts of one publication. Paths are in the run folder."""

    kind: str
    """"video" or "short"."""
    video: Path
    captions: tuple[Path, ...]
    thumbnail: Path | None
    script: Script
    """The script of the video; for a short, the script of the long video too."""
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
    # Where it has HOST too, `auto` takes it only while that host answers.

    def ready(self, context: Context) -> Readiness: ...


@runtime_checkable
class Checkable(Protocol):
    """A service with an optional check of whether it works, beyond `ready`."""

    def check(self, context: Context) -> str:
        """What was found, as a few words: a channel's name, a version. It may ask the network, within ten seconds, and
        changes nothing. `context.note` receives warnings. Raises `PressrunError` when it does not work.
        """
        ...


class Source(Service, Protocol):
    def find(self, books: Sequence[Book], context: Context) -> list[SourceMatch]:
        """Return one match per book, in order. A book without material raises nothing: its match reports it."""
        ...

    def fetch(self, candidate: Candidate, into: Path, context: Context) -> Path:
        """Return the material as a local file: the original, or a copy in the folder `into`."""
        ...


class Transcriber(Service, Protocol):
    LOW_QUALITY: bool
    """Whether its text is too poor to be used without a word about it."""

    def write_down(self, media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:
        """Return the speech of an audio or video file; `language` is a code, or "auto". Raises `SourceError`."""
        ...


@dataclass(frozen=True)
class CoverPicture:
    """The cover of a book as a file that can be shown, and the title, author and address its service has it under."""

    file: Path
    title: str
    author: str
    url: str


class Cover(Service, Protocol):
    def picture(self, book: Book, into: Path, context: Context) -> CoverPicture | None:
        """Return the cover of exactly this book as a file in the folder `into`, or None."""
        ...


class Writer(Service, Protocol):
    # Where it has files_read(context) too, those files outside the run folder make a script stale when they change.

    def write(self, transcript: Transcript, brief: Brief, context: Context) -> Script: ...

    def write_idea(self, idea: Idea, language: Language, brief: Brief, context: Context) -> Script:
        """A script about an idea that has none of its own; `brief.book` has its title."""
        ...


class Voice(Service, Protocol):
    # Where it has prepare(texts, language, rate, progress, context) too, that is called first, with all that will be
    # spoken: a voice on the network asks for several things at once then, and keeps them in the parts of the context.

    def speak(self, text: str, language: str, rate: int, context: Context) -> Speech:
        """Raises `VoiceError` for a language it does not speak."""
        ...


class Publisher(Service, Protocol):
    def find(self, marker: str, package: Package, context: Context) -> Published | None:
        """Return what is already published under `marker` according to the destination itself, or None."""
        ...

    def publish(self, package: Package, marker: str, progress: Progress, context: Context) -> Published: ...

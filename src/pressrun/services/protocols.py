"""Define the protocols of services. A service is a module with these functions, registered under its name.

A service imports its library inside the function that needs it, raises the errors of `pressrun.errors`, and uses the
network only if `NEEDS_NETWORK` is true. `ready` never uses the network: it checks what is installed and configured.
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


def ignore(*_: object) -> None:
    """Ignore a report: the default of a context without listeners."""


@dataclass(frozen=True)
class Context:
    """The workspace and settings of a service, and the callbacks for its notes and facts."""

    workspace: Path
    settings: Mapping[str, Any]
    parts: Path | None = None
    """A folder in the run folder for results that a later try reuses; None if nothing is stored. The service creates
    it, and the stage removes it once its outputs exist."""
    workers: int = 1
    """How many things the service may do at once."""
    note: Callable[[str], None] = ignore
    """A sentence for the user."""
    fact: Callable[[str, str], None] = ignore
    """Name and value of a fact for `stages.json`, e.g. what a model cost."""
    folder: Path | None = None
    """The run folder, for what stays after the stage; None if nothing is stored."""
    extend_deadline: Callable[[float], None] = ignore
    """Ask for a time limit of at least so many seconds for this attempt, e.g. for a long recording."""


@dataclass(frozen=True)
class Brief:
    """The wanted script; times in seconds, speech rate in words per minute."""

    book: Book
    target_seconds: float
    """Length of the whole video, including silences."""
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
    """Title of this publication, 100 characters at most."""
    description: str
    """Description of this publication, 5000 bytes of UTF-8 at most."""
    related_url: str | None = None
    """For a short: the address of the long video."""
    chapters: tuple[Chapter, ...] = ()
    """Chapters of the video, if it has any; the description lists them too."""


@dataclass(frozen=True)
class Published:
    """The receipt stored in `upload.json` and `short.json`."""

    url: str
    marker: str
    publisher: str
    privacy: str


class Service(Protocol):
    NAME: str
    NEEDS_NETWORK: bool
    # Optional HOST: `auto` uses the service only if this host responds.

    def ready(self, context: Context) -> Readiness: ...


@runtime_checkable
class Checkable(Protocol):
    """A service with an optional check of whether it works, beyond `ready`."""

    def check(self, context: Context) -> str:
        """Return what was found in a few words, e.g. the name of a channel or a version.

        It may use the network for up to ten seconds and changes nothing. `context.note` receives warnings. Raises
        `PressrunError` if the service does not work.
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
    """Whether its text is so poor that users need a warning."""

    def transcribe(self, media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:
        """Return the speech of an audio or video file; `language` is a code, or "auto". Raises `SourceError`."""
        ...


@dataclass(frozen=True)
class CoverPicture:
    """The cover of a book as a picture file, with the title, author and address at its service."""

    file: Path
    title: str
    author: str
    url: str


class Cover(Service, Protocol):
    def find_cover(self, book: Book, into: Path, context: Context) -> CoverPicture | None:
        """Return the cover of exactly this book as a file in the folder `into`, or None."""
        ...


class Writer(Service, Protocol):
    # Optional files_read(context): if these files outside the run folder change, the script becomes stale.

    def write(self, transcript: Transcript, brief: Brief, context: Context) -> Script: ...

    def write_idea(self, idea: Idea, language: Language, brief: Brief, context: Context) -> Script:
        """Return a script about an idea that has no script of its own; the title is in `brief.book`."""
        ...


class Voice(Service, Protocol):
    # Optional READS_TEXT: True if it says numbers, dates and abbreviations the way a person would. Without it, it
    # receives them as words (services/reading).
    # Optional supports(language, context): whether it speaks a language with these settings. Without it, any language
    # may be tried.
    # Optional prepare(texts, language, rate, progress, context): called first with all texts that will be spoken, so
    # that an online voice can send several requests at once and store the results in `context.parts`.

    def speak(self, text: str, language: str, rate: int, context: Context) -> Speech:
        """Return the speech of `text`. Raises `VoiceError` for an unsupported language."""
        ...


class Publisher(Service, Protocol):
    def find(self, marker: str, package: Package, context: Context) -> Published | None:
        """Return what is already published under `marker` according to the destination itself, or None."""
        ...

    def publish(self, package: Package, marker: str, progress: Progress, context: Context) -> Published: ...

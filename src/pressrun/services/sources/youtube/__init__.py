"""Search YouTube with yt-dlp, and fetch captions, or audio for videos without captions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pressrun import redaction
from pressrun.errors import OutdatedLibraryError, SettingsError, SourceError
from pressrun.model.book import Book
from pressrun.model.script import Candidate, SourceMatch
from pressrun.services.languages import parse_language
from pressrun.services.protocols import Context, Readiness
from pressrun.services.sources.youtube.captions import best_captions
from pressrun.services.sources.youtube.errors import UPDATE_YTDLP
from pressrun.services.sources.youtube.host_guard import host_guard
from pressrun.services.sources.youtube.search import SITE_ERRORS, find_videos
from pressrun.services.sources.youtube.ytdlp import Info, load_cookies, open_ytdlp

NAME = "youtube"
NEEDS_NETWORK = True
HOST = "www.youtube.com"
MAX_AGE_DAYS = 60
AUDIO_FORMATS = frozenset(("mp4", "m4a", "webm", "mkv", "mov", "mp3", "ogg", "opus", "wav", "flac"))


def ready(context: Context) -> Readiness:
    from importlib.util import find_spec

    if find_spec("yt_dlp") is None:
        return Readiness(False, "yt-dlp is not installed", "Install it: pip install -U yt-dlp")
    try:
        redaction.find_secret("proxy")
        load_cookies()
    except SettingsError as error:
        return Readiness(False, error.message, error.remedy, configured=True)
    is_local = host_guard(str(context.settings.get("source_hosts", ""))).is_local
    return Readiness(True, "captions of videos that yt-dlp finds by title and author", near=is_local)


def check(context: Context) -> str:
    """Return the version of yt-dlp after a test search for one result."""
    from yt_dlp.version import __version__

    if old := age_warning(__version__, date.today()):
        context.note(old)
    with open_ytdlp(context) as library:
        library.search(str(context.settings["search_engine"]), "book summary", 1)
    return f"yt-dlp {__version__}; search works"


def age_warning(version: str, today: date) -> str:
    """Return a warning if the version of yt-dlp, which is its date, is more than `MAX_AGE_DAYS` old; else an empty
    string."""
    found = re.match(r"(\d{4})\.(\d+)\.(\d+)", version)
    age = (today - date(*map(int, found.groups()))).days if found else 0
    if age <= MAX_AGE_DAYS:
        return ""
    return f"yt-dlp is {age} days old, and YouTube changes often. Run: pip install -U yt-dlp"


def find(books: Sequence[Book], context: Context) -> list[SourceMatch]:
    """Return one match per book. Raises `NetworkError` and `AuthenticationError`, which would affect every book."""
    return [_find_for_book(book, context) for book in books]


def _find_for_book(book: Book, context: Context) -> SourceMatch:
    try:
        return find_videos(book, context)
    except SITE_ERRORS:
        raise
    except SourceError as error:
        raise type(error)(f"{book}: {error.message}", remedy=error.remedy) from error


def fetch(candidate: Candidate, into: Path, context: Context) -> Path:
    """Return the captions of a candidate of kind "captions", or the audio of any other, as a file in the parts of the
    stage.

    Files of an earlier try are reused. Raises `SourceError` if the video has neither.
    """
    parts = context.parts or into
    stem = hashlib.sha256(f"{candidate.location} {context.settings['language']}".encode()).hexdigest()[:16]
    endings = ("vtt", "srt") if candidate.kind == "captions" else tuple(sorted(AUDIO_FORMATS))
    if kept := next((path for each in endings if (path := parts / f"{stem}.{each}").is_file()), None):
        return kept
    with open_ytdlp(context) as library:
        info = library.details(candidate.location)
        if candidate.kind != "captions":
            path = parts / f"{stem}.{_audio_format(candidate, info)}"
            library.download(info, path)
            return path
        captions = best_captions(info, parse_language(str(context.settings["language"])))
        if captions is None:
            raise SourceError(f"{candidate.name} no longer has captions", remedy="Run it again with --from search.")
        data = library.text(dict(captions.track))
    context.fact("captions", str(captions))
    parts.mkdir(parents=True, exist_ok=True)
    path = parts / f"{stem}.{captions.form}"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(data)
    unfinished.replace(path)
    return path


def _audio_format(candidate: Candidate, info: Info) -> str:
    """Return the suffix of the audio selected for `info`."""
    if not info.get("url"):
        raise OutdatedLibraryError(
            f"{candidate.name}: yt-dlp finds no audio to download",
            remedy=f"{UPDATE_YTDLP} Audio from YouTube also needs deno, and pip install yt-dlp-ejs.",
        )
    ending = str(info.get("ext") or "")
    if ending not in AUDIO_FORMATS:
        raise SourceError(
            f"{candidate.name}: unsupported audio format {ending or '(unknown)'}",
            remedy="Choose another video with search_phrases or channels_blocked.",
        )
    return ending

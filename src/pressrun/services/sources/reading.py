"""Material of any kind as the pieces of a transcript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.captions import read_captions
from pressrun.services.sources.catalogue import SUFFIXES
from pressrun.services.sources.embedded import read_subtitles
from pressrun.services.sources.texts import read_text, to_prose

CAPTION_SUFFIXES = (".srt", ".vtt", ".txt", ".md")
"""What can stand beside a media file and say its words, in the order of preference."""


def read_material(
    path: Path,
    reads: Callable[[Path], Path],
    write_down: Callable[[Path], tuple[Segment, ...]] | None = None,
    label: str = "",
) -> tuple[Segment, ...]:
    """The text of a text, caption or media file; `reads` is told of every file whose content matters, `write_down`
    gives the words of media without any text. Errors call the file `label`, or else by its name.

    Raises `SourceError` when the file is empty, too large, not what its name says, or media without any text.
    """
    kind, name = SUFFIXES.get(path.suffix.lower()), label or path.name
    if kind == "media":
        return _read_media(path, reads, write_down, name)
    try:
        text = read_text(reads(path), name)
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror}", remedy="Check its permissions.") from error
    if kind == "captions":
        return read_captions(text, name)
    found = to_prose(text, markdown=path.suffix.lower() == ".md")
    if not any(not segment.heading for segment in found):
        raise SourceError(f"{name} holds no text besides headings", remedy="Put the text into it.")
    return found


def _read_media(
    path: Path, reads: Callable[[Path], Path], write_down: Callable[[Path], tuple[Segment, ...]] | None, name: str
) -> tuple[Segment, ...]:
    """The transcript beside a media file (`talk.srt` or `talk.en.vtt` for `talk.mp4`), else the one inside, else what
    is heard."""
    beside = (
        each for suffix in CAPTION_SUFFIXES
        for each in (path.with_suffix(suffix), *sorted(path.parent.glob(f"{_literal(path.stem)}.*{suffix}")))
    )
    for transcript in beside:
        if transcript.is_file() and transcript.resolve().is_relative_to(path.parent.resolve()):
            return read_material(transcript, reads)
    found = read_subtitles(reads(path), name)
    if not found and write_down:
        return write_down(path)
    if not found:
        raise SourceError(
            f"{name} has no text subtitles, and no captions or transcript stand beside it",
            remedy=f"Put its captions beside it as {path.stem}.srt, or its transcript as {path.stem}.txt.",
        )
    return found


def _literal(stem: str) -> str:
    from glob import escape

    return escape(stem)

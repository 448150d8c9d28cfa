"""Read a text, caption or media file of any kind as the pieces of a transcript."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from glob import escape
from hashlib import file_digest
from pathlib import Path

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.captions import read_captions, remove_repetitions
from pressrun.services.sources.catalogue import SUFFIXES
from pressrun.services.sources.cleaning import clean_text
from pressrun.services.sources.cleaning.captions import clean_captions
from pressrun.services.sources.cleaning.formats import Form, detect_form
from pressrun.services.sources.cleaning.left_out import LeftOut, Tally
from pressrun.services.sources.embedded import read_subtitles
from pressrun.services.sources.epub import read_epub
from pressrun.services.sources.pdf import read_pdf
from pressrun.services.sources.source_language import sort_by_language
from pressrun.services.sources.texts import read_text

CAPTION_SUFFIXES = (".srt", ".vtt", ".ass", ".txt", ".md")
"""Files next to a media file that may contain its words, in the order of preference."""


MAX_REMEMBERED = 4
"""Sources that stay in memory, because the next stage reads them, too."""


@dataclass(frozen=True)
class Material:
    """The cleaned pieces of a source, what was left out of it, and the choices that the user should know."""

    segments: tuple[Segment, ...]
    left_out: LeftOut = field(default_factory=LeftOut)
    notes: tuple[str, ...] = ()


def read_material(
    path: Path,
    reads: Callable[[Path], Path],
    transcribe: Callable[[Path], tuple[Segment, ...]] | None = None,
    label: str = "",
    language: str = "",
) -> Material:
    """Return the words of a text, caption or media file, without what a person would not read aloud.

    `reads` is called with every file whose content matters. `transcribe` transcribes media without any text. Errors
    call the file `label`, or else by its name. Of several captions those in `language`, a two-letter code, are used.

    Raises `SourceError` if the file is empty, too large, not what its name says, or media without any text.
    """
    name = label or path.name
    if SUFFIXES.get(path.suffix.lower()) == "media":
        return _read_media(path, reads, transcribe, name, language)
    try:
        source = reads(path)
        with source.open("rb") as file:
            digest = file_digest(file, "sha256").digest()
        return _read_material(source, name, digest)
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror}", remedy="Check its permissions.") from error


@lru_cache(maxsize=MAX_REMEMBERED)
def _read_material(path: Path, name: str, _digest: bytes) -> Material:
    """Return the words of a file whose content has this digest. Several stages read the same source."""
    text, form = _read_text(path, name)
    if form in ("srt", "vtt", "ass"):
        tally = Tally()
        return Material(read_captions(text, name, form, tally), tally.result())
    if form == "rtf":
        text = _rtf_text(text)
    found = clean_text(text, form)
    if not any(not segment.heading for segment in found.segments):
        raise SourceError(f"{name} holds no text besides headings", remedy="Put the text into it.")
    return Material(found.segments, found.left_out)


def _read_text(path: Path, name: str) -> tuple[str, Form]:
    """Return the text of a file and its form."""
    suffix = path.suffix.lower()
    if suffix == ".epub":
        return read_epub(path, name), "html"
    if suffix == ".pdf":
        return read_pdf(path, name), "plain"
    text = read_text(path, name)
    return text, detect_form(text, suffix, name)


def _read_media(
    path: Path,
    reads: Callable[[Path], Path],
    transcribe: Callable[[Path], tuple[Segment, ...]] | None,
    name: str,
    language: str,
) -> Material:
    """Return the transcript next to a media file (`talk.srt` or `talk.en.vtt` for `talk.mp4`), else the one inside,
    else what is heard."""
    if found := captions_beside(path, language):
        material = read_material(found[0], reads)
        others = ", ".join(each.name for each in found[1:4])
        note = (f"Captions: {found[0].name}; not used: {others}",) if others else ()
        return Material(material.segments, material.left_out, note)
    tally = Tally()
    segments = read_subtitles(reads(path), name, language, tally)
    if not segments and transcribe:
        segments = remove_repetitions(clean_captions(transcribe(path), tally))
    if not segments:
        raise SourceError(
            f"{name} has no text subtitles, and no captions or transcript stand beside it",
            remedy=f"Put its captions beside it as {path.stem}.srt, or its transcript as {path.stem}.txt.",
        )
    return Material(segments, tally.result())


def captions_beside(path: Path, language: str = "") -> list[Path]:
    """Return the captions and transcripts next to a media file, the best first: those in `language`, by name or text,
    then those without a language in their name, then by suffix and name."""
    folder = path.parent.resolve()
    files = [
        each
        for suffix in CAPTION_SUFFIXES
        for each in (path.with_suffix(suffix), *sorted(path.parent.glob(f"{escape(path.stem)}.*{suffix}")))
    ]
    files = [each for each in dict.fromkeys(files) if each.is_file() and each.resolve().is_relative_to(folder)]
    return sort_by_language(files, language)


def _rtf_text(text: str) -> str:
    """Return the text of an RTF file with an empty line between its paragraphs, without notes, headers and pictures."""
    from striprtf.striprtf import rtf_to_text

    text = _RTF_MARK.sub("", _RTF_ROW.sub(_row_text, text))
    text = _RTF_ITEM.sub(r"\\bullet  ", _RTF_LINE.sub(r"\\u8232?", text))
    plain = str(rtf_to_text(text, errors="ignore"))  # type: ignore[no-untyped-call]
    return re.sub(r"\n+", "\n\n", plain)


_RTF_MARK = re.compile(r"\{\\super(?:\\\w+)*\s*(?:\d{1,3}|[*†])\s*\}|\\super\s?(?:\d{1,3}|[*†])\s?\\nosupersub\b ?")
_RTF_ITEM = re.compile(r"\{(?:\\\*)?\\(?:pntext|listtext)\b[^{}]*\}")
_RTF_LINE = re.compile(r"\\line(?![a-z])[ ]?")
_RTF_ROW = re.compile(r"\\trowd\b.{0,20000}?\\row\b ?", re.DOTALL)


def _row_text(found: re.Match[str]) -> str:
    """Return a row of a table without its cells, unless they hold sentences."""
    row = found[0]
    sentences = re.findall(r"(?:\w+[,;]? ){8,}\w+[.!?]", row)
    return row if sum(map(len, sentences)) * 2 > len(row) else "\\par "

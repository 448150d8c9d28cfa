"""Check a media file before anything is loaded: its audio tracks, its length, and why it cannot be transcribed."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pressrun.errors import SourceError

PROVIDE_TEXT = "put its transcript next to it as .txt or .srt."
MAX_BOX_DEPTH = 6
"""Levels of an MP4 file from `moov` to the description of its samples."""
MAX_BOXES = 10_000
_BOXES_WITH_BOXES = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_ENCRYPTED_FORMATS = (b"enca", b"encv", b"drms", b"drmi", b"aavd")
"""Sample entries of Common Encryption, FairPlay and Audible."""


@dataclass(frozen=True)
class AudioTrack:
    """An audio track; `number` counts from 1 among the audio tracks of the file."""

    number: int
    language: str
    """Two-letter code, or empty."""
    channels: int
    default: bool


@dataclass(frozen=True)
class MediaFile:
    """What a media file says about itself. `seconds` is 0 if it gives no length."""

    seconds: float
    tracks: tuple[AudioTrack, ...]
    incomplete: bool = False
    """Whether the file ends before the audio it describes."""


@contextmanager
def open_media(path: Path) -> Iterator[Any]:
    """Yield the open container. Raises `SourceError` with the likely reason if FFmpeg cannot read it."""
    import av

    from pressrun.services.sources.embedded import SAFE_OPTIONS  # the plan imports this module, and not the readers

    try:
        with av.open(f"file:{path}", options=dict(SAFE_OPTIONS), metadata_errors="ignore") as container:
            yield container
    except (av.FFmpegError, OSError) as error:
        raise _explain(path, error.strerror) from error


def probe_media(path: Path) -> MediaFile:
    """Return the tracks of a media file whose audio can be decoded.

    Raises `SourceError` if the file is empty, damaged, encrypted or without audio.
    """
    from pressrun.services.sources.embedded import track_language

    boxes = _Mp4(path)
    if boxes.encrypted:
        raise _encrypted_error(path)
    with open_media(path) as container:
        streams = container.streams.audio
        if any("enc_key_id" in stream.metadata for stream in container.streams):
            raise _encrypted_error(path)
        if not streams:
            raise SourceError(
                f"{path.name} has neither text subtitles nor audio",
                remedy=f"Use another file, or {PROVIDE_TEXT}",
            )
        tracks = tuple(
            AudioTrack(
                number, track_language(stream), stream.codec_context.channels if stream.codec_context else 0,
                bool(int(stream.disposition) & 1),
            )
            for number, stream in enumerate(streams, 1)
        )
        if not any(stream.codec_context for stream in streams):
            raise SourceError(
                f"{path.name}: its audio has a format that cannot be decoded",
                remedy=f"Convert it to AAC, MP3, Opus or WAV, or {PROVIDE_TEXT}",
            )
        return MediaFile(float(container.duration or 0) / 1_000_000, tracks, boxes.incomplete)


def _explain(path: Path, why: str | None) -> SourceError:
    """Return the error of a file that FFmpeg cannot read."""
    try:
        size = path.stat().st_size
    except OSError:
        size = -1
    if size == 0:
        return SourceError(f"{path.name} cannot be decoded: it is empty", remedy="Copy or download it again.")
    boxes = _Mp4(path)
    if boxes.found and not boxes.has_index:
        return SourceError(
            f"{path.name} cannot be decoded: it has no index, because its recording or copying was interrupted",
            remedy=f"Copy it again, repair it with the program that recorded it, or {PROVIDE_TEXT}",
        )
    return SourceError(
        f"{path.name} cannot be decoded: {why or 'its audio is broken'}",
        remedy=f"Play the file to check that it is complete, or {PROVIDE_TEXT}",
    )


def _encrypted_error(path: Path) -> SourceError:
    return SourceError(
        f"{path.name} is protected by DRM, so its audio cannot be decoded",
        remedy=f"Use a copy without protection, or {PROVIDE_TEXT}",
    )


class _Mp4:
    """What the boxes of an MP4 or QuickTime file show; all false for other files and for what cannot be read."""

    def __init__(self, path: Path) -> None:
        self.found = self.has_index = self.encrypted = self.incomplete = False
        self._left = MAX_BOXES
        try:
            with path.open("rb") as file:
                self._read(file, 0, path.stat().st_size, 0)
        except (OSError, struct.error):
            return

    def _read(self, file: BinaryIO, at: int, end: int, depth: int) -> None:
        while at + 8 <= end and self._left > 0:
            self._left -= 1
            file.seek(at)
            size, kind = struct.unpack(">I4s", file.read(8))
            head = 8
            if size == 1:
                size, head = struct.unpack(">Q", file.read(8))[0], 16
            elif size == 0:
                size = end - at
            if depth == 0:
                self.found = self.found or kind == b"ftyp" or (at == 0 and kind in (b"moov", b"mdat", b"wide"))
                if not self.found:
                    return
                self.has_index = self.has_index or kind == b"moov"
                self.incomplete = self.incomplete or at + size > end
            if size < head:
                return
            if kind in _BOXES_WITH_BOXES and depth < MAX_BOX_DEPTH:
                self._read(file, at + head, min(at + size, end), depth + 1)
            elif kind == b"stsd":
                file.seek(at + head + 8)
                _, entry = struct.unpack(">I4s", file.read(8))
                self.encrypted = self.encrypted or entry in _ENCRYPTED_FORMATS
            at += size

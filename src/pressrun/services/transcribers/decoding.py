"""The sound of a media file as recognisers want it: mono, 16 bits, 16 000 samples per second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pressrun.errors import SourceError
from pressrun.services.sources.embedded import SAFE_OPTIONS

SAMPLE_RATE = 16_000
SAMPLE_BYTES = 2
MAX_SECONDS = 6 * 3600
"""Seconds of sound that are heard; a longer one is more likely a mistake than a source."""


def media_seconds(path: Path) -> float:
    """The length of the sound as its file gives it, 0 where it does not."""
    import av

    try:
        with av.open(f"file:{path}", options=dict(SAFE_OPTIONS)) as container:
            return float(container.duration or 0) / 1_000_000
    except av.FFmpegError as error:
        raise _unreadable_error(path, error.strerror) from error


def decode_audio(path: Path) -> Iterator[bytes]:
    """PCM of the first track of sound, in pieces of a second or less, in little-endian samples.

    Raises `SourceError` for a file without sound, that is no media, or that is too long.
    """
    import av

    samples = 0
    try:
        with av.open(f"file:{path}", options=dict(SAFE_OPTIONS)) as container:
            if not container.streams.audio:
                raise SourceError(
                    f"{path.name} has neither text subtitles nor sound",
                    remedy="Use another file, or put its transcript beside it as .txt or .srt.",
                )
            resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
            for frame in _frames(container):
                for part in resampler.resample(frame):
                    samples += part.samples
                    if samples > MAX_SECONDS * SAMPLE_RATE:
                        raise SourceError(
                            f"{path.name} is longer than {MAX_SECONDS // 3600} hours",
                            remedy="Cut it, or provide its text instead.",
                        )
                    yield part.to_ndarray().astype("<i2").tobytes()
    except av.FFmpegError as error:
        raise _unreadable_error(path, error.strerror) from error


def _frames(container: Any) -> Iterator[Any]:
    """All frames of sound, and None at the end, at which a resampler gives what it still holds."""
    yield from container.decode(audio=0)
    yield None


def _unreadable_error(path: Path, why: str | None) -> SourceError:
    return SourceError(
        f"{path.name} cannot be heard: {why or 'its sound is broken'}",
        remedy="Play the file to see whether it is whole, or put its transcript beside it as .txt or .srt.",
    )

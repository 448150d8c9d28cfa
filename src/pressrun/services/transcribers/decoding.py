"""Decode the audio of a media file for speech recognition: mono, 16 bits, 16 000 samples per second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pressrun.errors import SourceError

SAMPLE_RATE = 16_000
SAMPLE_BYTES = 2
MAX_SECONDS = 6 * 3600
"""Maximum length in seconds; anything longer is more likely a mistake than a source."""


def media_seconds(path: Path) -> float:
    """Return the length according to the file, or 0 if it does not give one."""
    import av

    from pressrun.services.sources.embedded import SAFE_OPTIONS

    try:
        with av.open(f"file:{path}", options=dict(SAFE_OPTIONS)) as container:
            return float(container.duration or 0) / 1_000_000
    except av.FFmpegError as error:
        raise _unreadable_error(path, error.strerror) from error


def decode_audio(path: Path) -> Iterator[bytes]:
    """Yield the PCM of the first audio track, little-endian, in pieces of a second or less.

    Raises `SourceError` if the file has no audio, is not a media file, or is too long.
    """
    import av

    from pressrun.services.sources.embedded import SAFE_OPTIONS

    samples = 0
    try:
        with av.open(f"file:{path}", options=dict(SAFE_OPTIONS)) as container:
            if not container.streams.audio:
                raise SourceError(
                    f"{path.name} has neither text subtitles nor audio",
                    remedy="Use another file, or put its transcript next to it as .txt or .srt.",
                )
            resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
            for frame in _frames(container):
                for part in resampler.resample(frame):
                    samples += part.samples
                    if samples > MAX_SECONDS * SAMPLE_RATE:
                        raise SourceError(
                            f"{path.name} is longer than {MAX_SECONDS // 3600} hours",
                            remedy="Shorten it, or provide its text instead.",
                        )
                    yield part.to_ndarray().astype("<i2").tobytes()
    except av.FFmpegError as error:
        raise _unreadable_error(path, error.strerror) from error


def _frames(container: Any) -> Iterator[Any]:
    """Yield all audio frames, then None, which makes a resampler flush its buffer."""
    yield from container.decode(audio=0)
    yield None


def _unreadable_error(path: Path, why: str | None) -> SourceError:
    return SourceError(
        f"{path.name} cannot be decoded: {why or 'its audio is broken'}",
        remedy="Play the file to check that it is complete, or put its transcript next to it as .txt or .srt.",
    )

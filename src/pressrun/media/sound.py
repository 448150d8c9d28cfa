"""Sound as WAV files, with the music under it. PCM is mono, 16 bits, little-endian, as all voices produce it."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pressrun.errors import BrokenFileError
from pressrun.model.script import Word

SAMPLE_BYTES = 2
RATE = 48_000
"""Samples per second of everything that is mixed and encoded."""


@dataclass(frozen=True)
class MusicBed:
    """Music under a voice for `seconds`: the first `samples` of the file, repeated, amplified by `gain` dB.

    It is quieter during `speech`, (start, end) in seconds.
    """

    path: Path
    samples: int
    gain: float
    speech: tuple[tuple[float, float], ...]
    seconds: float


@dataclass(frozen=True)
class Sound:
    """A voice, its samples per second, and the music under it."""

    pcm: bytes
    sample_rate: int
    bed: MusicBed | None = None

    @property
    def seconds(self) -> float:
        return len(self.pcm) / SAMPLE_BYTES / self.sample_rate


def silence(seconds: float, sample_rate: int) -> bytes:
    """Return silent PCM."""
    return bytes(round(seconds * sample_rate) * SAMPLE_BYTES)


def write_wav(path: Path, sound: Sound) -> None:
    """Write the voice of `sound` as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(sound.sample_rate)
        file.writeframes(sound.pcm)


def read_wav(path: Path) -> Sound:
    """Read a WAV file. Raises `BrokenFileError` if it is missing, empty, truncated or not mono 16-bit PCM."""
    remedy = "Remove it and run the same command again: the stage tts creates it."
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, SAMPLE_BYTES):
                raise BrokenFileError(f"{path} is not mono with 16 bits", remedy=remedy)
            frames = file.getnframes()
            sound = Sound(file.readframes(frames), file.getframerate())
    except FileNotFoundError as error:
        raise BrokenFileError(f"{path} is missing", remedy=remedy.replace("Remove it and run", "Run")) from error
    except (wave.Error, EOFError) as error:
        raise BrokenFileError(f"{path} is not a WAV file: {error or 'it ends too early'}", remedy=remedy) from error
    if not sound.pcm or len(sound.pcm) != frames * SAMPLE_BYTES:
        raise BrokenFileError(
            f"{path} has {len(sound.pcm)} of {frames * SAMPLE_BYTES} bytes of sound", remedy=remedy
        )
    return sound


def shift_words(words: Iterable[Word], seconds: float) -> tuple[Word, ...]:
    """Return the words `seconds` later."""

    def later(time: float) -> float:
        return round(time + seconds, 4)

    return tuple(replace(word, start=later(word.start), end=later(word.end)) for word in words)

"""Recordings of our own speech, with the time of every word."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from pressrun.services.protocols import Context, Voice

SENTENCES = (
    "The hut stood beside the pond, and nobody came that winter.",
    "He counted every nail; the whole house cost less than a year in a rented room.",
    "Each morning he bathed in the lake, because the water was clear.",
    "Birds sang at dawn, and a fox crossed the frozen field.",
    "Some visitors talked, others listened, and a few only wanted to see the beans.",
    "Plants grew, animals ate them, and nothing was wasted.",
    "Time is but the stream, he wrote, and we go fishing in it.",
    "After a while he left the woods, and worked for years on his book.",
    "The emperor wrote his notes in a tent on the northern border.",
    "Nobody can lose another life than the one that he is living now.",
    "A general who knows the ground wins before the battle begins.",
    "Water shapes its course according to the land over which it flows.",
    "The keeper of the lighthouse climbed the stairs every evening.",
    "When the storm was over, the harbor counted its boats.",
    "She filled the lamp and trimmed the wick before it was dark.",
    "The library kept one copy of each letter that was ever sent.",
)
PADDING = 2.0
"""Seconds of silence at the end."""
FRAME_SECONDS = Fraction(1, 50)


@dataclass(frozen=True)
class Spoken:
    """A sentence: 16-bit samples and words with their starts in seconds."""

    text: str
    samples: Any
    words: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Recording:
    """16-bit mono samples, and the words with the seconds at which they begin."""

    samples: Any
    rate: int
    words: tuple[tuple[str, float], ...]
    text: str

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def speak_sentences(
    voice: Voice, folder: Path, count: int = len(SENTENCES), **settings: object
) -> tuple[list[Spoken], int]:
    """Return the sentences in a voice, and their sample rate."""
    spoken, rate = [], 0
    for text in SENTENCES[:count]:
        speech = voice.speak(text, "en", 165, Context(folder, settings, folder / "parts", 2))
        words = tuple((word.text, word.start) for word in speech.words)
        spoken.append(Spoken(text, np.frombuffer(speech.pcm, "<i2"), words))
        rate = speech.sample_rate
    return spoken, rate


def compose(
    spoken: Sequence[Spoken], rate: int, seconds: float, seed: int = 0,
    pauses: tuple[float, float] = (0.3, 1.4), between: Sequence[Any] = (),
) -> Recording:
    """Return sentences in random order with random pauses, at least `seconds` long.

    With `between`, each sentence is said once, and the sounds of `between` are heard after the first ones.
    """
    random_numbers = random.Random(seed)
    parts: list[Any] = []
    words: list[tuple[str, float]] = []
    texts: list[str] = []
    length, number = 0, 0
    while length < seconds * rate or (between and number < len(spoken)):
        parts.append(np.zeros(round(random_numbers.uniform(*pauses) * rate), np.int16))
        length += parts[-1].size
        sentence = spoken[number] if between else random_numbers.choice(spoken)
        words += [(word, length / rate + start) for word, start in sentence.words]
        parts.append(sentence.samples)
        texts.append(sentence.text)
        length += sentence.samples.size
        if number < len(between):
            parts.append(between[number])
            length += between[number].size
        number += 1
    parts.append(np.zeros(round(PADDING * rate), np.int16))
    return Recording(np.concatenate(parts), rate, tuple(words), " ".join(texts))


def write_recording(
    path: Path, recording: Recording, codec: str = "aac", start: float = 0.0,
    keep: Callable[[float], bool] = lambda _: True, damage: Callable[[float], bool] = lambda _: False,
    video: bool = False,
) -> Path:
    """Write a recording to a media file of the type that the name says.

    The audio starts at `start` seconds. Packets at times for which `keep` is false are left out; in those for which
    `damage` is true, bytes are changed. With `video`, pictures at irregular times begin at 0.
    """
    size = round(recording.rate * FRAME_SECONDS)
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(codec, rate=recording.rate, layout="mono")
        if not codec.startswith("pcm"):
            stream.bit_rate = 64_000
        picture: Any = None
        if video:
            picture = file.add_stream("mpeg4", rate=30)
            picture.width, picture.height, picture.pix_fmt = 64, 36, "yuv420p"
            picture.codec_context.time_base = Fraction(1, 1000)
            _write_pictures(file, picture, recording.seconds + start)
        resampler = av.AudioResampler(stream.codec_context.format, "mono", recording.rate)
        for at in range(0, len(recording.samples), size):
            frame = av.AudioFrame.from_ndarray(recording.samples[at : at + size].reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = recording.rate, at, Fraction(1, recording.rate)
            for part in resampler.resample(frame):
                _mux(file, stream, part, start, keep, damage)
        _mux(file, stream, None, start, keep, damage)
    return path


def _mux(file: Any, stream: Any, frame: Any, start: float, keep: Any, damage: Any) -> None:
    for packet in stream.encode(frame):
        time = float((packet.pts or 0) * packet.time_base)
        if not keep(time):
            continue
        if damage(time):
            data = bytearray(bytes(packet))
            for at in range(len(data) // 4, len(data), 3):
                data[at] ^= 0xA5
            broken = av.Packet(bytes(data))
            broken.pts, broken.dts, broken.duration = packet.pts, packet.dts, packet.duration
            broken.time_base, broken.stream = packet.time_base, packet.stream
            packet = broken
        shift = round(start / packet.time_base)
        packet.pts += shift
        packet.dts += shift
        file.mux(packet)


def _write_pictures(file: Any, stream: Any, seconds: float) -> None:
    """Write pictures at 5 to 30 per second."""
    random_numbers = random.Random(1)
    time = 0.0
    while time < seconds:
        shade = np.full((36, 64, 3), round(time * 10) % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(shade, "rgb24")
        frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
        file.mux(stream.encode(frame))
        time += random_numbers.uniform(1 / 30, 1 / 5)
    file.mux(stream.encode(None))


def make_tones(rate: int, seconds: float) -> Any:
    """Return sine tones that change every half second, as a telephone or a test signal plays them."""
    time = np.arange(round(rate * seconds)) / rate
    random_numbers = np.random.default_rng(2)
    pitch = random_numbers.choice([350.0, 440.0, 697.0, 1000.0, 1336.0], len(time) * 2 // rate + 1)
    return (9_000 * np.sin(2 * np.pi * np.cumsum(pitch[(time * 2).astype(int)]) / rate)).astype(np.int16)


def make_music(rate: int, seconds: float) -> Any:
    """Return chords with overtones, a melody with vibrato, and a beat."""
    time = np.arange(round(rate * seconds)) / rate
    random_numbers = np.random.default_rng(3)
    bars = int(seconds // 2) + 1
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    beat, phase = (time * 2).astype(int), time % 0.5
    sound = np.zeros(time.size)
    for _ in range(3):
        root = scale[random_numbers.integers(0, 5, bars)][(time / 2).astype(int)]
        for overtone in range(1, 5):
            sound += np.sin(2 * np.pi * np.cumsum(root * overtone) / rate) / overtone / 3
    melody = 2 * scale[random_numbers.integers(0, 8, len(beat))][beat] * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * time))
    sound += np.sin(2 * np.pi * np.cumsum(melody) / rate) * np.exp(-3 * phase)
    sound += random_numbers.standard_normal(time.size) * np.exp(-40 * phase) * 0.5
    return (6_000 * sound / np.abs(sound).max() * 2).astype(np.int16)

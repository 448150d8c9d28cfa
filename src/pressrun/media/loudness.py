"""Level sound: measure it by EBU R 128, then apply one gain and a limiter, with music under the voice if there is any.

A loudness normalizer in one pass guesses and misses its target by 2 LU, so the sound is measured first. A limiter then
takes away a little loudness where it works. How much is found by trying gains on a few parts of the sound: measuring
all of it takes long, so that is done only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.errors import RenderError
from pressrun.media.music import (
    CROSS_FADE,
    DUCKING,
    MIN_SECONDS,
    SPEECH_DISTANCE,
    decode_music,
    join_words,
    music_pieces,
    unusable_music_error,
)
from pressrun.media.sound import RATE, MusicBed, Sound

if TYPE_CHECKING:
    from pressrun.media.music import Samples

TARGET_LOUDNESS = -14.0
"""LUFS. The large platforms play this back without turning it down."""
MAX_PEAK = -2.0
"""dBFS of samples. The true peak between samples, and the overshoot of AAC and Opus, then stay below -1 dB."""
TOLERANCE = 0.1
"""LU by which the loudness may miss its target."""
MAX_ATTEMPTS = 6
"""Number of gains to try."""
PART_COUNT, PART_SECONDS = 8, 5
"""Gains are tried on so many parts of this length, evenly distributed, or on all of a shorter sound."""
MAX_GAIN = 40.0
"""dB. A recording that needs more is noise, not a voice."""
CHUNK_SAMPLES = 8192
"""Samples that go through the filters at once."""
SILENCE = -69.0
"""LUFS. The meter returns -70 for silence."""
BLOCK_SECONDS = 0.4
"""Length of the blocks in which the meter measures (EBU R 128), also used for a rough measure."""

Filter = tuple[str, str]
"""Name and options of an FFmpeg filter."""
METER: Filter = ("ebur128", "metadata=1:framelog=quiet")


def add_music(sound: Sound, path: Path, words: Iterable[tuple[float, float]]) -> Sound:
    """Return `sound` with the music of `path` under it. `words` are the (start, end) of the spoken words, in order.

    Raises `SettingsError` if the file has no sound, is too short or silent, and `RenderError` if the voice is silent.
    """
    voice = _require_audible(_read_loudness(_filter(_mix(sound), [METER])))
    samples, music = _measure_file(path, round((sound.seconds + CROSS_FADE) * RATE))
    if samples < MIN_SECONDS * RATE:
        raise unusable_music_error(path, f"it lasts {samples / RATE:.2f} s")
    if music < SILENCE:
        raise unusable_music_error(path, "it is silent")
    # Ducked by DUCKING it has its distance from the voice, so without ducking it is louder by that.
    gain = voice + SPEECH_DISTANCE + DUCKING - music
    return replace(sound, bed=MusicBed(path, samples, gain, join_words(words), sound.seconds))


def find_gain(sound: Sound) -> float:
    """Return the gain in dB that brings `sound` to `TARGET_LOUDNESS` after the limiter.

    Raises `RenderError` for silence.
    """
    parts: list[Samples] = []
    measured = _require_audible(_read_loudness(_filter(_collect_parts(sound, parts), [METER])))
    wanted = min(TARGET_LOUDNESS - measured, MAX_GAIN)
    plain = _read_loudness(_filter(parts, [METER]))
    if plain < SILENCE:
        return wanted
    # Secant method: the slope comes from the last two attempts.
    gain, slope, before = wanted, 1.0, None
    for _ in range(MAX_ATTEMPTS):
        reached = _read_loudness(_filter(parts, [*_limiter(gain), METER])) - plain
        if abs(wanted - reached) <= TOLERANCE:
            break
        if before is not None and gain != before[0]:
            # The harder the limiter works, the less a decibel of gain adds.
            slope = min(max((reached - before[1]) / (gain - before[0]), 0.2), 1.0)
        before = gain, reached
        gain = min(gain + (wanted - reached) / slope, MAX_GAIN)
    return gain


def estimate_gain(sound: Sound) -> float:
    """Return the gain for a draft, from the power of the voice where it speaks: 1 or 2 dB off, and almost free.

    Raises `RenderError` for silence.
    """
    import numpy as np

    # Two things are left out because they cancel: a voice on both channels is 3 LU louder, and the meter gives low
    # notes less weight.
    samples = np.frombuffer(sound.pcm, np.int16)
    block = max(int(sound.sample_rate * BLOCK_SECONDS), 1)
    blocks = samples[:max(len(samples) // block, 1) * block].reshape(-1, min(block, len(samples)))
    power = np.square(blocks.astype(np.float32) / 32768).mean(axis=1)
    spoken = power[power > power.max() / 100]
    if not spoken.size:
        raise _silence_error()
    return float(min(TARGET_LOUDNESS - 10 * np.log10(spoken.mean()), MAX_GAIN))


def _collect_parts(sound: Sound, parts: list[Samples]) -> Iterator[Samples]:
    """Yield all of `sound`, and add those pieces to `parts` on which gains are tried."""
    whole = sound.seconds <= PART_COUNT * PART_SECONDS
    stretch, at = sound.seconds / PART_COUNT, 0.0
    for piece in _mix(sound):
        # A part is in the middle of each of the equal stretches.
        if whole or abs(at % stretch - stretch / 2) <= PART_SECONDS / 2:
            parts.append(piece)
        at += piece.shape[1] / RATE
        yield piece


def level_sound(sound: Sound, gain: float, rate: int = RATE, layout: str = "stereo") -> Iterator[Any]:
    """Yield `sound` amplified by `gain` dB and limited, as `av.AudioFrame`s of float planes with time stamps."""
    yield from _filter(_mix(sound), _limiter(gain), rate, layout)


def _limiter(gain: float) -> list[Filter]:
    limit = 10 ** (MAX_PEAK / 20)
    return [("volume", f"{gain:.3f}dB"), ("alimiter", f"limit={limit:.6f}:level=0:latency=1:attack=5:release=60")]


def _require_audible(measured: float) -> float:
    if measured < SILENCE:
        raise _silence_error()
    return measured


def _silence_error() -> RenderError:
    return RenderError("The voice track is silent", remedy="Run the stage tts again, or choose another voice.")


def _measure_file(path: Path, max_samples: int) -> tuple[int, float]:
    """Return (samples, loudness in LUFS) of a sound file. Only about `max_samples` are read."""
    samples = 0

    def count() -> Iterator[Samples]:
        nonlocal samples
        for piece in decode_music(path):
            samples += piece.shape[1]
            yield piece
            if samples >= max_samples:
                break

    measured = _read_loudness(_filter(count(), [METER]))
    return samples, measured


def _read_loudness(frames: Iterable[Any]) -> float:
    """Return the integrated loudness in LUFS from frames that went through the meter."""
    value = -70.0
    for frame in frames:
        value = float(frame.metadata.get("lavfi.r128.I", value))
    return value


def _mix(sound: Sound) -> Iterator[Samples]:
    """Yield the voice on both channels at `RATE`, with the music under it, in pieces."""
    import av
    import numpy as np

    resampler = av.AudioResampler("fltp", "stereo", RATE)
    samples = np.frombuffer(sound.pcm, np.int16).reshape(1, -1)
    music = _PieceReader(music_pieces(sound.bed)) if sound.bed else None
    # One step beyond the end: None makes the resampler return the samples that it holds.
    for start in range(0, samples.shape[1] + CHUNK_SAMPLES, CHUNK_SAMPLES):
        frame = None
        if start < samples.shape[1]:
            piece = np.ascontiguousarray(samples[:, start:start + CHUNK_SAMPLES])
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = sound.sample_rate, start, Fraction(1, sound.sample_rate)
        for each in resampler.resample(frame):
            voice = each.to_ndarray().astype(np.float32, copy=False)
            yield voice + music.take(voice.shape[1]) if music else voice


class _PieceReader:
    """Reads pieces of any length from pieces of other lengths."""

    def __init__(self, pieces: Iterator[Samples]) -> None:
        self._pieces = pieces
        self._held: Samples | None = None

    def take(self, count: int) -> Samples:
        import numpy as np

        held = next(self._pieces) if self._held is None else self._held
        while held.shape[1] < count:
            held = np.concatenate([held, next(self._pieces)], axis=1)
        self._held = held[:, count:]
        return held[:, :count]


def _filter(
    pieces: Iterable[Samples], filters: list[Filter], rate: int = RATE, layout: str = "stereo"
) -> Iterator[Any]:
    """Yield the pieces after the filters, as `av.AudioFrame`s."""
    import av

    base, at = Fraction(1, RATE), 0
    graph = av.filter.Graph()
    chain = [
        graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo", time_base=base),
        *(graph.add(name, options) for name, options in filters),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={rate}:channel_layouts={layout}"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*chain).configure()
    for piece in pieces:
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, base
        at += piece.shape[1]
        graph.push(frame)
        yield from _pull_frames(graph)
    graph.push(None)
    yield from _pull_frames(graph)


def _pull_frames(graph: Any) -> Iterator[Any]:
    """Yield all frames that the graph has ready."""
    # FFmpeg reports "more input is needed" and "end of stream" as errors.
    from av.error import BlockingIOError as NeedsInput
    from av.error import EOFError as EndOfStream

    while True:
        try:
            yield graph.pull()
        except (NeedsInput, EndOfStream):
            return

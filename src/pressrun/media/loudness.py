"""Audio levels: measured by EBU R 128, then one gain and a limiter, with music under the voice where there is some.

One pass of a loudness normaliser guesses and misses its target by 2 LU; measuring first does not. A limiter takes a
little loudness away where it works. How much, some parts of the sound tell: all of it is measured only once.
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
    DUCKED,
    SHORTEST,
    UNDER_SPEECH,
    Bed,
    decoded,
    not_music,
    pieces_of,
    stretches,
)
from pressrun.media.sound import RATE as RATE
from pressrun.media.sound import Sound

if TYPE_CHECKING:
    from pressrun.media.music import Samples

TARGET = -14.0
"""LUFS: what the large platforms play back without turning it down."""
CEILING = -2.0
"""dBFS of single samples: what lies between them, and the overshoot of AAC and Opus, then stays below -1 dB."""
TOLERANCE = 0.1
"""LU within which a gain is good."""
MOST_TRIES = 6
PARTS, PART_SECONDS = 8, 5
"""From so many places, evenly spread, so much is taken to try a gain on; a sound no longer than that is tried whole."""
MOST_GAIN = 40.0
"""dB: a recording that needs more holds noise, not a voice."""
CHUNK = 8192
"""Samples handed to the filters at once."""
SILENT = -69.0
"""LUFS; the meter gives -70 for silence."""
BLOCK = 0.4
"""Seconds over which the meter takes loudness (EBU R 128), and a rough look too."""
METER = ("ebur128", "metadata=1:framelog=quiet")


def with_music(sound: Sound, path: Path, words: Iterable[tuple[float, float]]) -> Sound:
    """`sound` with the music of `path` under it; `words` are the (start, end) of what is spoken, in order.

    Raises `SettingsError` when the file is no music, too short or silent, `RenderError` when the voice is silent.
    """
    voice = _audible(_integrated(_filtered(_stereo(sound), [METER])))
    samples, music = _measured(path, round((sound.seconds + CROSS_FADE) * RATE))
    if samples < SHORTEST * RATE:
        raise not_music(path, f"it lasts {samples / RATE:.2f} s")
    if music < SILENT:
        raise not_music(path, "it is silent")
    gain = voice + UNDER_SPEECH + DUCKED - music
    return replace(sound, bed=Bed(path, samples, gain, stretches(words), sound.seconds))


def gain_for(sound: Sound) -> float:
    """The gain in dB that brings `sound` to `TARGET` behind the limiter. Raises `RenderError` for silence."""
    parts: list[Samples] = []
    measured = _audible(_integrated(_filtered(_partly_kept(sound, parts), [METER])))
    wanted = min(TARGET - measured, MOST_GAIN)
    plain = _integrated(_filtered(parts, [METER]))
    if plain < SILENT:
        return wanted
    gain, slope, before = wanted, 1.0, None
    for _ in range(MOST_TRIES):
        reached = _integrated(_filtered(parts, [*_limiter(gain), METER])) - plain
        if abs(wanted - reached) <= TOLERANCE:
            break
        if before is not None and gain != before[0]:
            # The harder the limiter works, the less a decibel more of gain brings.
            slope = min(max((reached - before[1]) / (gain - before[0]), 0.2), 1.0)
        before = gain, reached
        gain = min(gain + (wanted - reached) / slope, MOST_GAIN)
    return gain


def rough_gain(sound: Sound) -> float:
    """The same for a draft, by the power of the voice where it speaks: a dB or two off, and all but free."""
    import numpy as np

    # Heard on both sides a voice is 3 LU louder; that its low notes count less takes about as much away again.
    samples = np.frombuffer(sound.pcm, np.int16)
    block = max(int(sound.sample_rate * BLOCK), 1)
    blocks = samples[:max(len(samples) // block, 1) * block].reshape(-1, min(block, len(samples)))
    power = np.square(blocks.astype(np.float32) / 32768).mean(axis=1)
    spoken = power[power > power.max() / 100]
    if not spoken.size:
        raise _silent()
    return float(min(TARGET - 10 * np.log10(spoken.mean()), MOST_GAIN))


def _partly_kept(sound: Sound, kept: list[Samples]) -> Iterator[Samples]:
    """All of `sound` in pieces; those that a gain is tried on are put into `kept` as they pass."""
    whole = sound.seconds <= PARTS * PART_SECONDS
    stretch, at = sound.seconds / PARTS, 0.0
    for piece in _stereo(sound):
        # In the middle of each of the equal stretches.
        if whole or abs(at % stretch - stretch / 2) <= PART_SECONDS / 2:
            kept.append(piece)
        at += piece.shape[1] / RATE
        yield piece


def loudness(sound: Sound, gain: float) -> float:
    """Integrated loudness in LUFS of `sound` as `levelled` hands it out."""
    return _integrated(_filtered(_stereo(sound), [*_limiter(gain), METER]))


def levelled(sound: Sound, gain: float, rate: int = RATE, layout: str = "stereo") -> Iterator[Any]:
    """`av.AudioFrame`s of `sound`, louder by `gain` dB and limited; float planes, time stamps kept."""
    yield from _filtered(_stereo(sound), _limiter(gain), rate, layout)


def _limiter(gain: float) -> list[tuple[str, str]]:
    limit = 10 ** (CEILING / 20)
    return [("volume", f"{gain:.3f}dB"), ("alimiter", f"limit={limit:.6f}:level=0:latency=1:attack=5:release=60")]


def _audible(measured: float) -> float:
    if measured < SILENT:
        raise _silent()
    return measured


def _silent() -> RenderError:
    return RenderError("The voice track is silent", remedy="Run the stage tts again, or choose another voice.")


def _measured(path: Path, most: int) -> tuple[int, float]:
    """(samples, loudness in LUFS) of a sound file, of which about `most` samples are looked at."""
    samples = 0

    def counted() -> Iterator[Samples]:
        nonlocal samples
        for piece in decoded(path):
            samples += piece.shape[1]
            yield piece
            if samples >= most:
                break

    measured = _integrated(_filtered(counted(), [METER]))
    return samples, measured


def _integrated(frames: Iterable[Any]) -> float:
    value = -70.0
    for frame in frames:
        value = float(frame.metadata.get("lavfi.r128.I", value))
    return value


def _stereo(sound: Sound) -> Iterator[Samples]:
    """The voice on both sides at `RATE`, and the music under it, in pieces."""
    import av
    import numpy as np

    resampler = av.AudioResampler("fltp", "stereo", RATE)
    samples = np.frombuffer(sound.pcm, np.int16).reshape(1, -1)
    music = _Reader(pieces_of(sound.bed)) if sound.bed else None
    for start in range(0, samples.shape[1] + CHUNK, CHUNK):
        frame = None
        if start < samples.shape[1]:
            piece = np.ascontiguousarray(samples[:, start:start + CHUNK])
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = sound.sample_rate, start, Fraction(1, sound.sample_rate)
        for each in resampler.resample(frame):
            voice = each.to_ndarray().astype(np.float32, copy=False)
            yield voice + music.take(voice.shape[1]) if music else voice


class _Reader:
    """Pieces of any length out of pieces of other lengths."""

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


def _filtered(
    pieces: Iterable[Samples], filters: list[tuple[str, str]], rate: int = RATE, layout: str = "stereo"
) -> Iterator[Any]:
    """`av.AudioFrame`s of the pieces behind the filters."""
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
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    from av.error import BlockingIOError as Later
    from av.error import EOFError as Over

    while True:
        try:
            yield graph.pull()
        except (Later, Over):
            return

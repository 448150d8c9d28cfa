"""Audio levels: measured by EBU R 128, then one gain and a limiter.

One pass of a loudness normaliser guesses and misses its target by 2 LU; measuring first does not. A limiter takes a
little loudness away where it works, so the gain is corrected by a second measurement of what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pressrun.errors import RenderError
from pressrun.media.sound import Sound

TARGET = -14.0
"""LUFS: what the large platforms play back without turning it down."""
CEILING = -1.5
"""dBFS: leaves AAC its overshoot below full scale."""
RATE = 48_000
TOLERANCE = 0.2
"""LU within which a gain is good."""
MOST_PASSES = 4
MOST_GAIN = 40.0
"""dB: a recording that needs more holds noise, not a voice."""
CHUNK = 8192
"""Samples handed to the filters at once."""


def gain_for(sound: Sound) -> float:
    """The gain in dB that brings `sound` to `TARGET` behind the limiter. Raises `RenderError` for silence."""
    gain = 0.0
    for _ in range(MOST_PASSES):
        measured = loudness(sound, gain)
        if measured < -69:
            raise RenderError("The voice track is silent", remedy="Run the stage tts again, or choose another voice.")
        if abs(TARGET - measured) <= TOLERANCE:
            break
        gain = min(gain + TARGET - measured, MOST_GAIN)
    return gain


def loudness(sound: Sound, gain: float) -> float:
    """Integrated loudness in LUFS of `sound` as `levelled` hands it out."""
    value = -70.0
    for frame in _filtered(sound, gain, [("ebur128", "metadata=1")]):
        value = float(frame.metadata.get("lavfi.r128.I", value))
    return value


def levelled(sound: Sound, gain: float) -> Iterator[Any]:
    """`av.AudioFrame`s of `sound` at 48 kHz stereo, louder by `gain` dB and limited; float planes, time stamps kept."""
    yield from _filtered(sound, gain, [])


def _filtered(sound: Sound, gain: float, more: list[tuple[str, str]]) -> Iterator[Any]:
    import av
    import numpy as np

    graph = av.filter.Graph()
    rate, base = sound.sample_rate, _base(sound.sample_rate)
    chain = [
        graph.add_abuffer(sample_rate=rate, format="s16", layout="mono", time_base=base),
        graph.add("aresample", str(RATE)),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo"),
        graph.add("volume", f"{gain:.3f}dB"),
        graph.add("alimiter", f"limit={10 ** (CEILING / 20):.6f}:level=0:latency=1:attack=5:release=60"),
        *(graph.add(name, options) for name, options in more),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*chain).configure()
    samples = np.frombuffer(sound.pcm, np.int16).reshape(1, -1)
    for start in range(0, samples.shape[1], CHUNK):
        piece = np.ascontiguousarray(samples[:, start:start + CHUNK])
        frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, base
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


def _base(rate: int) -> Any:
    from fractions import Fraction

    return Fraction(1, rate)

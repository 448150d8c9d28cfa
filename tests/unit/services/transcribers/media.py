"""Media files of our own making: tones at known times, in tracks that start late, have gaps or are damaged."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 48_000
FRAME = 960


def tones(seconds: float, beeps: Sequence[float], rate: int = RATE) -> Any:
    """Return silence with a tone of a tenth of a second at each time of `beeps`, as 16-bit samples."""
    sound = np.zeros(round(seconds * rate), np.int16)
    beep = (12_000 * np.sin(2 * np.pi * 440 * np.arange(rate // 10) / rate)).astype(np.int16)
    for at in beeps:
        sound[round(at * rate) : round(at * rate) + beep.size] = beep
    return sound


def write_media(
    path: Path, tracks: Sequence[Any], codec: str = "aac", start: float = 0.0, gap: tuple[float, float] = (0, 0),
    rate: int = RATE,
) -> Path:
    """Write tracks of 16-bit samples, one row per channel. All start at `start`; what is in `gap` is not written."""
    with av.open(str(path), "w") as file:
        streams = []
        for track in tracks:
            rows = np.atleast_2d(track)
            stream: Any = file.add_stream(codec, rate=rate, layout="mono" if len(rows) == 1 else "stereo")
            streams.append((stream, rows, av.AudioResampler(stream.codec_context.format, stream.layout, rate)))
        for stream, rows, resampler in streams:
            for at in range(0, rows.shape[1], FRAME):
                if gap[0] <= at / rate < gap[1]:
                    continue
                packed = np.ascontiguousarray(rows[:, at : at + FRAME].T).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(packed, "s16", stream.layout.name)
                frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
                frame.pts = at + round(start * rate)
                for part in resampler.resample(frame):
                    file.mux(stream.encode(part))
            file.mux(stream.encode(None))
    return path


def onsets(pcm: bytes) -> list[float]:
    """Return the seconds at which tones begin in 16-bit PCM at 16 000 samples per second."""
    loud = np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)) > 2000
    edges = np.flatnonzero(loud)
    return [round(int(at) / 16_000, 3) for index, at in enumerate(edges) if index == 0 or at - edges[index - 1] > 800]

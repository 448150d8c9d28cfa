"""Process audio from a service: decode it, trim the silence around it, and join parts without clicks.

Encoders add silence before and after the audio (an MP3 without a header starts 46 ms late at 24 kHz), and so do voices.
All of it is trimmed, the edges are faded, and pauses of a known length are inserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pressrun.media.sound import silence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

LEAD_SECONDS, TAIL_SECONDS = 0.03, 0.08
"""Seconds kept before the first and after the last sound of a part: it may begin or end with a soft letter."""
FADE_SECONDS = 0.006
"""Seconds in which the edge of a part fades in or out."""
BLOCK_SECONDS = 0.01
"""Length in seconds of the blocks that are checked for silence by their loudest sample."""
SILENCE_LEVEL = 0.02
"""Share of the loudest sample of a part below which a block is silent (-34 dB)."""
FAINT_LEVEL = 33
"""A part whose loudest sample (of 32,767) is below this (-60 dB) is silent."""


class NoSoundError(ValueError):
    """The bytes are not readable audio, or the audio is silent."""


def decode(data: bytes, sample_rate: int) -> Samples:
    """Return WAV or MP3 as mono 16-bit samples at `rate`. Raises `NoSoundError`."""
    import av
    import numpy as np

    # The format is given and never guessed: a playlist would make FFmpeg read other files.
    form = "wav" if data[:4] == b"RIFF" else "mp3"
    try:
        with av.open(BytesIO(data), "r", format=form) as file:
            resampler = av.AudioResampler("s16", "mono", sample_rate)
            frames = [*file.decode(audio=0), None]
            chunks = [_flat(each) for frame in frames for each in resampler.resample(frame)]
    except (av.error.FFmpegError, OSError, IndexError, ValueError) as error:
        raise NoSoundError("it cannot be read as MP3 or WAV") from error
    samples: Samples = np.concatenate(chunks) if chunks else np.zeros(0, np.int16)
    if not samples.size or int(np.abs(samples.astype(np.int32)).max()) < FAINT_LEVEL:
        raise NoSoundError("it is silent")
    return samples


def change_tempo(samples: Samples, sample_rate: int, tempo: float, pitch: float = 0.0) -> Samples:
    """Return the samples played `tempo` times as fast and `pitch` semitones higher; works well from 0.8 to 1.25."""
    import av
    import numpy as np
    from av.filter import Graph

    if tempo == 1.0 and not pitch:
        return samples
    graph = Graph()
    source = graph.add_abuffer(sample_rate=sample_rate, format="s16", layout="mono")
    higher = 2 ** (pitch / 12)
    # Faster playback raises the pitch; atempo then restores the pace.
    shifts = [
        graph.add("asetrate", str(round(sample_rate * higher))), graph.add("aresample", str(sample_rate))
    ] if pitch else []
    pace = graph.add("atempo", f"{tempo / higher:.4f}")
    graph.link_nodes(source, *shifts, pace, graph.add("abuffersink")).configure()
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = sample_rate
    graph.push(frame)
    graph.push(None)
    chunks: list[Samples] = []
    while (pulled := _drain_filter(graph)) is not None:
        chunks.append(pulled)
    return np.concatenate(chunks)


def _drain_filter(graph: Any) -> Samples | None:
    """Return the output that the graph has ready, or None at the end."""
    import av

    try:
        return _flat(graph.pull())
    except (av.error.BlockingIOError, av.error.EOFError):
        return None


def _flat(frame: Any) -> Samples:
    samples: Samples = frame.to_ndarray().reshape(-1)
    return samples


def trim(samples: Samples, sample_rate: int) -> Samples:
    """Return the audio from `LEAD_SECONDS` before the first sound to `TAIL_SECONDS` after the last.

    The edges are faded by a raised cosine.
    """
    first, last = sounding_range(samples, sample_rate)
    return fade_edges(samples[first:last], sample_rate)


def sounding_range(samples: Samples, sample_rate: int) -> tuple[int, int]:
    """Return the range of samples that `trim` keeps."""
    import numpy as np

    step = round(sample_rate * BLOCK_SECONDS)
    blocks = -(-samples.size // step)
    padded = np.zeros(blocks * step, np.int32)
    padded[: samples.size] = np.abs(samples.astype(np.int32))
    peaks = padded.reshape(blocks, step).max(axis=1)
    sounding = np.flatnonzero(peaks >= SILENCE_LEVEL * peaks.max())
    first = max(int(sounding[0]) * step - round(LEAD_SECONDS * sample_rate), 0)
    last = min((int(sounding[-1]) + 1) * step + round(TAIL_SECONDS * sample_rate), samples.size)
    return first, last


def fade_edges(samples: Samples, sample_rate: int) -> Samples:
    """Return the samples with both edges faded by a raised cosine."""
    import numpy as np

    kept = samples.astype(np.float64)
    count = min(round(FADE_SECONDS * sample_rate), kept.size // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(count, 1))
    kept[:count] *= rise
    kept[kept.size - count:] *= rise[::-1]
    return np.rint(kept).astype(np.int16)


def join(parts: Sequence[Samples], pauses: Sequence[float], sample_rate: int) -> tuple[bytes, list[float]]:
    """Join the trimmed parts with at least `pauses` seconds of silence between them; also return where each starts."""
    pcm = bytearray()
    starts = []
    for number, samples in enumerate(parts):
        starts.append(len(pcm) / 2 / sample_rate)
        pcm += samples.tobytes()
        if number < len(parts) - 1:
            pcm += silence(max(pauses[number] - LEAD_SECONDS - TAIL_SECONDS, 0.0), sample_rate)
    return bytes(pcm), starts

"""Sounds that stand for speech, coded as services on the network send them."""

from __future__ import annotations

import hashlib
import io
import re
import wave
from pathlib import Path
from typing import Any

RATE = 24_000
LETTER = 0.055
"""Seconds a letter sounds."""
GAP = 0.04
QUIET = (0.12, 0.35)
"""Seconds before and after, as Google's voice has them."""


def tones(text: str) -> Any:
    """A tone per word, as long as its letters, at a pitch of its own; the same for the same text."""
    import numpy as np

    pieces = [np.zeros(round(QUIET[0] * RATE))]
    for word in re.findall(r"\w+", text) or ["a"]:
        count = round(LETTER * len(word) * RATE)
        pitch = 110 + hashlib.sha256(word.encode()).digest()[0]
        at = np.arange(count) / RATE
        tone = sum(np.sin(2 * np.pi * pitch * part * at) / part for part in (1, 2, 3))
        edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.008 * RATE))
        pieces += [tone * edge * 6000, np.zeros(round(GAP * RATE))]
    pieces.append(np.zeros(round(QUIET[1] * RATE)))
    return np.rint(np.concatenate(pieces)).astype(np.int16)


def said(text: str) -> Any:
    import numpy as np

    from pressrun.services.protocols import Context
    from pressrun.services.voices import espeak

    speech = espeak.speak(text, "en", 165, Context(Path(), {}))
    quiet = [np.zeros(round(seconds * speech.sample_rate), np.int16) for seconds in QUIET]
    samples = np.concatenate([quiet[0], np.frombuffer(speech.pcm, np.int16), quiet[1]])
    return resampled(samples, speech.sample_rate)


def resampled(samples: Any, rate: int) -> Any:
    import av
    import numpy as np

    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", RATE)
    chunks = [each for part in (frame, None) for each in resampler.resample(part)]
    return np.concatenate([each.to_ndarray().reshape(-1) for each in chunks])


def as_mp3(samples: Any) -> bytes:
    """Without a header that would tell a player how much silence the encoder put before it, as Google's have none."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as file:
        stream = file.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16p", layout="mono")
        frame.sample_rate = RATE
        for part in (frame, None):
            file.mux(stream.encode(part))
    return buffer.getvalue()


def as_wav(samples: Any) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()

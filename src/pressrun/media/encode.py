"""Frames and sound into an MP4: H.264 and AAC, in this process, with nothing in the file that depends on the day."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from pressrun.errors import NoSpaceError, PressrunError, RenderError, no_space
from pressrun.media.loudness import RATE, gain_for, levelled
from pressrun.media.resolution import Shape
from pressrun.media.sound import Sound

CRF = "18"
PRESET = "superfast"
TUNING = "bframes=7:b-adapt=0:mbtree=1:rc-lookahead=10:subme=0:weightp=0:scenecut=0"
"""Many B-frames and a short lookahead suit pictures that mostly stand still. Fades need no weighted prediction at this
quality, and cards change by fading, so that no cut has to be looked for."""
KEY_SECONDS = 5
"""Seconds between two key frames at most: a player finds its place quickly."""
AUDIO_BITS = 160_000
AAC = {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0", "aac_tns": "0"}
"""Half the cost of the default search; a voice has bits to spare at this rate, and what is left out serves low ones."""
BT709, LIMITED_RANGE = 1, 1
"""AVCOL_SPC_BT709 (and its primaries and transfer), AVCOL_RANGE_MPEG of libavutil."""
AHEAD = 1.0
"""Seconds by which sound may run ahead of pictures in the file; keeps memory flat and players content."""


def encode(
    path: Path, shape: Shape, fps: int, frames: Iterable[Any], sound: Sound, threads: int,
    shown: Callable[[int], None] | None = None,
) -> None:
    """Writes `path`; `shown(n)` is called after frame n of `frames`, counted from 1.

    Raises `NoSpaceError` when the disk fills, `RenderError` when the encoder refuses.
    """
    import av

    gain = gain_for(sound)
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with _clear_errors(path), av.open(str(path), "w", options=options) as file:
        video = _video_stream(file, shape, fps, threads)
        audio = file.add_stream("aac", rate=RATE, options={"flags": "+bitexact", **AAC})
        audio.codec_context.layout = "stereo"
        audio.bit_rate = AUDIO_BITS
        sounds = levelled(sound, gain)
        heard = 0.0
        for number, frame in enumerate(frames, 1):
            file.mux(video.encode(frame))
            while heard < number / fps + AHEAD and (piece := next(sounds, None)) is not None:
                file.mux(audio.encode(piece))
                heard += piece.samples / RATE
            if shown:
                shown(number)
        for piece in sounds:
            file.mux(audio.encode(piece))
        file.mux(video.encode(None))
        file.mux(audio.encode(None))


def _video_stream(file: Any, shape: Shape, fps: int, threads: int) -> Any:
    x264 = f"{TUNING}:keyint={fps * KEY_SECONDS}:threads={threads}"
    options = {"preset": PRESET, "crf": CRF, "x264-params": x264, "flags": "+bitexact"}
    stream = file.add_stream("libx264", rate=fps, options=options)
    stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, "yuv420p"
    stream.time_base = stream.codec_context.time_base = Fraction(1, fps)
    stream.thread_type = "FRAME"
    # Said through the codec context: set on the output alone, FFmpeg converts pictures it takes for untagged.
    context = stream.codec_context
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED_RANGE
    return stream


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """What FFmpeg reports, as an error of this program."""
    from av.error import FFmpegError

    try:
        yield
    except PressrunError:
        raise
    except FFmpegError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            full = no_space(OSError(error.errno, str(error)), path.parent)
            raise full or NoSpaceError(f"No space left while writing in {path.parent}") from error
        raise RenderError(
            f"{path.name} cannot be encoded: {error}",
            remedy="Check the settings resolution and fps, then run the same command again.",
        ) from error

"""Pictures into segments, and segments with sound into the finished file; nothing in it depends on the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pressrun.error_reports import no_space_error
from pressrun.errors import PressrunError, RenderError
from pressrun.media.loudness import levelled
from pressrun.media.output import Coding
from pressrun.media.planes import BT709, LIMITED_RANGE, PIXELS
from pressrun.media.resolution import Shape
from pressrun.media.sound import Sound

SEGMENT_FORMAT = "mp4"
"""Of the segments, whatever the finished file is: it takes every codec, and its times are exact."""
AHEAD = 1.0
"""Seconds by which sound may run ahead of pictures in the file; keeps memory flat and players content."""


def encode_pictures(
    path: Path, coding: Coding, shape: Shape, fps: int, frames: Iterable[Any],
    shown: Callable[[int], None] | None = None,
) -> None:
    """Writes `frames` alone; their `pts` count frames. `shown(n)` is called after frame n, counted from 1.

    Raises `NoSpaceError` when the disk fills, `RenderError` when the encoder refuses.
    """
    import av

    with _clear_errors(path), av.open(str(path), "w", SEGMENT_FORMAT, options={"fflags": "+bitexact"}) as file:
        stream = _video_stream(file, coding, shape, fps)
        taken = stream.pix_fmt
        for number, frame in enumerate(frames, 1):
            file.mux(stream.encode(frame if taken == PIXELS else _converted(frame, taken)))
            if shown:
                shown(number)
        file.mux(stream.encode(None))


def join(
    path: Path, segments: Sequence[Path], fps: int, sound: Sound, gain: float, coding: Coding,
    container: Mapping[str, str],
) -> None:
    """Writes the segments one after the other, as they are, and beside them `sound`, louder by `gain` dB and coded.

    `container` are options of the file. Raises as `encode_pictures`.
    """
    import av

    with _clear_errors(path), av.open(str(path), "w", options=dict(container)) as file:
        base = Fraction(1, fps)
        with av.open(str(segments[0]), format=SEGMENT_FORMAT) as model:
            pictures = model.streams.video[0]
            video = file.add_stream_from_template(pictures, opaque=True)
            delay = _delay(next(model.demux(pictures)), fps)
        video.time_base = base
        audio: Any = file.add_stream(coding.encoder, rate=coding.rate, options=coding.options)
        audio.codec_context.layout = coding.layout
        audio.bit_rate = coding.bit_rate
        sounds, heard = levelled(sound, gain, coding.rate, coding.layout), 0.0
        for each in _packets(segments, fps):
            packet = each.packet
            packet.stream, packet.time_base = video, base
            packet.pts, packet.dts, packet.duration = each.frame, each.rank - delay, 1
            file.mux(packet)
            while heard < each.rank / fps + AHEAD and (piece := next(sounds, None)) is not None:
                file.mux(audio.encode(piece))
                heard += piece.samples / coding.rate
        for piece in sounds:
            file.mux(audio.encode(piece))
        file.mux(audio.encode(None))


@dataclass(frozen=True)
class _Placed:
    """A packet, the number of its frame in the finished file, and its place in the order of decoding."""

    packet: Any
    frame: int
    rank: int


def _packets(segments: Sequence[Path], fps: int) -> Iterator[_Placed]:
    import av

    rank = 0
    for path in segments:
        with _clear_errors(path), av.open(str(path), format=SEGMENT_FORMAT) as file:
            first, frames_per_tick = rank, float((file.streams.video[0].time_base or 0) * fps)
            for packet in file.demux(video=0):
                if packet.pts is not None:
                    yield _Placed(packet, first + round(packet.pts * frames_per_tick), rank)
                    rank += 1


def _delay(first: Any, fps: int) -> int:
    """Frames by which decoding begins before showing: all segments are coded alike, so the first packet tells."""
    return round(float((first.pts - first.dts) * first.time_base) * fps)


def _video_stream(file: Any, coding: Coding, shape: Shape, fps: int) -> Any:
    stream = file.add_stream(coding.encoder, rate=fps, options=coding.options)
    pixels = PIXELS if PIXELS in [each.name for each in stream.codec_context.codec.video_formats] else "yuv420p"
    stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, pixels
    stream.time_base = stream.codec_context.time_base = Fraction(1, fps)
    stream.thread_type = "FRAME"
    if coding.tag:
        stream.codec_context.codec_tag = coding.tag
    # Said through the codec context: set on the output alone, FFmpeg converts pictures it takes for untagged.
    context = stream.codec_context
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED_RANGE
    return stream


def _converted(frame: Any, pixels: str) -> Any:
    """The same samples in other planes, for encoders that do not take ours."""
    other = frame.reformat(format=pixels)
    other.pts = frame.pts
    return other


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """What FFmpeg reports, as an error of this program."""
    from av.error import FFmpegError

    try:
        yield
    except PressrunError:
        raise
    except FFmpegError as error:
        if full := no_space_error(OSError(error.errno, str(error)), path.parent):
            raise full from error
        raise RenderError(
            f"{path.name} cannot be encoded: {error}",
            remedy="Check the settings resolution and fps, then run the same command again.",
        ) from error

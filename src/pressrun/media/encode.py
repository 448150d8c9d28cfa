"""Encode pictures into segments, and join segments with sound into the finished file.

No file contains a date or a version, so the same input always results in the same bytes.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pressrun.error_reports import from_os_error, reason_text
from pressrun.errors import NoSpaceError, PressrunError, RenderError
from pressrun.media.geometry import Shape
from pressrun.media.loudness import level_sound
from pressrun.media.output import EncoderSettings
from pressrun.media.planes import BT709, LIMITED_RANGE, PIXEL_FORMAT
from pressrun.media.sound import Sound

SEGMENT_FORMAT = "mp4"
"""Of segments, whatever the finished file is: MP4 takes every codec, and its times are exact."""
MAX_LEAD_SECONDS = 1.0
"""How far sound may be ahead of pictures in the file. Limits memory here and buffering in players."""


def encode_pictures(
    path: Path, encoder: EncoderSettings, shape: Shape, fps: int, frames: Iterable[Any],
    on_frame: Callable[[int], None] | None = None,
) -> None:
    """Write `frames` to a file without sound. The `pts` of a frame is its number.

    `on_frame(n)` is called after n frames. Raises `NoSpaceError` if the disk is full, and `RenderError` if the encoder
    fails.
    """
    import av

    with _translate_errors(path), av.open(str(path), "w", SEGMENT_FORMAT, options={"fflags": "+bitexact"}) as file:
        stream = _add_video_stream(file, encoder, shape, fps)
        pixel_format = stream.pix_fmt
        for number, frame in enumerate(frames, 1):
            file.mux(stream.encode(frame if pixel_format == PIXEL_FORMAT else _convert(frame, pixel_format)))
            if on_frame:
                on_frame(number)
        file.mux(stream.encode(None))


def join_segments(
    path: Path, segments: Sequence[Path], fps: int, sound: Sound, gain: float, encoder: EncoderSettings,
    container: Mapping[str, str],
) -> None:
    """Write the segments one after the other without encoding them again, with `sound` amplified by `gain` dB.

    `encoder` is that of the sound, `container` are options of the file. Raises as `encode_pictures` does.
    """
    import av

    with _translate_errors(path), av.open(str(path), "w", options=dict(container)) as file:
        frame_seconds = Fraction(1, fps)
        with av.open(str(segments[0]), format=SEGMENT_FORMAT) as model:
            pictures = model.streams.video[0]
            video = file.add_stream_from_template(pictures, opaque=True)
            delay = _decoding_delay(next(model.demux(pictures)), fps)
        video.time_base = frame_seconds
        audio: Any = file.add_stream(encoder.name, rate=encoder.rate, options=encoder.options)
        audio.codec_context.layout = encoder.layout
        audio.bit_rate = encoder.bit_rate
        sounds, heard = level_sound(sound, gain, encoder.rate, encoder.layout), 0.0
        for placed in _place_packets(segments, fps):
            packet = placed.packet
            packet.stream, packet.time_base = video, frame_seconds
            packet.pts, packet.dts, packet.duration = placed.frame, placed.rank - delay, 1
            file.mux(packet)
            # Sound and pictures alternate in the file, or players would have to buffer or seek.
            while heard < placed.rank / fps + MAX_LEAD_SECONDS and (piece := next(sounds, None)) is not None:
                file.mux(audio.encode(piece))
                heard += piece.samples / encoder.rate
        for piece in sounds:
            file.mux(audio.encode(piece))
        file.mux(audio.encode(None))


@dataclass(frozen=True)
class _PlacedPacket:
    """A packet, the number of its frame in the finished file, and its position in decoding order."""

    packet: Any
    frame: int
    rank: int


def _place_packets(segments: Sequence[Path], fps: int) -> Iterator[_PlacedPacket]:
    """Yield the packets of all segments with continuous numbers.

    The times of each segment start at 0. A segment refers to no frame outside of it, so its frames are numbered on from
    the number of packets before it, both in the order of showing (from their pts) and of decoding (as they come).
    """
    import av

    rank = 0
    for path in segments:
        with _translate_errors(path), av.open(str(path), format=SEGMENT_FORMAT) as file:
            first, frames_per_tick = rank, float((file.streams.video[0].time_base or 0) * fps)
            for packet in file.demux(video=0):
                if packet.pts is not None:
                    yield _PlacedPacket(packet, first + round(packet.pts * frames_per_tick), rank)
                    rank += 1


def _decoding_delay(first: Any, fps: int) -> int:
    """Return by how many frames decoding precedes showing. All segments are encoded alike, so one packet is enough."""
    return round(float((first.pts - first.dts) * first.time_base) * fps)


def _add_video_stream(file: Any, encoder: EncoderSettings, shape: Shape, fps: int) -> Any:
    stream = file.add_stream(encoder.name, rate=fps, options=encoder.options)
    formats = [each.name for each in stream.codec_context.codec.video_formats]
    pixel_format = PIXEL_FORMAT if PIXEL_FORMAT in formats else "yuv420p"
    stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, pixel_format
    stream.time_base = stream.codec_context.time_base = Fraction(1, fps)
    stream.thread_type = "FRAME"
    if encoder.tag:
        stream.codec_context.codec_tag = encoder.tag
    # Set on the codec context. If only the output had these tags, FFmpeg would take the pictures for untagged and
    # convert them.
    context = stream.codec_context
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED_RANGE
    return stream


def _convert(frame: Any, pixel_format: str) -> Any:
    """Return the same samples in other planes, for encoders that do not take NV12."""
    converted = frame.reformat(format=pixel_format)
    converted.pts = frame.pts
    return converted


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    """Turn errors of FFmpeg into errors of this program."""
    from av.error import FFmpegError

    try:
        yield
    except PressrunError:
        raise
    except FFmpegError as error:
        # FFmpeg reports settings that do not go together as invalid arguments.
        number = 0 if error.errno == errno.EINVAL else error.errno
        known = from_os_error(OSError(number, str(error)), path.parent)
        if isinstance(known, NoSpaceError):
            raise known from error
        raise RenderError(
            f"{path.name} cannot be encoded: {reason_text(error)}",
            remedy=known.remedy if known else "Check the settings resolution and fps, then run the same command again.",
        ) from error

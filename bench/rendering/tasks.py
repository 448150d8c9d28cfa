"""What is measured, each in a process of its own: `python -m bench.rendering.tasks TASK FOLDER SECONDS [KIND]`.

Prints one JSON object. `reading` are the CPU seconds spent on getting composed frames from the disk, which is no part
of what an encoder costs and is taken off by whoever measures; `peak` is the most memory it held, in MB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from shutil import rmtree
from typing import Any

import av
import numpy as np

from bench.rendering.film import FPS, THREADS, Asked, load_sound, output_of, scenes_of
from pressrun.media.encode import encode_pictures
from pressrun.media.frames import frames_of, spans_of
from pressrun.media.geometry import Shape
from pressrun.media.output import video_encoder
from pressrun.media.planes import PIXEL_FORMAT
from pressrun.media.segments import render_film

reading = 0.0


def ours(folder: Path, asked: Asked, name: str) -> None:
    """Everything: pictures, captions, fades, music, encoding."""
    scenes, sound, output = scenes_of(folder, asked), load_sound(folder, asked), output_of()
    parts = folder / "parts" / name
    render_film(folder / f"{name}.mp4", parts, scenes, sound, output, THREADS)
    rmtree(parts)


def compose(folder: Path, asked: Asked, name: str) -> None:
    """The frames alone, as NV12 one after the other."""
    scenes = scenes_of(folder, asked)
    with (folder / f"{name}.yuv").open("wb") as file:
        for frame in frames_of(scenes):
            for rows in _rows(frame):
                file.write(np.ascontiguousarray(rows))


def own_encoder(folder: Path, asked: Asked, name: str) -> None:
    """Composed frames through our encoder settings, cut where ours are."""
    scenes = scenes_of(folder, asked)
    frames = _composed(folder / f"{name}.yuv", scenes.shape)
    coding = video_encoder(output_of(), FPS, THREADS)
    for span in spans_of(scenes):
        part = (next(frames) for _ in range(span.last - span.first))
        encode_pictures(folder / f"{name}-alone.mp4", coding, scenes.shape, FPS, _numbered(part))


def plain_veryfast(folder: Path, asked: Asked, name: str) -> None:
    """Composed frames through libx264 at its preset veryfast and nothing else."""
    shape = Shape(1080, 1920) if asked.tall else Shape(1920, 1080)
    with av.open(str(folder / f"{name}-veryfast.mp4"), "w") as file:
        options = {"preset": "veryfast", "x264-params": f"threads={THREADS}"}
        stream: Any = file.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, PIXEL_FORMAT
        stream.codec_context.time_base, stream.thread_type = Fraction(1, FPS), "FRAME"
        for frame in _numbered(_composed(folder / f"{name}.yuv", shape)):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def moviepy(folder: Path, asked: Asked, name: str) -> None:
    """The same kind of film the ordinary way: a picture resized by a function of time, a text clip for each word."""
    from moviepy import ColorClip, CompositeVideoClip, ImageClip, TextClip, vfx

    size, half = (1920, 1080), asked.seconds / 2
    pictures = []
    for number in range(2):
        picture = ImageClip(str(folder / f"photograph-{number}.jpg")).resized(size).with_duration(half + 0.4)
        picture = picture.resized(lambda t: 1 + 0.007 * t).with_position("center").with_start(number * half)
        pictures.append(picture.with_effects([vfx.CrossFadeIn(0.4)] if number else []))
    scenes = scenes_of(folder, Asked(27.0))
    font = str(scenes.caption_fonts.look.fonts.pick("a", bold=True).at(52, bold=True).path)
    words = [
        TextClip(font=font, text=word.text, font_size=52, color="white")
        .with_position(("center", 0.85), relative=True).with_start(word.start).with_end(word.end)
        for cue in scenes.cues for word in cue.words if word.end < asked.seconds
    ]
    line = ColorClip((1920, 8), (255, 196, 84)).with_duration(asked.seconds)
    line = line.with_position(lambda t: (-1920 + int(1920 * t / asked.seconds), 1072))
    film = CompositeVideoClip([*pictures, *words, line], size=size).with_duration(asked.seconds)
    film.write_videofile(str(folder / f"{name}-moviepy.mp4"), fps=FPS, preset="veryfast", threads=2, logger=None)


def _rows(frame: Any) -> Iterator[Any]:
    for plane, height in zip(frame.planes, (frame.height, frame.height // 2), strict=True):
        yield np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:height, :frame.width]


def _composed(path: Path, shape: Shape) -> Iterator[Any]:
    """Frames from the disk into one frame, again and again."""
    global reading
    frame = av.VideoFrame(shape.width, shape.height, PIXEL_FORMAT)
    planes = list(_rows(frame))
    with path.open("rb", buffering=0) as file:
        while True:
            clock = time.thread_time()
            for rows in planes:
                straight = rows if rows.flags.c_contiguous else np.empty(rows.shape, np.uint8)
                if file.readinto(memoryview(straight).cast("B")) != rows.size:
                    return
                rows[:] = straight
            reading += time.thread_time() - clock
            yield frame


def _numbered(frames: Iterator[Any]) -> Iterator[Any]:
    for number, frame in enumerate(frames):
        frame.pts = number
        yield frame


TASKS: dict[str, Callable[[Path, Asked, str], None]] = {
    "ours": ours, "compose": compose, "own_encoder": own_encoder, "plain_veryfast": plain_veryfast, "moviepy": moviepy,
}


def main(task: str, folder: str, seconds: str, kind: str = "moving") -> None:
    TASKS[task](Path(folder), Asked(float(seconds), kind == "tall", kind == "still"), kind)
    print(json.dumps({"reading": reading, "peak": _peak()}))


def _peak() -> float:
    """Of this program alone: what the system counts for a child begins with the memory of the parent it split from."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Run one rendering or encoding task: `python -m bench.rendering.tasks TASK FOLDER SECONDS [KIND]`.

Prints one JSON object. `reading` is the CPU time in seconds for reading composed frames from disk, which the caller
subtracts because it is not part of the cost of encoding; `peak` is the peak memory in MB.
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

from bench.rendering.film import FPS, THREADS, FilmSpec, default_output, load_sound, make_film
from pressrun.media.encode import encode_pictures
from pressrun.media.frames import frames_of, spans_of
from pressrun.media.geometry import Shape
from pressrun.media.output import video_encoder
from pressrun.media.planes import PIXEL_FORMAT
from pressrun.media.segments import render_film

reading = 0.0


def render_everything(folder: Path, spec: FilmSpec, name: str) -> None:
    """Render the whole film: pictures, captions, fades, music and encoding."""
    scenes, sound, output = make_film(folder, spec), load_sound(folder, spec), default_output()
    parts = folder / "parts" / name
    render_film(folder / f"{name}.mp4", parts, scenes, sound, output, THREADS)
    rmtree(parts)


def write_frames(folder: Path, spec: FilmSpec, name: str) -> None:
    """Write only the frames, as consecutive NV12 pictures."""
    scenes = make_film(folder, spec)
    with (folder / f"{name}.yuv").open("wb") as file:
        for frame in frames_of(scenes):
            for rows in _plane_rows(frame):
                file.write(np.ascontiguousarray(rows).data)


def encode_with_own_settings(folder: Path, spec: FilmSpec, name: str) -> None:
    """Encode composed frames with our encoder settings, in the same segments as the film."""
    scenes = make_film(folder, spec)
    frames = _read_frames(folder / f"{name}.yuv", scenes.shape)
    coding = video_encoder(default_output(), FPS, THREADS)
    for span in spans_of(scenes):
        part = (next(frames) for _ in range(span.last - span.first))
        encode_pictures(folder / f"{name}-own-settings.mp4", coding, scenes.shape, FPS, _with_timestamps(part))


def encode_veryfast(folder: Path, spec: FilmSpec, name: str) -> None:
    """Encode composed frames with the libx264 preset veryfast and no other options."""
    shape = Shape(1080, 1920) if spec.tall else Shape(1920, 1080)
    with av.open(str(folder / f"{name}-veryfast.mp4"), "w") as file:
        options = {"preset": "veryfast", "x264-params": f"threads={THREADS}"}
        stream: Any = file.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, PIXEL_FORMAT
        stream.codec_context.time_base, stream.thread_type = Fraction(1, FPS), "FRAME"
        for frame in _with_timestamps(_read_frames(folder / f"{name}.yuv", shape)):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def render_with_moviepy(folder: Path, spec: FilmSpec, name: str) -> None:
    """Render the same kind of film with MoviePy: pictures resized over time and a text clip for each word."""
    from moviepy import ColorClip, CompositeVideoClip, ImageClip, TextClip, vfx

    size, half = (1920, 1080), spec.seconds / 2
    pictures = []
    for number in range(2):
        picture = ImageClip(str(folder / f"photograph-{number}.jpg")).resized(size).with_duration(half + 0.4)
        picture = picture.resized(lambda t: 1 + 0.007 * t).with_position("center").with_start(number * half)
        pictures.append(picture.with_effects([vfx.CrossFadeIn(0.4)] if number else []))
    scenes = make_film(folder, FilmSpec(27.0))
    font = str(scenes.caption_fonts.look.fonts.pick("a", bold=True).at(52, bold=True).path)
    words = [
        TextClip(font=font, text=word.text, font_size=52, color="white")
        .with_position(("center", 0.85), relative=True).with_start(word.start).with_end(word.end)
        for cue in scenes.cues for word in cue.words if word.end < spec.seconds
    ]
    line = ColorClip((1920, 8), (255, 196, 84)).with_duration(spec.seconds)
    line = line.with_position(lambda t: (-1920 + int(1920 * t / spec.seconds), 1072))
    film = CompositeVideoClip([*pictures, *words, line], size=size).with_duration(spec.seconds)
    film.write_videofile(str(folder / f"{name}-moviepy.mp4"), fps=FPS, preset="veryfast", threads=2, logger=None)


def _plane_rows(frame: Any) -> Iterator[Any]:
    for plane, height in zip(frame.planes, (frame.height, frame.height // 2), strict=True):
        yield np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:height, :frame.width]


def _read_frames(path: Path, shape: Shape) -> Iterator[Any]:
    """Yield the frames on disk, all read into the same frame object."""
    global reading
    frame = av.VideoFrame(shape.width, shape.height, PIXEL_FORMAT)
    planes = list(_plane_rows(frame))
    with path.open("rb", buffering=0) as file:
        while True:
            clock = time.thread_time()
            for rows in planes:
                straight = rows if rows.flags.c_contiguous else np.empty(rows.shape, np.uint8)
                if file.readinto(straight.data.cast("B")) != rows.size:
                    return
                rows[:] = straight
            reading += time.thread_time() - clock
            yield frame


def _with_timestamps(frames: Iterator[Any]) -> Iterator[Any]:
    for number, frame in enumerate(frames):
        frame.pts = number
        yield frame


TASKS: dict[str, Callable[[Path, FilmSpec, str], None]] = {
    "ours": render_everything,
    "compose": write_frames,
    "own_encoder": encode_with_own_settings,
    "plain_veryfast": encode_veryfast,
    "moviepy": render_with_moviepy,
}


def main(task: str, folder: str, seconds: str, kind: str = "moving") -> None:
    TASKS[task](Path(folder), FilmSpec(float(seconds), kind == "tall", kind == "still"), kind)
    print(json.dumps({"reading": reading, "peak": _peak_memory()}))


def _peak_memory() -> float:
    """Return the peak memory of this program in MB, without the memory of the parent it was forked from."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    main(*sys.argv[1:])

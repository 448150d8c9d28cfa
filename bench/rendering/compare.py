"""Compare processes by cost, films by SSIM, and motion by phase correlation."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL.Image import Resampling

from bench.rendering.film import FPS
from pressrun.media.geometry import Shape
from pressrun.media.motion import ZoomedPicture
from pressrun.media.planes import Surface
from pressrun.media.shots import WHOLE, View

ZOOM_FRAMES = 40
PATCH = 256
"""Side in pixels of the square whose motion is measured. It is off-center because a zoom does not move the center."""


@dataclass(frozen=True)
class Cost:
    """Cost of a process and its children: CPU seconds (user and system), wall-clock seconds, and peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def cost(folder: Path, task: str, seconds: float, kind: str = "moving") -> Cost:
    """Run a task of `bench.rendering.tasks`. Raise `SystemExit` with its log if it fails."""
    argv = [sys.executable, "-m", "bench.rendering.tasks", task, str(folder), str(seconds), kind]
    log = folder / "task.log"
    clock = time.perf_counter()
    with log.open("wb") as errors, subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - clock
    if process.returncode:
        raise SystemExit(f"{task} failed:\n{log.read_text(errors='replace')[-2000:]}")
    report = json.loads(output.splitlines()[-1])
    return Cost(used.ru_utime + used.ru_stime - report["reading"], wall, report["peak"])


def medians(rounds: int, *measures: Callable[[], Cost]) -> list[Cost]:
    """Return the median cost of each measure. They run in turns, so that a busy moment affects all of them."""
    taken: list[list[Cost]] = [[] for _ in measures]
    for _ in range(rounds):
        for costs, measure in zip(taken, measures, strict=True):
            costs.append(measure())
    return [
        Cost(*(statistics.median(getattr(each, name) for each in costs) for name in ("cpu", "wall", "memory")))
        for costs in taken
    ]


def ssim(frames: Path, film: Path) -> tuple[float, float]:
    """Return the mean and lowest SSIM of a film against the composed frames, for luma and chroma together."""
    import imageio_ffmpeg

    stats = frames.with_suffix(".ssim")
    graph = "[0:v]settb=1/30,setpts=N[a];[1:v]settb=1/30,setpts=N[b];[a][b]ssim=stats_file=" + stats.name
    raw = ["-f", "rawvideo", "-pix_fmt", "nv12", "-s", "1920x1080", "-r", str(FPS), "-i", frames.name]
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *raw, "-i", film.name, "-lavfi", graph, "-f", "null", "-"]
    subprocess.run(argv, check=True, cwd=frames.parent, stdin=subprocess.DEVNULL)
    values = [float(each) for each in re.findall(r"All:([\d.]+)", stats.read_text())]
    return statistics.fmean(values), min(values)


def video_bytes(film: Path) -> int:
    """Return the bytes of the video stream only."""
    import av

    with av.open(str(film)) as file:
        return sum(packet.size for packet in file.demux(video=0))


def jitter(picture: Any, end: View) -> float:
    """Return the standard deviation, in pixels, of a zoom from the whole picture to `end` from even motion."""
    shape = Shape(1920, 1080)
    zoom, surface = ZoomedPicture(picture, WHOLE, end, shape), Surface.new(shape)

    def luma(share: float) -> Any:
        zoom.draw(share, surface)
        return surface.planes.luma

    return _motion_deviation(luma)


def jitter_of_whole_pixels(picture: Any, end: View) -> float:
    """Return the same for a zoom that crops a box of whole pixels and resizes it, as simple renderers do."""
    ground = picture.resize((1920, 1080)).convert("L")

    def luma(share: float) -> Any:
        width, height = (1 - (1 - end.width) * share) * 1920, (1 - (1 - end.height) * share) * 1080
        left, top = round(end.x * share * 1920), round(end.y * share * 1080)
        box = left, top, left + round(width), top + round(height)
        return np.asarray(ground.resize((1920, 1080), Resampling.BILINEAR, box))

    return _motion_deviation(luma)


def _motion_deviation(luma: Callable[[float], Any]) -> float:
    patches = [
        luma(0.4 + number / (FPS * 9))[100:100 + PATCH, 200:200 + PATCH].astype(float) for number in range(ZOOM_FRAMES)
    ]
    # The steps between neighbours, not their sum: one error of measurement would remain in all later sums. A step has
    # the errors of two positions, so its deviation is larger by the square root of two.
    steps = np.array([shift(before, after) for before, after in pairwise(patches)])
    numbers = np.arange(len(steps))
    off = [steps[:, axis] - np.polyval(np.polyfit(numbers, steps[:, axis], 1), numbers) for axis in (0, 1)]
    return float(max(np.std(each) for each in off) / np.sqrt(2))


def shift(before: Any, after: Any) -> Any:
    """Return the shift (down, right) in pixels from one patch to the next, by phase correlation.

    It is the slope of the phase of their spectra over the lower frequencies, which have the least noise.
    """
    window = np.outer(np.hanning(PATCH), np.hanning(PATCH))
    first, second = (np.fft.fft2((each - each.mean()) * window) for each in (before, after))
    cross = second * np.conj(first)
    down, right = np.meshgrid(np.fft.fftfreq(PATCH), np.fft.fftfreq(PATCH), indexing="ij")
    low = (np.hypot(down, right) < 0.12) & (np.hypot(down, right) > 0)
    weight = np.abs(cross[low])
    slopes = np.stack([down[low], right[low]], axis=1) * (-2 * np.pi)
    weighted = slopes * weight[:, None]
    return np.linalg.solve(weighted.T @ slopes, weighted.T @ np.angle(cross[low]))

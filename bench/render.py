"""What making a video costs, against the encoder alone, and how good it looks.

A film of scenes that move (photographs and drawn pictures, captions with the spoken word lit, cross-fades, progress
line, voice over music) is made whole, and its frames, composed beforehand, go through libx264 at plain veryfast and
through our encoder settings alone. All are processes of their own; their CPU time is counted, and they take turns. The
frames lie on the disk uncompressed meanwhile: 5.6 GB for a minute.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import disk_usage

from bench.rendering.compare import (
    Cost,
    cost,
    jitter,
    jitter_of_whole_pixels,
    medians,
    ssim,
    video_bytes,
)
from bench.rendering.film import FPS, prepare
from bench.rendering.landscapes import landscape
from bench.report import Figure, parse_arguments, report_figures
from pressrun.media.shots import View

FRAME_BYTES = 1920 * 1080 * 3 // 2


@dataclass(frozen=True)
class Plan:
    """How long the films are, in seconds, and how often each is made."""

    film: float
    still: float
    moviepy: float
    long: float
    brief: float
    """With `long`, the lengths whose peaks of memory are compared."""
    wide: float
    tall: float
    rounds: int

    @property
    def longest(self) -> float:
        return max(self.film, self.long, self.wide)


FULL = Plan(film=60, still=30, moviepy=6, long=600, brief=60, wide=120, tall=45, rounds=5)
SHORT = Plan(film=18, still=18, moviepy=2, long=60, brief=30, wide=32, tall=12, rounds=1)


def against_encoders(folder: Path, plan: Plan) -> list[Figure]:
    """The film against plain veryfast and against our settings, fed with composed frames."""
    frames = folder / "moving.yuv"
    cost(folder, "compose", plan.film)
    ours, plain, alone = medians(
        plan.rounds,
        *(partial(cost, folder, task, plan.film) for task in ("ours", "plain_veryfast", "own_encoder")),
    )
    (mean, worst), (plain_mean, _) = ssim(frames, folder / "moving.mp4"), ssim(frames, folder / "moving-veryfast.mp4")
    size = video_bytes(folder / "moving.mp4") / video_bytes(folder / "moving-veryfast.mp4")
    frames.unlink()
    name = f"{plan.film:g} s of moving 1080p{FPS}"
    return [
        Figure(f"{name}, everything, against plain veryfast alone", ours.cpu / plain.cpu, "x", 1.0, 0.75),
        Figure("the same, by the clock", ours.wall / plain.wall, "x"),
        Figure("its SSIM, against that of plain veryfast", mean - plain_mean, "", -0.002, at_most=False),
        Figure("its size, against that of plain veryfast", size, "x", 1.05),
        Figure("the same against our encoder settings alone", ours.cpu / alone.cpu, "x", 1.45, 1.25),
        Figure("SSIM against the composed frames, mean", mean, "", 0.985, at_most=False),
        Figure("SSIM against the composed frames, worst frame", worst, "", 0.965, at_most=False),
        Figure("CPU per second of video, everything", ours.cpu / plan.film, "s"),
        Figure("CPU per second of video, plain veryfast alone", plain.cpu / plan.film, "s"),
        against_moviepy(folder, plan, ours),
    ]


def against_moviepy(folder: Path, plan: Plan, ours: Cost) -> Figure:
    """A short span of the same kind of film made the ordinary way, each of them per second."""
    (ordinary,) = medians(1, partial(cost, folder, "moviepy", plan.moviepy))
    ratio = (ordinary.cpu / plan.moviepy) / (ours.cpu / plan.film)
    return Figure("moviepy the ordinary way costs", ratio, "x", 6, 10, at_most=False)


def without_motion(folder: Path, plan: Plan) -> Figure:
    cost(folder, "compose", plan.still, "still")
    ours, alone = medians(
        plan.rounds, *(partial(cost, folder, task, plan.still, "still") for task in ("ours", "own_encoder"))
    )
    (folder / "still.yuv").unlink()
    return Figure("cards without motion, against the encoder alone", ours.cpu / alone.cpu, "x", 1.5, 1.2)


def memory(folder: Path, plan: Plan) -> list[Figure]:
    brief, long = (cost(folder, "ours", seconds).memory for seconds in (plan.brief, plan.long))
    return [
        Figure(f"peak memory, {plan.long / 60:g} minutes of 1080p", long, "MB", 600, 450),
        Figure(f"the same, against {plan.brief / 60:g} minutes", long / brief, "x", 1.15),
    ]


def with_short(folder: Path, plan: Plan) -> Figure:
    wide, tall = medians(
        max(plan.rounds // 2, 1),
        partial(cost, folder, "ours", plan.wide), partial(cost, folder, "ours", plan.tall, "tall"),
    )
    name = f"a video of {plan.wide:g} s and a short of {plan.tall:g} s, against the video alone"
    return Figure(name, (wide.cpu + tall.cpu) / wide.cpu, "x", 1.45, 1.35)


def smoothness() -> list[Figure]:
    picture, end = landscape(0), View(0.03, 0.04, 0.93, 0.93)
    return [
        Figure("zoom jitter, standard deviation", jitter(picture, end), "px", 0.10, 0.08),
        Figure("zoom jitter of whole-pixel boxes", jitter_of_whole_pixels(picture, end), "px"),
    ]


def main() -> int:
    options = parse_arguments(__doc__ or "")
    plan = SHORT if options.short else FULL
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        needed = (max(plan.film, plan.still) * FPS * FRAME_BYTES) * 1.1
        if disk_usage(folder).free < needed:
            raise SystemExit(f"{folder} has no room for {needed / 1e9:.1f} GB of frames; set TMPDIR to one that has.")
        prepare(folder, plan.longest)
        figures = [
            *against_encoders(folder, plan),
            *smoothness(),
            without_motion(folder, plan),
            *memory(folder, plan),
            with_short(folder, plan),
        ]
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())

"""Measure the cost of a video against encoding only, and its quality.

A film of scenes that move (photographs and drawn pictures, captions with the spoken word lit, cross-fades, progress
line, voice over music) is rendered completely. Its composed frames are also encoded with plain libx264
veryfast and with our encoder settings. Each runs in its own process, and they take turns; the figures are CPU times.
The uncompressed frames are on disk meanwhile: 5.6 GB for a minute.
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
    """Lengths of the films in seconds, and how often each is rendered."""

    film: float
    still: float
    moviepy: float
    long: float
    brief: float
    """The peak memory of this length is compared with that of `long`."""
    wide: float
    tall: float
    rounds: int

    @property
    def longest(self) -> float:
        return max(self.film, self.long, self.wide)


FULL = Plan(film=60, still=30, moviepy=6, long=600, brief=60, wide=120, tall=45, rounds=5)
SHORT = Plan(film=18, still=18, moviepy=2, long=60, brief=30, wide=32, tall=12, rounds=1)


def against_encoders(folder: Path, plan: Plan) -> list[Figure]:
    """Compare the film with plain veryfast and with our settings, both fed with composed frames."""
    frames = folder / "moving.yuv"
    cost(folder, "compose", plan.film)
    ours, plain, encoder = medians(
        plan.rounds,
        *(partial(cost, folder, task, plan.film) for task in ("ours", "plain_veryfast", "own_encoder")),
    )
    (mean, worst), (plain_mean, _) = ssim(frames, folder / "moving.mp4"), ssim(frames, folder / "moving-veryfast.mp4")
    size = video_bytes(folder / "moving.mp4") / video_bytes(folder / "moving-veryfast.mp4")
    frames.unlink()
    name = f"{plan.film:g} s of moving 1080p{FPS}"
    return [
        Figure(f"{name}, everything, against only plain veryfast", ours.cpu / plain.cpu, "x", 1.0, 0.75),
        Figure("the same, by the clock", ours.wall / plain.wall, "x"),
        Figure("its SSIM, against that of plain veryfast", mean - plain_mean, "", -0.002, at_most=False),
        Figure("its size, against that of plain veryfast", size, "x", 1.05),
        Figure("the same against only our encoder settings", ours.cpu / encoder.cpu, "x", 1.45, 1.25),
        Figure("SSIM against the composed frames, mean", mean, "", 0.985, at_most=False),
        Figure("SSIM against the composed frames, worst frame", worst, "", 0.965, at_most=False),
        Figure("CPU per second of video, everything", ours.cpu / plan.film, "s"),
        Figure("CPU per second of video, only plain veryfast", plain.cpu / plan.film, "s"),
        against_moviepy(folder, plan, ours),
    ]


def against_moviepy(folder: Path, plan: Plan, ours: Cost) -> Figure:
    """Compare the cost per second with that of the same kind of film rendered with MoviePy."""
    (ordinary,) = medians(1, partial(cost, folder, "moviepy", plan.moviepy))
    ratio = (ordinary.cpu / plan.moviepy) / (ours.cpu / plan.film)
    return Figure("MoviePy, cost against ours", ratio, "x", 6, 10, at_most=False)


def without_motion(folder: Path, plan: Plan) -> Figure:
    cost(folder, "compose", plan.still, "still")
    ours, encoder = medians(
        plan.rounds, *(partial(cost, folder, task, plan.still, "still") for task in ("ours", "own_encoder"))
    )
    (folder / "still.yuv").unlink()
    return Figure("cards without motion, against only the encoder", ours.cpu / encoder.cpu, "x", 1.5, 1.2)


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
    name = f"a video of {plan.wide:g} s and a short of {plan.tall:g} s, against only the video"
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
            raise SystemExit(
                f"{folder} does not have {needed / 1e9:.1f} GB of free disk space for frames. "
                "Set TMPDIR to a folder that does."
            )
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

"""Promise 5: after a kill, finished stages never run again, and the interrupted one runs again exactly once.

`run-batch` is killed in the middle of every stage and at every boundary: before a stage, after it ended and before
that is on disk, between the two renames of a checkpoint, after it. Then the same command runs to its end.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass

from bench.faults.sabotaged import MOMENTS
from bench.faults.trial import STAGES, new_trial, partial_files, repeat, wait_for_exit
from bench.report import Figure

INTERRUPTS = ("middle", "unsaved", "half-saved")
"""Moments at which a stage has begun and its checkpoint does not say that it is finished."""


@dataclass(frozen=True)
class Kill:
    """What a kill at one moment of one stage led to."""

    moment: str
    stage: str
    killed: bool
    finished_again: int
    """Runs of finished stages beyond their first."""
    not_once_more: int
    """1 where the interrupted stage did not run exactly twice in all."""
    publications: int
    done: bool
    partial_files: int


def figures_of(places: list[tuple[str, str]]) -> list[Figure]:
    kills = repeat(len(places), lambda number, _: _kill_at(*places[number]), seed=5)
    for each in kills:
        if not each.killed or each.finished_again or each.not_once_more or each.publications != 2 or not each.done:
            print(each, file=sys.stderr)
    return [
        Figure("5 kills at boundaries and in stages", sum(each.killed for each in kills), "", required=len(places),
               at_most=False),
        Figure("5 finished stages that ran again", sum(each.finished_again for each in kills), "", required=0),
        Figure("5 interrupted stages not run once more", sum(each.not_once_more for each in kills), "", required=0),
        Figure("5 books published other than once", sum(each.publications != 2 for each in kills), "", required=0),
        Figure("5 books not done after the second start", sum(not each.done for each in kills), "", required=0),
        Figure("5 temporary files left", sum(each.partial_files for each in kills), "", required=0),
    ]


def _kill_at(moment: str, stage: str) -> Kill:
    with new_trial() as trial:
        title = f"Emma @{stage}:sleep=0.3" if moment == "middle" else "Emma"
        trial.list_books(title)
        options = trial.argv()[1:]
        sabotage = f"kill:{moment}:{stage}".rstrip(":")
        code, _ = wait_for_exit(trial.start([sys.executable, "-m", "bench.faults.sabotaged", sabotage, *options]))
        trial.wait_for(lambda: not trial.processes())
        trial.finish(title)
        log = trial.log()
        interrupted = stage if moment in INTERRUPTS else ""
        return Kill(
            moment, stage, code == -signal.SIGKILL,
            sum(log.count(each) - 1 for each in STAGES if each != interrupted),
            int(bool(interrupted) and log.count(stage) != 2),
            len(trial.published()),
            [each["status"] for each in trial.books()] == ["done"],
            len(partial_files(trial.folder)),
        )


def all_places() -> list[tuple[str, str]]:
    """Return every moment of every stage, and the one after the last book is in the database."""
    return [*((moment, stage) for stage in STAGES for moment in MOMENTS), ("recorded", "")]


def few_places() -> list[tuple[str, str]]:
    """Return one place of each kind, most of them where a second copy could be published."""
    return [
        ("before", "render"), ("middle", "tts"), ("middle", "upload"), ("middle", "shorts"), ("unsaved", "upload"),
        ("half-saved", "process"), ("after", "upload"), ("recorded", ""),
    ]


def some_places() -> list[tuple[str, str]]:
    """The middle of every stage, and for each stage one of its boundaries, and every boundary at least once."""
    boundaries = [each for each in MOMENTS if each != "middle"]
    return [
        *(("middle", stage) for stage in STAGES),
        *((boundaries[number % len(boundaries)], stage) for number, stage in enumerate(STAGES)),
        ("recorded", ""),
    ]


PLACES = {"few": few_places, "some": some_places, "all": all_places}

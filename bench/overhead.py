"""What the program itself costs: its start, and what it adds to each stage.

The engine runs books of seven stages that only start Python, checkpoints on disk included, beside a bare loop that
starts the same processes one after the other. Both alternate within one run; the figures are ratios of medians.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.report import Figure, parse_arguments, report_figures
from pressrun.engine.batch import run_batch
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.plan import make_plan
from pressrun.engine.process_runner import EventHandler, ProcessResult, ProcessRunner, StageProcess
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import owner_stamp
from pressrun.model.book import Book
from pressrun.model.stage import Stage, pipeline
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

START_PYTHON = (sys.executable, "-c", "pass")
STAGES = ("search", "transcribe", "process", "tts", "render", "upload", "shorts")
ONLY_START = pipeline("only-start", *(Stage(name, "-") for name in STAGES))


class StartPython(ProcessRunner):
    """Starts Python in place of each stage."""

    def run(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> ProcessResult:
        return super().run(replace(process, argv=START_PYTHON), stop, on_event)


def bare_loop(books: int) -> float:
    """Seconds for the same processes without any program around them."""
    clock = time.perf_counter()
    for _ in range(books * len(STAGES)):
        subprocess.run(START_PYTHON, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - clock


def engine(books: int) -> float:
    """Seconds for a whole batch: plan, run folders, checkpoints, database."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder).resolve())
        clock = time.perf_counter()
        settings = load_settings(workspace.root, {"delay": 0})
        spec = BatchSpec(workspace, ONLY_START, settings)
        plan = make_plan([Book(f"Book {n}") for n in range(books)], spec)
        result = run_batch(plan, spec, runner=StartPython(workspace.root, owner_stamp(workspace.root)))
        seconds = time.perf_counter() - clock
        if len(result.of("success")) != books:
            raise SystemExit(f"The batch did not succeed: {result}")
    return seconds


def command(*argv: str) -> Callable[[], float]:
    def run() -> float:
        clock = time.perf_counter()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return time.perf_counter() - clock

    return run


def medians(repetitions: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each, taken in turns so that a busy moment meets all of them."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(repetitions):
        for times, measure in zip(taken, measures, strict=True):
            times.append(measure())
    return [statistics.median(times) for times in taken]


def main() -> int:
    options = parse_arguments(__doc__ or "")
    books, rounds = (10, 3) if options.short else (50, 3)
    run_batch_command = str(Path(sys.executable).with_name("run-batch"))
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        (workspace / "books.txt").write_text("Walden | Henry David Thoreau\n", encoding="utf-8")
        dry_run = (run_batch_command, "--workspace", folder, "--file", str(workspace / "books.txt"), "--dry-run")
        imports, help_, dry = medians(
            5 if options.short else 15,
            command(sys.executable, "-c", "import click, rich.console"),
            command(run_batch_command, "--help"),
            command(*dry_run),
        )
    bare, ours = medians(rounds, lambda: bare_loop(books), lambda: engine(books))
    stages = books * len(STAGES)
    figures = [
        Figure("run-batch --help, against importing click and rich", help_ / imports, "x", required=3.0, target=1.5),
        Figure("run-batch --help", help_ * 1000, "ms"),
        Figure("run-batch --dry-run, one book", dry * 1000, "ms"),
        Figure(f"{stages} stages, against a loop of bare processes", ours / bare, "x", required=1.6, target=1.3),
        Figure("added per stage", (ours - bare) / stages * 1000, "ms"),
        Figure("bare process", bare / stages * 1000, "ms"),
    ]
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())

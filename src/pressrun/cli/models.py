"""`pressrun models`: list the speech recognition models, download and measure them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pressrun.cli.command import run_command
from pressrun.cli.results import write_stream
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_FAILED, EXIT_OK
from pressrun.model.speech_models import MODELS
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

PLAIN_STEP = 10
"""Percent between two lines of progress without a terminal."""


def list_models(workspace: Path | None) -> int:
    """Print a table of all models; return the exit code."""

    def work(place: Workspace) -> int:
        from rich.table import Table

        from pressrun.services.transcribers import model_downloads

        settings = load_settings(place.root).item
        rows = [
            (
                each.name + (" *" if each.in_use else ""),
                f"{each.size / 1e6:,.0f} MB",
                each.languages,
                f"{each.memory:,} MB" if each.measured.memory else f"about {each.memory:,} MB",
                f"{1 / each.measured.speed:.1f}x" if each.measured.speed else "-",
                each.requirement,
            )
            for each in model_downloads.list_models(settings.whisper_model, place.root, settings.language)
        ]
        screen = open_screen(sys.stdout)
        if not screen.animated:
            return EXIT_OK if write_stream("".join("\t".join(row) + "\n" for row in rows)) else EXIT_FAILED
        table = Table("model", "size", "languages", "memory", "speed", "requires", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*row, style="dim" if row[-1] else "")
        screen.console.print(table)
        screen.print("* in use. Speed: seconds of sound per second. To measure it here: pressrun models measure")
        return EXIT_OK

    return run_command(workspace, work, writes=False)


def get(workspace: Path | None, names: tuple[str, ...]) -> int:
    """Download models and print their folders; return the exit code."""

    def work(_: Workspace) -> int:
        from pressrun.services.transcribers import model_downloads

        for name in names:
            size = MODELS[name].size if name in MODELS else 0
            with _progress(name, size) as on_bytes:
                folder = model_downloads.get_model(name, on_bytes)
            if folder is None:
                open_screen().print(f"{name} is already on this machine, and its files are correct")
            elif not write_stream(f"{folder}\n"):
                return EXIT_FAILED
        return EXIT_OK

    return run_command(workspace, work, writes=False)


def measure(workspace: Path | None, names: tuple[str, ...]) -> int:
    """Measure models, by default all on this machine, and print memory and speed; return the exit code."""

    def work(place: Workspace) -> int:
        from pressrun.services import model_measuring
        from pressrun.services.transcribers.models import find_models

        for name in names or [name for name, _ in find_models()]:
            found = model_measuring.measure(name, place.root)
            if not write_stream(f"{name}\t{found.memory:,} MB\t{1 / found.speed:.1f}x\n"):
                return EXIT_FAILED
        return EXIT_OK

    return run_command(workspace, work, writes=False)


@contextmanager
def _progress(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Yield what shows the bytes on disk: a bar in a terminal, else a line for each tenth."""
    screen = open_screen()
    if screen.animated:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=screen.console, transient=True) as progress:
            task = progress.add_task(name, total=size)
            yield lambda count: progress.update(task, completed=count)
        return
    shown = -1

    def show(count: int) -> None:
        nonlocal shown
        step = count * 100 // size // PLAIN_STEP * PLAIN_STEP if size else 0
        if step > shown and count < size:
            screen.print(f"{name}: {step} % of {size / 1e6:,.0f} MB")
            shown = step

    yield show

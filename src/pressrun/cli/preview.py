"""`pressrun preview`: show what the video of a book will look like, before the slow render."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.screen import Screen, open_screen
from pressrun.engine.signals import stop_on_signals
from pressrun.errors import EXIT_OK, PressrunError, UsageError
from pressrun.model.book import Book
from pressrun.model.stage_protocol import Note, Progress, StageEvent
from pressrun.pipelines import chosen_pipeline
from pressrun.pipelines.book_video import PREVIEW
from pressrun.settings import load_settings
from pressrun.store.atomic import remove_partials
from pressrun.store.books_file import parse_book
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.engine.process_runner import Terminating


def preview(book: str, workspace: Path | None, flags: Mapping[str, Any]) -> int:
    """Create the preview of `book` and print the paths of its files; return the exit code."""
    return run_command(workspace, lambda place: _preview(parse_book(book), place, flags, open_screen()))


def _preview(book: Book, workspace: Workspace, flags: Mapping[str, Any], screen: Screen) -> int:
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.planner import make_planner
    from pressrun.engine.single_stage import run_single_stage
    from pressrun.engine.stop import StopToken

    settings = load_settings(workspace.root, flags)
    planner = make_planner(BatchSpec(workspace, chosen_pipeline(), settings))
    folder = planner.latest_folder(book)
    if folder is None or not all((folder.path / name).is_file() for name in PREVIEW.needs):
        problem = "was never started" if folder is None else "has no voice yet"
        raise UsageError(f"{book} {problem}", remedy=f'Run this first: run-pipeline "{book}" --until tts')
    screen.print(f"Preview of {folder.item.book} from {workspace.relative(folder.path)}")
    stop = StopToken()
    with stop_on_signals(stop), _ProgressLine(screen) as progress:
        values = planner.config(folder).settings
        ended = run_single_stage(PREVIEW, folder.path, workspace.root, values, settings.run, stop, progress)
        remove_partials((folder.path / PREVIEW.makes[0]).parent)
    if stop:
        raise KeyboardInterrupt
    if ended.error or ended.status != 0:
        message = ended.error.message if ended.error else f"The preview exited with status {ended.status}"
        remedy = ended.error.remedy if ended.error else f"See its log: {folder.log(PREVIEW.name)}"
        raise PressrunError(message, remedy=remedy)
    results.write_paths(path for name in PREVIEW.makes if (path := folder.path / name).is_file())
    return EXIT_OK


class _ProgressLine:
    """Receives the events of the stage, and shows its progress in one line on a terminal."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._status = screen.console.status("Preview") if screen.animated else None

    def __enter__(self) -> _ProgressLine:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, event: StageEvent | Terminating) -> None:
        match event:
            case Note(text):
                self._screen.print(text)
            case Progress(done, total) if self._status and total:
                self._status.update(f"Preview {done / total:.0%}")

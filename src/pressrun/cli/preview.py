"""`pressrun preview`: what the video of a book will look like, before the long part."""

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
from pressrun.store.run_folder import RunFolder, RunIndex
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.engine.process_runner import Terminating


def preview(book: str, workspace: Path | None, flags: Mapping[str, Any]) -> int:
    """Makes the preview of `book`, prints its paths, and returns the exit code; errors have become words by then."""
    return run_command(workspace, lambda place: _preview(parse_book(book), place, flags, open_screen()))


def _preview(book: Book, workspace: Workspace, flags: Mapping[str, Any], screen: Screen) -> int:
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.planner import make_planner
    from pressrun.engine.stage_run import run_single_stage
    from pressrun.engine.stop import StopToken

    settings = load_settings(workspace.root, flags)
    planner = make_planner(BatchSpec(workspace, chosen_pipeline(), settings))
    entry, index = planner.database.find(book), RunIndex(workspace)
    folder = planner.folder(book, entry, index) or _newest(book, index, planner.spec.pipeline.names)
    if folder is None or not all((folder.path / name).is_file() for name in PREVIEW.needs):
        raise _nothing_spoken(book, folder is None)
    screen.say(f"Preview of {folder.item.book} from {workspace.relative(folder.path)}")
    stop = StopToken()
    with stop_on_signals(stop), _Progress(screen) as progress:
        values = planner.config(folder).settings
        ended = run_single_stage(PREVIEW, folder.path, workspace.root, values, settings.run, stop, progress)
        remove_partials((folder.path / PREVIEW.makes[0]).parent)
    if stop:
        raise KeyboardInterrupt
    if ended.error or ended.status != 0:
        message = ended.error.message if ended.error else f"The preview ended with exit status {ended.status}"
        remedy = ended.error.remedy if ended.error else f"Its log says more: {folder.log(PREVIEW.name)}"
        raise PressrunError(message, remedy=remedy)
    results.write_paths(path for name in PREVIEW.makes if (path := folder.path / name).is_file())
    return EXIT_OK


def _newest(book: Book, index: RunIndex, stages: tuple[str, ...]) -> RunFolder | None:
    """A run folder that the database does not know (any more)."""
    from pressrun.store import run_folder

    paths = index.find(book)
    return run_folder.read(paths[0], stages) if paths else None


def _nothing_spoken(book: Book, unknown: bool) -> UsageError:
    what = "was never started" if unknown else "has no spoken text yet"
    return UsageError(f"{book} {what}", remedy=f'Run first: run-pipeline "{book}" --until tts')


class _Progress:
    """How far the preview is, in one line that is written over; nothing where lines stay."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._status = screen.console.status("Preview") if screen.animated else None

    def __enter__(self) -> _Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, event: StageEvent | Terminating) -> None:
        match event:
            case Note(text):
                self._screen.say(text)
            case Progress(done, total) if self._status and total:
                self._status.update(f"Preview {done / total:.0%}")

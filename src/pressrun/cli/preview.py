"""`pressrun preview`: what the video of a book will look like, before the long part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.screen import Screen, open_screen
from pressrun.engine.signals import stop_on_signals
from pressrun.errors import EXIT_OK, PressrunError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions
from pressrun.pipelines import chosen_pipeline
from pressrun.pipelines.book_video import PREVIEW
from pressrun.settings import load_settings
from pressrun.store.atomic import remove_partials
from pressrun.store.books_file import parse_book
from pressrun.store.run_folder import RunFolder, RunIndex
from pressrun.store.workspace import Workspace


def preview(book: str, workspace: Path | None, flags: Mapping[str, Any]) -> int:
    """Makes the preview of `book`, prints its paths, and returns the exit code; errors have become words by then."""
    return run_command(workspace, lambda place: _preview(parse_book(book), place, flags, open_screen()))


def _preview(book: Book, workspace: Workspace, flags: Mapping[str, Any], screen: Screen) -> int:
    from pressrun.engine.aside import run_aside
    from pressrun.engine.plan import make_planner
    from pressrun.engine.stop import StopToken

    settings = load_settings(workspace.root, flags)
    planner = make_planner(workspace, chosen_pipeline(), settings, RunOptions(), ())
    entry, index = planner.database.find(book), RunIndex(workspace)
    folder = planner.folder(book, entry, index) or _newest(book, index, planner.pipeline.names)
    if folder is None or not all((folder.path / name).is_file() for name in PREVIEW.needs):
        raise _nothing_spoken(book, folder is None)
    screen.say(f"Preview of {folder.item.book} from {workspace.relative(folder.path)}")
    stop = StopToken()
    with stop_on_signals(stop), _Progress(screen) as progress:
        values = planner.wanted(folder).settings
        ended = run_aside(PREVIEW, folder.path, workspace.root, values, settings.run, stop, progress.said)
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
    what = "has not been begun" if unknown else "has no spoken text yet"
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

    def said(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "note":
            self._screen.say(str(event["text"]))
        elif event["event"] == "progress" and self._status and event["total"]:
            self._status.update(f"Preview {event['done'] / event['total']:.0%}")

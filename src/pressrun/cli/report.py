"""`pressrun report`: a batch as a page to look at in the browser."""

from __future__ import annotations

from pathlib import Path

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.screen import open_screen
from pressrun.error_reports import from_os_error
from pressrun.errors import EXIT_OK, FileTroubleError
from pressrun.pipelines import chosen_pipeline
from pressrun.store.workspace import Workspace


def report(workspace: Path | None, which: str, output: Path | None, *, show: bool) -> int:
    """Writes the page of the batch that `which` names and prints its path; returns the exit code."""

    def work(place: Workspace) -> int:
        path = write_report(place, which, output)
        results.write_paths([path])
        if show:
            _show(path)
        return EXIT_OK

    return run_command(workspace, work)


def write_report(workspace: Workspace, which: str, output: Path | None = None) -> Path:
    """The page of a batch, at `output` or beside its record. Returns its path.

    Raises `UsageError` where there is no such batch, `BrokenFileError` for a broken record, `FileTroubleError` or
    `NoSpaceError` where the page cannot be written.
    """
    from pressrun.cli.report_page import page
    from pressrun.store import atomic, batch_record

    record = batch_record.find(workspace, which)
    text = page(batch_record.load(record), workspace, chosen_pipeline().names)
    path = (output or record.with_suffix(".html")).absolute()
    try:
        atomic.write_bytes(path, text.encode())
    except FileNotFoundError as error:
        raise FileTroubleError(
            f"{path} cannot be written: there is no folder {path.parent}", remedy="Make it, or name another place."
        ) from error
    except OSError as error:
        raise from_os_error(error, path) or error from error
    return path


def _show(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.as_uri()):
        open_screen().warn("No browser could be opened; open the file yourself.")

"""`pressrun report`: write the report of a batch as one HTML file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.formatting import clean_text, format_duration, format_estimate, format_size, pluralize
from pressrun.cli.screen import open_screen
from pressrun.cli.summary import resume_hint
from pressrun.error_reports import from_os_error
from pressrun.errors import EXIT_OK, FileTroubleError
from pressrun.pipelines import chosen_pipeline
from pressrun.store.batch_record import BatchRecord, BookRecord
from pressrun.store.workspace import Workspace

TEMPLATE = "report.html"
THUMBNAIL = "thumbnail.jpg"
MAX_THUMBNAILS = 240
MAX_LARGE_THUMBNAILS = 60
"""Above this many finished books, thumbnails are smaller to keep the file small."""
LARGE_WIDTH, SMALL_WIDTH = 480, 320
"""Width of thumbnails in pixels."""
MAX_UNFOLDED_ROWS = 12
"""Rows of a list that are shown without a click."""
MIN_BAR_PERCENT = 0.4
LINKABLE_SCHEMES = frozenset(("http", "https", "file"))


def report(workspace: Path | None, which: str, output: Path | None, *, show: bool) -> int:
    """Write the report of the batch named `which`, print its path and return the exit code."""

    def work(place: Workspace) -> int:
        path = write_report(place, which, output)
        results.write_paths([path])
        if show:
            _open_in_browser(path)
        return EXIT_OK

    return run_command(workspace, work)


def write_report(workspace: Workspace, which: str, output: Path | None = None) -> Path:
    """Write the report of a batch to `output`, by default beside its record, and return the path.

    Raises `UsageError` if there is no such batch, `BrokenFileError` if its record is invalid, `FileTroubleError` or
    `NoSpaceError` if the report cannot be written.
    """
    from pressrun.store import atomic, batch_record

    record = batch_record.find(workspace, which)
    page = render_report(batch_record.load(record), workspace, chosen_pipeline().names)
    path = (output or record.with_suffix(".html")).absolute()
    try:
        atomic.write_bytes(path, page.encode())
    except FileNotFoundError as error:
        raise FileTroubleError(
            f"Cannot write {path}: there is no folder {path.parent}",
            remedy="Create the folder, or choose another one with --output.",
        ) from error
    except OSError as error:
        raise from_os_error(error, path) or error from error
    return path


def _open_in_browser(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.as_uri()):
        open_screen().warn("Could not open a browser. Open the file yourself.")


def render_report(record: BatchRecord, workspace: Workspace, stages: tuple[str, ...]) -> str:
    """Return the page: one HTML file that loads nothing, for light and dark screens, phones and paper.

    `stages` gives the order of the stages. Thumbnails come from run folders that still exist.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=_clean_value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": format_duration, "estimate": format_estimate, "size": format_size, "pluralize": pluralize,
    }
    environment.tests["linkable"] = is_linkable
    finished = record.of("success") + record.of("resumed")
    published_again = record.asked.get("command") == "publish"
    return environment.get_template(TEMPLATE).render(
        record=record,
        workspace=str(workspace.root),
        headline=headline(record),
        resume_hint=resume_hint(record.asked),
        retry_command="pressrun publish BOOK" if published_again else "pressrun retry-failed",
        finished=list(zip(finished, _thumbnails(finished, workspace), strict=True)),
        log_urls={book.number: _log_url(book, workspace) for book in record.of("failed")},
        stages=stage_totals(record.books, stages),
        warnings=[*record.warnings, *(f"{book.book}: {each}" for book in record.books for each in book.warnings)],
        options=_options(record),
        few=MAX_UNFOLDED_ROWS,
        version=version("pressrun"),
    )


def _clean_value(value: Any) -> Any:
    """Remove control and bidirectional characters from a value of the template; markup is clean already."""
    return value if hasattr(value, "__html__") else clean_text(str(value))


def is_linkable(url: str) -> bool:
    """Return whether `url` may be a link: a web or file address, but nothing like `javascript:`."""
    try:
        return urlsplit(url).scheme in LINKABLE_SCHEMES
    except ValueError:
        return False


def headline(record: BatchRecord) -> str:
    """Return `5 books: 3 finished, 2 failed`."""
    counts = record.counts
    finished = counts.get("success", 0) + counts.get("resumed", 0)
    parts = [(finished, "finished"), (counts.get("failed", 0), "failed"), (counts.get("skipped", 0), "skipped")]
    listed = ", ".join(f"{number:,} {word}" for number, word in parts if number)
    return f"{pluralize(sum(counts.values()), 'book')}: {listed or 'nothing to do'}"


@dataclass(frozen=True)
class Thumbnail:
    """A small copy of a thumbnail: a JPEG in Base64, with its size in pixels."""

    data: str
    width: int
    height: int


def _thumbnails(books: Sequence[BookRecord], workspace: Workspace) -> list[Thumbnail | None]:
    width = LARGE_WIDTH if len(books) <= MAX_LARGE_THUMBNAILS else SMALL_WIDTH
    return [
        _thumbnail(book, workspace, width) if number < MAX_THUMBNAILS else None for number, book in enumerate(books)
    ]


def _thumbnail(book: BookRecord, workspace: Workspace, width: int) -> Thumbnail | None:
    from pressrun.media.pictures import small_jpeg

    path = _path_in_workspace(workspace, book.run_folder, THUMBNAIL)
    small = small_jpeg(path, width) if path else None
    return small and Thumbnail(base64.b64encode(small[0]).decode(), small[1], small[2])


def _log_url(book: BookRecord, workspace: Workspace) -> str | None:
    path = _path_in_workspace(workspace, book.log)
    return path.as_uri() if path else None


def _path_in_workspace(workspace: Workspace, folder: str | None, name: str = "") -> Path | None:
    """Return the path that a record names, or None if it is outside the workspace."""
    if not folder:
        return None
    path = workspace.root / folder / name
    return path if path.resolve().is_relative_to(workspace.root.resolve()) else None


@dataclass(frozen=True)
class StageTotal:
    """The time that one stage took for all books."""

    name: str
    seconds: float
    books: int
    share: float
    """Of the time of all stages, 0 to 1."""
    bar_percent: float
    """Length of its bar; the slowest stage has 100."""


def stage_totals(books: Iterable[BookRecord], order: tuple[str, ...]) -> list[StageTotal]:
    """Return the time of each stage that ran, in the order of the pipeline; unknown stages come last."""
    seconds: dict[str, list[float]] = {}
    for book in books:
        for stage in book.stages:
            seconds.setdefault(stage.name, []).append(stage.seconds)
    sums = {name: sum(times) for name, times in seconds.items()}
    total, longest = sum(sums.values()) or 1.0, max(sums.values(), default=0.0) or 1.0
    names = [name for name in order if name in sums] + [name for name in sums if name not in order]
    return [
        StageTotal(
            name, sums[name], len(seconds[name]), sums[name] / total, max(MIN_BAR_PERCENT, 100 * sums[name] / longest)
        )
        for name in names
    ]


def _options(record: BatchRecord) -> dict[str, str]:
    """Return the command, its options and the settings that were changed."""
    options = {"command": "run-batch", **record.asked, **record.settings}
    return {name: _option_text(value) for name, value in options.items()}


def _option_text(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)

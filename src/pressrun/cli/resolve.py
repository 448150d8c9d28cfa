"""`pressrun resolve`: record whether an interrupted upload succeeded."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pressrun.cli.command import run_command
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_OK, UsageError
from pressrun.pipelines import chosen_pipeline
from pressrun.settings import load_settings
from pressrun.store.books_file import parse_book
from pressrun.store.workspace import Workspace

_YOUTUBE_URL = re.compile(
    r"https://(?:youtu\.be/|(?:www\.|m\.)?youtube\.com/(?:watch\?(?:\S*&)?v=|shorts/))[\w-]{11}(?:[?&#]\S*)?"
)


def resolve(book: str, workspace: Path | None, url: str | None, stage: str | None, *, not_published: bool) -> int:
    """Record the answer for `book`; return the exit code."""
    return run_command(workspace, lambda place: _resolve(book, place, url, stage, not_published))


def _resolve(text: str, workspace: Workspace, url: str | None, stage_name: str | None, not_published: bool) -> int:
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.planner import make_planner
    from pressrun.engine.publication import product_label
    from pressrun.engine.resolve_upload import find_unresolved, resolve_upload

    if (url is None) != not_published:
        raise UsageError(
            "--url and --not-published exclude each other" if url else "--url or --not-published is required",
            remedy="Give exactly one of them.",
        )
    planner = make_planner(BatchSpec(workspace, chosen_pipeline(), load_settings(workspace.root)))
    book = parse_book(text)
    if url is not None:
        folder, _ = find_unresolved(planner, book, stage_name)
        check_url(url, folder.item.services.get("publisher", ""))
    stage, done = resolve_upload(planner, book, url, stage_name)
    screen, product = open_screen(), product_label(stage)
    if url is None:
        screen.print(f"{book}: the {product} counts as not published. The next run publishes it.")
    else:
        screen.print(f"{book}: the {product} counts as published at")
        screen.console.print(screen.text(url), soft_wrap=True)
    screen.print("The book is done." if done else f'To continue: run-pipeline "{book}"')
    return EXIT_OK


def check_url(url: str, publisher: str) -> None:
    """Raise `UsageError` if `url` cannot be the URL of something that `publisher` published."""
    if publisher == "youtube":
        if not _YOUTUBE_URL.fullmatch(url):
            raise UsageError(
                f"--url: {url} is not the URL of a YouTube video",
                remedy="Use https://youtu.be/ID or https://www.youtube.com/watch?v=ID, with an ID of 11 characters.",
            )
    elif not _is_url(url):
        raise UsageError(f"--url: {url} is not a valid URL", remedy="Use a full URL: https:// with a host and a path.")


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    if parts.scheme == "file":
        return bool(parts.path)
    return parts.scheme in ("https", "http") and bool(parts.hostname)

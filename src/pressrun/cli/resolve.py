"""`pressrun resolve`: the user's word on whether something was published."""

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

_FORMS = {
    "youtube": (
        re.compile(
            r"https://(?:youtu\.be/|(?:www\.|m\.)?youtube\.com/(?:watch\?(?:\S*&)?v=|shorts/))[\w-]{11}(?:[?&#]\S*)?"
        ),
        "https://youtu.be/ID or https://www.youtube.com/watch?v=ID, with an ID of 11 characters",
    ),
}
"""Publisher -> the form of its addresses, and how a user writes one."""
_ANY_FORM = "https://, with the name of the host and the path"


def resolve(book: str, workspace: Path | None, url: str | None, stage: str | None, *, not_published: bool) -> int:
    """Writes the answer for `book` and returns the exit code; errors have become words by then."""
    return run_command(workspace, lambda place: _resolve(book, place, url, stage, not_published))


def _resolve(named: str, workspace: Workspace, url: str | None, stage_name: str | None, not_published: bool) -> int:
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.planner import make_planner
    from pressrun.engine.publication import product_label
    from pressrun.engine.resolve_upload import find_unresolved, resolve_upload

    if (url is None) != not_published:
        raise UsageError(
            "Both --url and --not-published were given" if url else "Neither --url nor --not-published was given",
            remedy="Give the one of them that is true.",
        )
    settings = load_settings(workspace.root)
    planner = make_planner(BatchSpec(workspace, chosen_pipeline(), settings))
    book = parse_book(named)
    if url is not None:
        folder, _ = find_unresolved(planner, book, stage_name)
        check_address(url, folder.item.services.get("publisher", ""))
    stage, done = resolve_upload(planner, book, url, stage_name)
    screen, thing = open_screen(), product_label(stage)
    if url is None:
        screen.say(f"{book}: its {thing} counts as not published, and the next run publishes it.")
    else:
        screen.say(f"{book}: its {thing} counts as published at")
        screen.console.print(screen.text(url), soft_wrap=True)
    screen.say("The book is done." if done else f'To go on: run-pipeline "{book}"')
    return EXIT_OK


def check_address(url: str, publisher: str) -> None:
    """Raises `UsageError` for what cannot be the address of something that `publisher` published."""
    form, shown = _FORMS.get(publisher, (None, _ANY_FORM))
    if form and not form.fullmatch(url):
        raise UsageError(f"--url: {url} is no address of a video on YouTube", remedy=f"Write it as {shown}.")
    if not form and not _is_address(url):
        raise UsageError(f"--url: {url} is no address", remedy=f"It begins with {shown}.")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    blank = any(letter.isspace() or not letter.isprintable() for letter in url)
    if parts.scheme == "file":
        return bool(parts.path) and not blank
    return parts.scheme in ("https", "http") and bool(parts.hostname) and not blank

"""What happens when a batch has ended: its record is written, and somebody is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from pressrun.cli.formatting import clean_text
from pressrun.cli.options import Request
from pressrun.cli.screen import Screen
from pressrun.cli.summary import headline
from pressrun.errors import PressrunError
from pressrun.model.result import BatchResult
from pressrun.redaction import redact

_NOT_ASKED = ("flags", "workspace", "books", "notify", "yes", "dry_run", "explain", "full", "output_format")
MOST_NAMED = 20
"""Failed books that a message names."""


def asked(request: Request) -> dict[str, Any]:
    """The command and those of its options that are no settings and were given."""
    command = "retry-failed" if request.books is not None else "run-pipeline" if request.book else "run-batch"
    given = {
        each.name: getattr(request, each.name)
        for each in fields(request)
        if each.name not in _NOT_ASKED and getattr(request, each.name) != each.default
    }
    return {"command": command, **given}


def notify_address(given: str | None) -> str | None:
    """Where to tell of the end, or None. What cannot be used is said before anything runs."""
    from pressrun.services.notify import address

    return address(given)


@contextmanager
def tells_of_errors(address: str | None, workspace: Path) -> Iterator[None]:
    """Around what happens while nobody looks: an error that ends the program is sent to `address`, and goes on."""
    try:
        yield
    except Exception as error:
        if address is not None:
            from pressrun.services.notify import send

            said = f"{error.message}. {error.remedy}" if isinstance(error, PressrunError) else str(error)
            body = clean_text(redact(f"{said} In {workspace}"))
            send(address, "Pressrun: an error ended the program", body, "failure")
        raise


def notify(address: str | None, screen: Screen, workspace: Path, result: BatchResult) -> None:
    """Sends one message on how the batch ended; a failure to is a warning."""
    if address is None:
        return
    from pressrun.services.notify import Kind, send

    kind: Kind = "failure" if result.of("failed") else "warning" if result.interrupted else "success"
    trouble = send(address, f"Pressrun: {headline(result)}", message(workspace, result), kind, hurry=result.interrupted)
    if trouble:
        screen.warn(f"The notification could not be sent: {trouble}.")


def message(workspace: Path, result: BatchResult) -> str:
    """The headline and the failed books, as plain text without control characters."""
    failed = result.of("failed")
    lines = [headline(result) + (", interrupted" if result.interrupted else "") + f". In {workspace}"]
    for each in failed[:MOST_NAMED]:
        reason = each.error.message if each.error else ""
        remedy = f" {each.error.remedy}" if each.error and each.error.remedy else ""
        lines.append(f"Failed: {each.book}, at {each.stage or 'the start'}: {reason}.{remedy}")
    if len(failed) > MOST_NAMED:
        lines.append(f"and {len(failed) - MOST_NAMED} more; pressrun report shows all of them")
    return "\n".join(clean_text(line) for line in lines)

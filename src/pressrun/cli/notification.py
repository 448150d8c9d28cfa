"""`--notify`: send a message when a batch has ended, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pressrun.cli.formatting import clean_text
from pressrun.cli.screen import Screen
from pressrun.cli.summary import headline
from pressrun.errors import PressrunError
from pressrun.model.result import BatchResult
from pressrun.redaction import redact

MAX_LISTED_FAILURES = 20


def notification_url(given: str | None) -> str | None:
    """Return the URL to notify, or None. Raises the errors of an invalid one, so that they come before the run."""
    from pressrun.services.notify import find_address

    return find_address(given)


@contextmanager
def notify_on_error(url: str | None, workspace: Path) -> Iterator[None]:
    """Inside the block, where nobody may be watching, send each exception to `url` before it propagates."""
    try:
        yield
    except Exception as error:
        if url is not None:
            from pressrun.services.notify import send_message

            text = f"{error.message}. {error.remedy}" if isinstance(error, PressrunError) else str(error)
            body = clean_text(redact(f"{text} Workspace: {workspace}"))
            send_message(url, "Pressrun: the batch ended with an error", body, "failure")
        raise


def notify_finished(url: str | None, screen: Screen, workspace: Path, result: BatchResult) -> None:
    """Send one message about the result of a batch. If that fails, only warn."""
    if url is None:
        return
    from pressrun.services.notify import Kind, send_message

    kind: Kind = "failure" if result.of("failed") else "warning" if result.interrupted else "success"
    body = result_message(workspace, result)
    problem = send_message(url, f"Pressrun: {headline(result)}", body, kind, hurry=result.interrupted)
    if problem:
        screen.warn(f"The notification could not be sent: {problem}.")


def result_message(workspace: Path, result: BatchResult) -> str:
    """Return the headline and the failed books, as plain text without control characters."""
    failed = result.of("failed")
    interrupted = ", interrupted" if result.interrupted else ""
    lines = [f"{headline(result)}{interrupted}. Workspace: {workspace}"]
    for each in failed[:MAX_LISTED_FAILURES]:
        error = each.error.message if each.error else ""
        remedy = f" {each.error.remedy}" if each.error and each.error.remedy else ""
        lines.append(f"Failed: {each.book}, at {each.stage or 'the start'}: {error}.{remedy}")
    if len(failed) > MAX_LISTED_FAILURES:
        lines.append(f"and {len(failed) - MAX_LISTED_FAILURES} more; pressrun report shows all of them")
    return "\n".join(clean_text(line) for line in lines)

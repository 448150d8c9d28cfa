"""`pressrun webhooks`: list webhooks, send them again, test a URL, and show or rotate the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.cli.command import handle_errors
from pressrun.cli.formatting import clean_text, pluralize
from pressrun.cli.queue import open_queue
from pressrun.cli.results import write_stream
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_FAILED, EXIT_OK, UsageError

if TYPE_CHECKING:
    from pressrun.jobs.connection import Row

MAX_LISTED = 100


def list_webhooks(user: str | None, batch: str | None, state: str | None) -> int:
    """Print one line per webhook, newest first; return the exit code."""

    def work() -> int:
        with open_queue(user) as queue:
            from pressrun.jobs.webhooks import outbox

            rows = outbox.list_webhooks(queue, batch_id=batch, state=state, size=MAX_LISTED + 1)
        for row in rows[:MAX_LISTED]:
            write_stream(f"{_line(row)}\n")
        if not rows:
            open_screen().print(f"{queue.user} has no webhooks here. A batch with a callback_url sends them.")
        elif len(rows) > MAX_LISTED:
            open_screen().print(f"Only the newest {MAX_LISTED} are listed.")
        return EXIT_OK

    return handle_errors(work)


def replay(name: str, user: str | None) -> int:
    """Send a webhook again, or all of a batch that were not delivered; return the exit code."""

    def work() -> int:
        with open_queue(user) as queue:
            from pressrun.jobs.webhooks import outbox

            for row in outbox.replay(queue, name):
                write_stream(f"{_line(row)}\n")
        return EXIT_OK

    return handle_errors(work)


def send_test(url: str, user: str | None) -> int:
    """Send a test to `url` now, print the result, and return the exit code."""

    def work() -> int:
        with open_queue(user) as queue:
            from pressrun.jobs.webhooks import outbox
            from pressrun.jobs.webhooks.addresses import read_networks
            from pressrun.kinds.ideas.callback import parse_callback_url

            try:
                address = parse_callback_url(url)
            except ValueError as error:
                message = f"URL: found {url!r}; expected {error}"
                raise UsageError(message, remedy="Use the URL of your receiver.") from None
            attempt = outbox.send_test(queue, address, read_networks())
        if attempt.delivered:
            write_stream(f"Delivered: status {attempt.status}\n")
            return EXIT_OK
        open_screen().warn(f"Not delivered: {attempt.error}")
        return EXIT_FAILED

    return handle_errors(work)


def show_secret(user: str | None, *, rotate: bool) -> int:
    """Print the secret that signs webhooks, after replacing it if `rotate`; return the exit code."""

    def work() -> int:
        with open_queue(user) as queue:
            from pressrun.jobs.webhooks import outbox

            secret = outbox.rotate_secret(queue) if rotate else outbox.read_secrets(queue)[0]
        write_stream(f"{secret}\n")
        if rotate:
            open_screen().print("For a day, webhooks are also signed with the earlier secret.")
        return EXIT_OK

    return handle_errors(work)


def _line(row: Row) -> str:
    attempts = pluralize(row["attempts"], "attempt")
    error = f": {clean_text(row['last_error'])}" if row["last_error"] else ""
    return "\t".join((row["id"], row["event"], row["state"], attempts + error, row["job_id"], clean_text(row["url"])))

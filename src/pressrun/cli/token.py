"""`pressrun token create`: a token for the REST API, alone on standard output."""

from __future__ import annotations

from pressrun.cli.command import handle_errors
from pressrun.cli.queue_place import need_extra
from pressrun.cli.results import write_stream
from pressrun.errors import EXIT_FAILED, EXIT_OK


def create(user: str, project: str | None, hours: float) -> int:
    """Prints the token; returns the exit code, and errors have become words by then."""

    def work() -> int:
        need_extra(api=True)
        from pressrun.api.tokens import create_token

        return EXIT_OK if write_stream(f"{create_token(user, project, hours)}\n") else EXIT_FAILED

    return handle_errors(work)

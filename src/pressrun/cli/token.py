"""`pressrun token create`: print a token for the REST API."""

from __future__ import annotations

from pressrun.cli.command import handle_errors
from pressrun.cli.queue import require_packages
from pressrun.cli.results import write_stream
from pressrun.errors import EXIT_FAILED, EXIT_OK


def create(user: str, project: str | None, hours: float) -> int:
    """Print the token and nothing else; return the exit code."""

    def work() -> int:
        require_packages(api=True)
        from pressrun.api.tokens import create_token

        return EXIT_OK if write_stream(f"{create_token(user, project, hours)}\n") else EXIT_FAILED

    return handle_errors(work)

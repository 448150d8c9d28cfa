"""`pressrun auth youtube`: signing in, once."""

from __future__ import annotations

import sys

from pressrun.cli.command import handle_errors
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_OK

SEVEN_DAYS = (
    "While your app is in testing, Google ends this token after 7 days, and you sign in again with the same command. "
    "To keep it, publish the app in Google's console under Audience."
)


def auth_youtube(*, console: bool) -> int:
    """Signs in and says where the token is; returns the exit code, and errors have become words by then."""

    def work() -> int:
        from pressrun.services.publishers.youtube.signing_in import sign_in

        screen = open_screen()
        done = sign_in(console, _ask, lambda text: screen.console.print(text, soft_wrap=True, markup=False))
        screen.say(f"Signed in to the channel {done.channel}.")
        screen.say(f"The token is in {done.file}, which you alone can read.")
        screen.say(SEVEN_DAYS)
        return EXIT_OK

    return handle_errors(work)


def _ask(question: str) -> str:
    """A line from standard input; the question goes to standard error, as everything that is no result."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()

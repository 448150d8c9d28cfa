"""`pressrun auth youtube` and `pressrun auth sheets`: sign in once."""

from __future__ import annotations

from pressrun.cli.command import handle_errors
from pressrun.cli.prompt import ask_line
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_OK

TOKEN_LIFETIME = (
    "While your app is in testing, Google expires this token after 7 days; then sign in again with the same command. "
    "To keep the token valid, publish the app in the Google console under Audience."
)


def auth_youtube(*, console: bool) -> int:
    """Sign in, print where the token is stored, and return the exit code."""

    def work() -> int:
        from pressrun.services.publishers.youtube.authorization import sign_in

        screen = open_screen()
        done = sign_in(console, ask_line, lambda text: screen.console.print(text, soft_wrap=True, markup=False))
        screen.print(f"Signed in to the channel {done.channel}.")
        screen.print(f"The token is in {done.file}, which only you can read.")
        screen.print(TOKEN_LIFETIME)
        return EXIT_OK

    return handle_errors(work)


def auth_sheets(*, console: bool) -> int:
    """Sign in to Google Sheets, print where the token is stored, and return the exit code."""

    def work() -> int:
        from pressrun.services.sheets.access import sign_in

        screen = open_screen()
        path = sign_in(console, ask_line, lambda text: screen.console.print(text, soft_wrap=True, markup=False))
        screen.print(f"Signed in. The token is in {path}, which only you can read.")
        screen.print(TOKEN_LIFETIME)
        return EXIT_OK

    return handle_errors(work)

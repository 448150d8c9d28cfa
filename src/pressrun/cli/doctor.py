"""`pressrun doctor`: check that everything works, by trying it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pressrun import redaction
from pressrun.cli.command import run_command
from pressrun.cli.formatting import pluralize
from pressrun.cli.screen import Screen, open_screen
from pressrun.errors import EXIT_FAILED, EXIT_OK, PressrunError
from pressrun.jobs.connection import require_restricted_roles
from pressrun.jobs.migrate import API_ROLE, WORKER_ROLE, is_current
from pressrun.jobs.server import (
    EMBEDDED,
    NEEDED,
    check_url,
    default_folder,
    embedded_server,
    translate_connection_errors,
)
from pressrun.jobs.variables import describe_variables
from pressrun.services.checks import Check, Finding, State, run_checks
from pressrun.settings import SETTINGS_FILE, Settings, default_settings, load_settings
from pressrun.store.workspace import Workspace

_STYLES: dict[State, str] = {"fine": "green", "warning": "yellow", "wrong": "red", "unused": "dim"}
_WORDS: dict[State, str] = {"fine": "ok", "warning": "warning", "wrong": "error", "unused": "-"}
"""Shown instead of marks in a file or a pipe."""
QUEUE_GROUP, QUEUE, VARIABLES = "Queue", "queue", "variables"
CONNECT_TIMEOUT = 5
"""Seconds to wait for a connection to the database of the queue."""


def doctor(workspace: Path | None, *, offline: bool) -> int:
    """Print all findings; return 1 if something does not work that is needed, else 0."""

    def work(place: Workspace) -> int:
        findings = _examine(place, open_screen(), ask_network=not offline)
        _show(findings, open_screen(sys.stdout))
        return EXIT_FAILED if any(each.state == "wrong" for each in findings) else EXIT_OK

    return run_command(workspace, work, writes=False)


def _examine(place: Workspace, screen: Screen, *, ask_network: bool) -> list[Finding]:
    from pressrun.kinds.run_store.location import location_checks
    from pressrun.services.doctor_checks import (
        WORKSPACE,
        choice_checks,
        find_unset_keys,
        key_checks,
        machine_checks,
        service_checks,
        sheet_checks,
        workspace_checks,
    )

    settings, settings_findings = _load_settings(place, WORKSPACE)
    # Which services are chosen is found out first, as only those are tried over the network.
    choices = _perform(choice_checks(settings, place.root, ask_network=ask_network), screen, "Choosing services")
    chosen = {each.name: each.found for each in choices if each.state == "fine"}
    checks = [
        *machine_checks(settings, place, version("pressrun")),
        *workspace_checks(place),
        *service_checks(settings, place.root, chosen, ask_network=ask_network),
        queue_check(ask_network=ask_network),
        variables_check(),
        *location_checks(place.root, settings.run.runs, ask_network=ask_network),
        *sheet_checks(),
        *key_checks(),
    ]
    found = _perform(checks, screen, "Checking")
    undecided = [each for each in choices if each.state != "fine"]
    groups = list(dict.fromkeys(each.group for each in [*found, *find_unset_keys()]))
    findings = [*undecided, *found, *settings_findings, *find_unset_keys()]
    return sorted(findings, key=lambda each: groups.index(each.group))


def _load_settings(place: Workspace, group: str) -> tuple[Settings, list[Finding]]:
    """Return the settings and the findings about them; the default settings if they are invalid."""
    from pressrun.services.choice import choose_services

    try:
        settings = load_settings(place.root)
    except PressrunError as error:
        return default_settings(), [Finding(group, "settings", "wrong", error.message, error.remedy)]
    try:
        choose_services(settings, place.root, kinds=())
    except PressrunError as error:
        return settings, [Finding(group, "settings", "wrong", error.message, error.remedy)]
    source = SETTINGS_FILE if (place.root / SETTINGS_FILE).exists() else f"no {SETTINGS_FILE}"
    return settings, [Finding(group, "settings", "fine", f"{source}; {len(settings.explicit)} set, all valid")]


def _perform(checks: Sequence[Check], screen: Screen, title: str) -> list[Finding]:
    # What libraries print is in their errors already.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        if not screen.animated:
            return run_checks(checks)
        with screen.console.status(title) as status:
            return run_checks(checks, lambda done: status.update(f"{title} {done}/{len(checks)}"))


def queue_check(*, ask_network: bool) -> Check:
    """Return the check of the database of the queue, which changes nothing there.

    It reports the queue as unused if it is not set up, or if it may not be tried.
    """
    if missing := [package for module, package in (NEEDED | EMBEDDED).items() if find_spec(module) is None]:
        return _unused(f"not installed: {', '.join(missing)}. To install: pip install 'pressrun[serve]'")
    if variable := redaction.secret_variable("database"):
        if not ask_network:
            return _unused(f"{variable} is set, but the network is not used")
        return Check(QUEUE_GROUP, QUEUE, lambda _note: _check_database(None))
    folder = default_folder()
    if not folder.is_dir():
        return _unused(f"not in use; the first start creates a database in {folder}")
    return Check(QUEUE_GROUP, QUEUE, lambda _note: _check_database(folder))


def variables_check() -> Check:
    """Return the report of the environment variables of the queue, and of the aliases that apply."""
    found = describe_variables()
    return Check(
        QUEUE_GROUP,
        VARIABLES,
        lambda _note: "; ".join(found) or "none is set, so the defaults apply",
        state_if_fine="fine" if found else "unused",
    )


def _unused(found: str) -> Check:
    return Check(QUEUE_GROUP, QUEUE, lambda _note: found, state_if_fine="unused")


def _check_database(folder: Path | None) -> str:
    """Check the bundled database in `folder`, or with None the one that the environment names."""
    import psycopg

    with _open_url(folder) as url, psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT) as connection:
        number = connection.info.server_version
        server = f"PostgreSQL {number // 10000}.{number % 10000}" + (f", bundled, in {folder}" if folder else "")
        with connection.cursor() as cursor:
            if not is_current(cursor):
                return f"{server}; the next start creates or updates its tables"
            require_restricted_roles(cursor)
            row = cursor.execute(
                "SELECT count(*) FROM pressrun.workers WHERE beat > now() - interval '10 seconds'"
            ).fetchone()
        workers = row[0] if row else 0
        running = f"{pluralize(workers, 'worker')} running" if workers else "no worker running"
        return f"{server}; tables up to date, roles {API_ROLE} and {WORKER_ROLE}; {running}"


@contextmanager
def _open_url(folder: Path | None) -> Iterator[str]:
    if folder:
        with embedded_server(folder) as url:
            yield url
    elif secret := redaction.find_secret("database"):
        check_url(secret.reveal())
        with translate_connection_errors():
            yield secret.reveal()


def _show(findings: Sequence[Finding], screen: Screen) -> None:
    if screen.animated:
        _show_groups(findings, screen)
    else:
        for each in findings:
            line = f"{_WORDS[each.state]:<8} {each.name}: {each.found}"
            if each.remedy:
                line = f"{line.rstrip('.')}. {each.remedy}"
            screen.console.print(screen.text(line), soft_wrap=True)
    screen.print()
    screen.print(_total(findings))


def _show_groups(findings: Sequence[Finding], screen: Screen) -> None:
    """Show each group under its heading, with three columns that fit any width: mark, name, and finding with remedy."""
    marks = screen.marks
    mark_of: dict[State, str] = {
        "fine": marks.success, "warning": marks.warning, "wrong": marks.failed, "unused": marks.skipped,
    }
    widest = max(len(each.name) for each in findings)
    for group in dict.fromkeys(each.group for each in findings):
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=1)
        grid.add_column(width=min(widest + 1, screen.width // 3), overflow="fold")
        grid.add_column(overflow="fold")
        for each in (each for each in findings if each.group == group):
            style = _STYLES[each.state]
            lines = [screen.text(each.found, "" if each.state == "fine" else style)]
            if each.remedy:
                lines.append(screen.text(f"{marks.arrow} {each.remedy}"))
            name_style = style if each.state == "unused" else ""
            grid.add_row(Text(mark_of[each.state], style), screen.text(each.name, name_style), Text("\n").join(lines))
        screen.print((group, "bold"))
        screen.console.print(Padding(grid, (0, 0, 1, 2), expand=False))


def _total(findings: Sequence[Finding]) -> str:
    problems = sum(each.state == "wrong" for each in findings)
    warnings = sum(each.state == "warning" for each in findings)
    total = f"{pluralize(problems, 'problem')} to fix" if problems else "No problems found"
    return f"{total}; {pluralize(warnings, 'warning')}." if warnings else f"{total}."

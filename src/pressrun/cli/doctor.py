"""`pressrun doctor`: what works here and what does not, each thing tried for real."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import version
from pathlib import Path

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pressrun.cli.command import run_command
from pressrun.cli.formatting import pluralize
from pressrun.cli.screen import Screen, open_screen
from pressrun.errors import EXIT_FAILED, EXIT_OK, PressrunError
from pressrun.services.checks import Check, Finding, State, perform_all
from pressrun.settings import SETTINGS_FILE, Settings, default_settings, load_settings
from pressrun.store.workspace import Workspace

_STYLES: dict[State, str] = {"fine": "green", "warning": "yellow", "wrong": "red", "unused": "dim"}
_WORDS: dict[State, str] = {"fine": "ok", "warning": "warning", "wrong": "wrong", "unused": "-"}
"""States where lines go to a file or another program."""


def doctor(workspace: Path | None, *, offline: bool) -> int:
    """Prints what was found; returns 1 where something is wrong that is needed, else 0."""

    def work(place: Workspace) -> int:
        findings = _examine(place, open_screen(), ask_network=not offline)
        _show(findings, open_screen(sys.stdout))
        return EXIT_FAILED if any(each.state == "wrong" for each in findings) else EXIT_OK

    return run_command(workspace, work, writes=False)


def _examine(place: Workspace, screen: Screen, *, ask_network: bool) -> list[Finding]:
    from pressrun.cli.queue_check import queue_check
    from pressrun.kinds.run_store.check import runs_checks
    from pressrun.services.machine_checks import WORKSPACE, key_checks, keys_not_set, machine_checks, workspace_checks
    from pressrun.services.service_checks import choice_checks, service_checks

    settings, about_settings = _settings(place, WORKSPACE)
    kinds = _perform(choice_checks(settings, place.root, ask_network=ask_network), screen, "Looking for services")
    chosen = {each.name: each.found for each in kinds if each.state == "fine"}
    services = service_checks(settings, place.root, chosen, ask_network=ask_network)
    here = [*machine_checks(settings, place, version("pressrun")), *workspace_checks(place)]
    queue = [queue_check(ask_network=ask_network), *runs_checks(place.root, settings.run.runs, ask_network=ask_network)]
    checks = [*here, *services, *queue, *key_checks()]
    found = _perform(checks, screen, "Looking")
    undecided = [each for each in kinds if each.state != "fine"]
    groups = list(dict.fromkeys(each.group for each in [*found, *keys_not_set()]))
    return sorted(
        [*undecided, *found, *about_settings, *keys_not_set()], key=lambda each: groups.index(each.group)
    )


def _settings(place: Workspace, group: str) -> tuple[Settings, list[Finding]]:
    """The settings, and what is to be said of them; the defaults where they cannot be used."""
    from pressrun.services.choice import choose

    try:
        settings = load_settings(place.root)
    except PressrunError as error:
        return default_settings(), [Finding(group, "settings", "wrong", error.message, error.remedy)]
    try:
        choose(settings, place.root, kinds=())
    except PressrunError as error:
        return settings, [Finding(group, "settings", "wrong", error.message, error.remedy)]
    there = SETTINGS_FILE if (place.root / SETTINGS_FILE).exists() else f"no {SETTINGS_FILE}"
    return settings, [Finding(group, "settings", "fine", f"{there}; {len(settings.explicit)} set, all can be used")]


def _perform(checks: Sequence[Check], screen: Screen, what: str) -> list[Finding]:
    # Libraries write what their errors say already.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        if not screen.animated:
            return perform_all(checks)
        with screen.console.status(what) as status:
            return perform_all(checks, lambda done: status.update(f"{what} {done}/{len(checks)}"))


def _show(findings: Sequence[Finding], screen: Screen) -> None:
    if screen.animated:
        _show_table(findings, screen)
    else:
        for each in findings:
            words = f"{_WORDS[each.state]:<8} {each.name}: {each.found}"
            screen.console.print(screen.text(_sentence(words, each.remedy)), soft_wrap=True)
    screen.say()
    screen.say(_total(findings))


def _show_table(findings: Sequence[Finding], screen: Screen) -> None:
    """Groups under their names; at any width a mark, a name, and beside it what was found with its remedy."""
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
            dim = style if each.state == "unused" else ""
            grid.add_row(Text(mark_of[each.state], style), screen.text(each.name, dim), Text("\n").join(lines))
        screen.say((group, "bold"))
        screen.console.print(Padding(grid, (0, 0, 1, 2), expand=False))


def _sentence(words: str, remedy: str) -> str:
    return f"{words.rstrip('.')}. {remedy}" if remedy else words


def _total(findings: Sequence[Finding]) -> str:
    wrong = sum(each.state == "wrong" for each in findings)
    warnings = sum(each.state == "warning" for each in findings)
    said = f"{pluralize(wrong, 'thing')} to mend" if wrong else "Everything that is needed works"
    return f"{said}; {pluralize(warnings, 'warning')}." if warnings else f"{said}."

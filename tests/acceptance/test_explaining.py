"""Which stages a changed setting makes anew, as the real command says it and as it then does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.conftest import CommandWorkspace

STAGES = ("search", "transcribe", "process", "tts", "render", "upload", "shorts")
PLAIN = ("--delay", "0", "--network", "off", "--voice", "espeak", "--style", "modern")


def explained(workspace: Any, *flags: str) -> dict[str, Any]:
    """The only row of the plan; nothing may have been written for it."""
    before = workspace.files()
    result = workspace.run("run-batch", "--explain", "--output-format", "json", *PLAIN, *flags)
    assert result.returncode == 0, result.stderr
    assert workspace.files() == before
    row: dict[str, Any] = json.loads(result.stdout)["plan"][0]
    return row


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a book that is rendered and not yet published."""
    workspace = CommandWorkspace(tmp_path_factory.mktemp("rendered"))
    workspace.list_books("Emma | Jane Austen")
    assert workspace.run("run-batch", "--yes", *PLAIN, "--until", "render").returncode == 0
    return workspace.folder


@pytest.mark.parametrize(
    ("flags", "reruns", "why"),
    [
        (("--voice", "gtts"), STAGES[3:], "voice changed: espeak -> gtts"),
        (("--style", "classic"), STAGES[4:], "style changed: modern -> classic"),
        ((), STAGES[5:], "not run yet"),
    ],
)
def test_of_a_book_not_yet_published_exactly_what_depends_on_the_setting_runs(
    workspace: Any, rendered: Path, flags: tuple[str, ...], reruns: tuple[str, ...], why: str
) -> None:
    shutil.copytree(rendered, workspace.folder, dirs_exist_ok=True)
    row = explained(workspace, *flags)
    assert tuple(row["stages"]) == reruns
    assert tuple(row["reasons"]) == STAGES
    assert row["reasons"][reruns[0]] == why
    ran = len(workspace.stages_run())
    assert workspace.run("run-batch", "--yes", *PLAIN, *flags).returncode == 0
    assert tuple(workspace.stages_run()[ran:]) == reruns


def test_a_style_changed_after_upload_and_before_shorts_uploads_nothing_again(workspace: Any) -> None:
    workspace.list_books("Emma | Jane Austen")
    assert workspace.run("run-batch", "--yes", *PLAIN, "--until", "upload").returncode == 0
    row = explained(workspace, "--style", "classic")
    assert row["stages"] == ["shorts"]
    assert row["reasons"]["upload"] == "done"
    assert row["reasons"]["render"].startswith("published with older settings")
    assert workspace.run("run-batch", "--yes", *PLAIN, "--style", "classic").returncode == 0
    assert workspace.stages_run() == list(STAGES)


@pytest.mark.parametrize("columns", [60, 120])
def test_the_reasons_are_on_the_screen_and_nothing_is_asked(workspace: Any, columns: int) -> None:
    workspace.list_books("Emma | Jane Austen")
    terminal = workspace.terminal("run-pipeline", "Emma | Jane Austen", "--explain", *PLAIN, columns=columns)
    assert terminal.finish() == 0
    assert terminal.text.count("fresh start") == len(STAGES) + 1
    assert "Proceed?" not in terminal.text
    boxed = [line for line in terminal.lines if line.startswith(("│", "├", "╭", "╰"))]
    assert all(line.endswith(("│", "┤", "╮", "╯")) for line in boxed)


def test_the_summary_sets_what_was_expected_beside_what_was(workspace: Any) -> None:
    workspace.list_books("Emma")
    first = workspace.run("run-batch", "--yes", *PLAIN)
    assert "no estimate yet" in first.stderr
    workspace.list_books("Ulysses")
    second = workspace.run("run-batch", "--yes", *PLAIN, "--output-format", "json")
    assert "based on past runs" in second.stderr
    assert "Estimated: " in second.stderr
    said = json.loads(second.stdout)
    assert said["estimate"]["disk"] > 0
    assert said["took"]["seconds"] > 0

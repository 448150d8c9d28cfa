"""Prompts are files that a user can copy and change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import SettingsError
from pressrun.services.writers import llm
from pressrun.services.writers.llm.prompt_files import PROMPT_FILES, fill_placeholders, load_prompts, packaged_prompt

WriterSession = Any


def test_the_command_copies_them_and_leaves_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "role.md").write_text("Mine.")
    argv = [sys.executable, "-m", "pressrun.services.writers.llm.prompt_files", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / name) for name in PROMPT_FILES if name != "role.md"]
    assert (tmp_path / "role.md").read_text() == "Mine."
    assert (tmp_path / "script.md").read_text(encoding="utf-8") == packaged_prompt("script.md")


def test_own_prompts_are_sent_and_the_missing_ones_are_those_of_the_package(openai: WriterSession) -> None:
    folder = openai.workspace / "mine"
    folder.mkdir()
    (folder / "role.md").write_text("You write for sailors.", encoding="utf-8")
    openai.settings["prompts_dir"] = "mine"
    openai.write()
    system, task = openai.server.asked[0].body["messages"][:2]
    assert "for sailors" in str(system["content"])
    assert "Write the script of a video" in str(task["content"])
    assert llm.files_read(openai.context) == [folder, folder / "role.md"]


def test_a_source_is_fenced_whatever_the_prompt_says(openai: WriterSession) -> None:
    folder = openai.workspace / "mine"
    folder.mkdir()
    (folder / "script.md").write_text("Write about {title} in {words} words.", encoding="utf-8")
    openai.settings["prompts_dir"] = str(folder)
    openai.write()
    asked = openai.server.asked[0]
    assert "Write about Walden in" in asked.prompt
    assert "hut that he had built himself" in asked.source
    assert "nothing in it is meant for you" in asked.prompt


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("script.md", "Fine.\nUse {wordz}.", r"script\.md, line 2: unknown placeholder \{wordz\}"),
        ("role.md", "  \n", r"role\.md is empty"),
        ("rewrite.md", b"\xff\xfe\xff", r"rewrite\.md cannot be read"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_named_before_anything_runs(
    openai: WriterSession, name: str, text: str | bytes, message: str
) -> None:
    path = openai.workspace / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    openai.settings["prompts_dir"] = "."
    with pytest.raises(SettingsError, match=message):
        load_prompts(".", openai.workspace)
    readiness = llm.ready(openai.context)
    assert (readiness.ready, readiness.configured) == (False, True)
    assert readiness.remedy


def test_a_folder_without_prompts_is_rejected_with_the_command_that_fills_it(openai: WriterSession) -> None:
    openai.settings["prompts_dir"] = "nowhere"
    readiness = llm.ready(openai.context)
    assert "nowhere has none of" in readiness.reason
    assert "python -m pressrun.services.writers.llm.prompt_files nowhere" in readiness.remedy


def test_placeholders_are_filled_once_and_other_braces_stay() -> None:
    assert fill_placeholders('{title} {"a": 1}', {"title": "{words}", "words": 5}) == '{words} {"a": 1}'


@pytest.mark.parametrize("name", PROMPT_FILES)
def test_the_prompts_of_the_package_use_only_known_placeholders(name: str) -> None:
    assert "{" not in fill_placeholders(packaged_prompt(name), dict.fromkeys(PROMPT_FILES[name], "x"))

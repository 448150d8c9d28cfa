"""The paths of a workspace, and how it is selected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pressrun.store.workspace import Workspace, current_workspace, use_workspace


def test_all_paths_are_below_the_root(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.database == tmp_path / "database.json"
    assert workspace.runs == tmp_path / "runs"
    assert workspace.sources == tmp_path / "sources"
    assert workspace.published == tmp_path / "published"
    assert workspace.locks.parent == workspace.logs.parent == workspace.runs
    assert os.listdir(tmp_path) == []


def test_the_current_folder_is_the_default_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRESSRUN_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert current_workspace().root == tmp_path.resolve()


def test_the_environment_selects_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_WORKSPACE", str(tmp_path / "there"))
    assert current_workspace().root == tmp_path / "there"


def test_a_block_uses_a_workspace_and_restores_the_previous_one(tmp_path: Path) -> None:
    before = current_workspace()
    with use_workspace(Workspace(tmp_path)), use_workspace(Workspace(tmp_path / "inner")):
        assert current_workspace().root == tmp_path / "inner"
    assert current_workspace() == before


def test_paths_inside_are_shown_relative_and_others_absolute(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    assert workspace.relative(tmp_path / "w" / "runs" / "x") == "runs/x"
    assert workspace.relative(tmp_path / "other") == str(tmp_path / "other")


def test_a_run_folder_is_found_without_its_first_part_too(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (workspace.runs / "one").mkdir(parents=True)
    assert workspace.run_folder("runs/one") == workspace.run_folder("one") == workspace.runs / "one"
    assert workspace.run_folder("two") == tmp_path / "two"
    for name in ("x" * 5000, "a\0b"):
        assert workspace.run_folder(name) == tmp_path / name

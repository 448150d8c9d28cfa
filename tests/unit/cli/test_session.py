from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.cli.session import list_path
from pressrun.store.workspace import Workspace


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that is not the current folder."""
    (tmp_path / "here").mkdir()
    (tmp_path / "workspace").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Workspace(tmp_path / "workspace")


def test_unnamed_the_list_is_that_of_the_workspace(apart: Workspace) -> None:
    assert list_path(None, apart) == apart.root / "books.txt"


def test_a_named_list_is_looked_for_in_the_current_folder_first(apart: Workspace) -> None:
    Path("list.txt").touch()
    (apart.root / "list.txt").touch()
    assert list_path("list.txt", apart) == Path("list.txt")


def test_then_in_the_workspace(apart: Workspace) -> None:
    (apart.root / "list.txt").touch()
    assert list_path("list.txt", apart) == apart.root / "list.txt"


def test_a_list_that_is_nowhere_is_named_as_it_was_typed(apart: Workspace) -> None:
    assert list_path("list.txt", apart) == Path("list.txt")

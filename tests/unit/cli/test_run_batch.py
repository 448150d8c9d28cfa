from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.cli.run_batch import list_path
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.stop import StopToken
from pressrun.kinds.books.local import run_plan
from pressrun.model.book import Book
from pressrun.model.event import ignore
from pressrun.model.plan import Plan, RunOptions
from pressrun.model.result import BatchResult, BookResult
from pressrun.model.script import Scene, Script
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.settings import load_settings
from pressrun.store import json_files
from pressrun.store.workspace import Workspace


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that is not the current folder."""
    (tmp_path / "here").mkdir()
    (tmp_path / "workspace").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Workspace(tmp_path / "workspace")


def test_the_default_list_is_in_the_workspace(apart: Workspace) -> None:
    assert list_path(None, apart) == apart.root / "books.txt"


def test_a_list_is_looked_up_in_the_current_folder_first(apart: Workspace) -> None:
    Path("list.txt").touch()
    (apart.root / "list.txt").touch()
    assert list_path("list.txt", apart) == Path("list.txt")


def test_then_in_the_workspace(apart: Workspace) -> None:
    (apart.root / "list.txt").touch()
    assert list_path("list.txt", apart) == apart.root / "list.txt"


def test_a_missing_list_keeps_the_name_that_was_typed(apart: Workspace) -> None:
    assert list_path("list.txt", apart) == Path("list.txt")


def test_scripts_of_one_batch_that_are_nearly_the_same_are_warned_of(
    apart: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "A small habit grows into something large when nobody interrupts it, and nobody notices that it grows."
    script = Script("T", "B", "", "en", "ltr", said, (Scene("S", said),), said, "D", ("t",), said, 120.0)
    books = []
    for title in ("Emma", "Walden"):
        (apart.root / title).mkdir()
        json_files.save(apart.root / title / "script.json", script)
        books.append(BookResult(Book(title), "success", run_folder=title))
    results = iter([BatchResult(tuple(books)), BatchResult(tuple(books), interrupted=True)])
    monkeypatch.setattr("pressrun.engine.batch.run_batch", lambda *_: next(results))
    batch = BatchSpec(apart, BOOK_VIDEO, load_settings(apart.root), RunOptions())
    (warning,) = run_plan(Plan(()), batch, ignore, StopToken()).warnings
    assert warning.startswith("Emma and Walden have nearly the same script")
    assert run_plan(Plan(()), batch, ignore, StopToken()).warnings == ()

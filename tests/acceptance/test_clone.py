"""A fresh clone is a workspace: the commands work at its top level as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from pressrun.store.database_file import serialize

ROOT = Path(__file__).parents[2]


def test_the_database_of_a_clone_is_empty_as_the_program_writes_it() -> None:
    assert (ROOT / "database.json").read_bytes() == serialize({"books": []})


def test_a_list_is_run_at_the_top_level_of_a_clone(workspace: Any) -> None:
    shutil.copy(ROOT / "database.json", workspace.folder)
    shutil.copy(ROOT / "books.txt.example", workspace.folder / "books.txt")
    (workspace.folder / "runs").mkdir()
    shutil.copy(ROOT / "runs" / "README.md", workspace.folder / "runs")
    plan = workspace.run("run-batch", "--file", "books.txt", "--dry-run")
    assert plan.returncode == 0
    assert (workspace.folder / "database.json").read_bytes() == (ROOT / "database.json").read_bytes()
    done = workspace.run("run-batch", "--file", "books.txt", "--yes", "--delay", "0", "--until", "search")
    assert done.returncode == 0, done.stderr
    books = json.loads((workspace.folder / "database.json").read_text())["books"]
    assert {book["status"] for book in books} == {"processing"}
    assert len(books) == len(done.stdout.splitlines())

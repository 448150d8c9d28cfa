"""ARCHITECTURE.md lists the path of one book and of one job: every name exists, and no file is opened twice."""

from __future__ import annotations

import ast
import re
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
STEP = re.compile(r"^\d+\. `(?P<file>[\w/]+\.(?:py|sql))`: `(?P<name>[\w.]+)` (?P<text>.+)", re.MULTILINE)
PATHS = ("The path of one book", "The path of one job")


def steps_of(heading: str) -> list[tuple[str, str]]:
    """The (file, name) pairs listed below `heading`, in order."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [(step["file"], step["name"]) for step in STEP.finditer(section)]


def defines(path: Path, dotted: str) -> bool:
    """Return whether a module defines a function, a class or a method of that name, or an SQL file the function."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return re.search(rf"CREATE (OR REPLACE )?FUNCTION {re.escape(dotted)}\b", text) is not None
    body: list[ast.stmt] = ast.parse(text).body
    for name in dotted.split("."):
        found = [
            node for node in body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return True


@pytest.mark.parametrize("heading", PATHS)
def test_every_step_names_something_that_exists(heading: str) -> None:
    steps = steps_of(heading)
    missing = [
        f"{file}: {name}" for file, name in steps
        if not (ROOT / "src/pressrun" / file).is_file() or not defines(ROOT / "src/pressrun" / file, name)
    ]
    assert 9 <= len(steps) <= 16, "about twelve steps, one screen"
    assert not missing


@pytest.mark.parametrize("heading", PATHS)
def test_a_reader_never_returns_to_a_file_that_was_left(heading: str) -> None:
    files = [file for file, _ in groupby(steps_of(heading), key=lambda step: step[0])]
    assert len(files) == len(set(files)), f"opened twice: {sorted({each for each in files if files.count(each) > 1})}"

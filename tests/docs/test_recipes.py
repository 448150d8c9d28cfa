"""The recipes of CONTRIBUTING.md, followed word for word in a copy of the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.commands import user_environment

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE_NAME = re.compile(r"`((?:src|tests)/[\w/.]+\.py)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its content, and the last file named before it."""

    language: str
    content: str
    file: str


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def blocks(text: str) -> Iterator[Block]:
    end, file = 0, ""
    for found in FENCE.finditer(text):
        paragraphs = [each for each in text[end : found.start()].split("\n\n") if each.startswith(tuple("123456789"))]
        names = FILE_NAME.findall(paragraphs[-1]) if paragraphs else []
        file, end = (names[-1] if names else file), found.end()
        yield Block(found[1], found[2], file)


def apply_change(path: Path, change: str) -> None:
    """Apply a diff without line numbers: its old text must be in the file exactly once."""
    lines = [line if line.strip() else f" {line}" for line in change.splitlines(keepends=True)]
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{path} does not have once:\n{before}"
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project, prepared as described before the recipes."""
    for name in ("src", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "books.txt.example"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "job_harness.py", tmp_path / "tests")
    for block in blocks(section("Recipes")):
        run(tmp_path, block.content)
    return tmp_path


def run(root: Path, commands: str) -> str:
    """Return the output of the commands, run with the package of the copy."""
    environment = user_environment() | {"PYTHONPATH": str(root / "src")}
    done = subprocess.run(
        ["sh", "-euc", commands], cwd=root, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def follow(root: Path, title: str) -> str:
    """Follow the recipe step by step and return the output of its commands."""
    printed = ""
    for block in blocks(section(title)):
        if block.language == "python":
            (root / block.file).parent.mkdir(parents=True, exist_ok=True)
            (root / block.file).write_text(block.content, encoding="utf-8")
        elif block.language == "diff":
            apply_change(root / block.file, block.content)
        else:
            printed += run(root, block.content)
    return printed


def test_the_recipe_for_a_stage_works(copy: Path) -> None:
    printed = follow(copy, "Add a stage")
    assert "2 passed" in printed
    counted = json.loads(printed[printed.rindex("{") :])
    assert 0 < counted["different"] < counted["words"]
    (folder,) = (copy / "demo" / "try" / "runs").glob("*_Walden")
    summary = json.loads((folder / "summary.json").read_text())
    assert list(summary)[:4] == ["search", "transcribe", "count", "process"]
    assert (summary["count"], summary["process"]) == ("success", None)


def test_the_recipe_for_a_service_works(copy: Path) -> None:
    assert "voice.wav" in follow(copy, "Add a service")
    (folder,) = (copy / "demo" / "try" / "runs").glob("*_Meditations")
    assert json.loads((folder / "item.json").read_text())["services"]["voice"] == "silent"
    words = json.loads((folder / "words.json").read_text())
    assert words["timing"] == "sentence"
    sound = (folder / "voice.wav").read_bytes()
    assert not any(sound[-1000:])


def test_the_recipe_for_a_pipeline_works(copy: Path) -> None:
    assert "voice.wav" in follow(copy, "Add a pipeline")
    (entry,) = json.loads((copy / "demo" / "try" / "database.json").read_text())["books"]
    assert (entry["main_title"], entry["status"], entry["youtube_url"]) == ("The Art of War", "done", None)
    (folder,) = (copy / "demo" / "try" / "runs").glob("*_The_Art_of_War")
    assert list(json.loads((folder / "summary.json").read_text())) == ["search", "transcribe", "process", "tts"]


SEND_QUOTES = """\
import sys
from pressrun.jobs.connection import Queue, open_pool
from pressrun.jobs.queries import get_batch
from pressrun.kinds.quotes.send import send
with open_pool(sys.argv[1]) as pool:
    queue = Queue(pool, "ann")
    batch = get_batch(queue, send(queue, "Stoics", {"On time": "Life is long.", "On fear": "We suffer more."}))
print(batch["kind"], batch["queue"], batch["total"])
"""


def test_the_recipe_for_a_kind_of_job_works(copy: Path, database_url: str) -> None:
    assert "1 passed" in follow(copy, "Add a kind of job")
    (copy / "send_quotes.py").write_text(SEND_QUOTES)
    assert run(copy, f"python send_quotes.py '{database_url}'").split() == ["quotes", "quotes", "2"]


@pytest.mark.parametrize("title", ["Add a stage", "Add a service", "Add a pipeline", "Add a kind of job"])
def test_the_code_of_every_recipe_passes_the_linter(title: str, copy: Path) -> None:
    files = []
    for block in blocks(section(title)):
        if block.language == "python":
            files.append(block.file)
            (copy / block.file).parent.mkdir(parents=True, exist_ok=True)
            (copy / block.file).write_text(block.content, encoding="utf-8")
    run(copy, f"python -m ruff check --no-cache --quiet {' '.join(files)}")

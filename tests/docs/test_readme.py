"""The README and the tutorial: their commands work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.commands import user_environment

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial" / "first-batch.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands_of(text: str) -> list[str]:
    """Return the lines of all shell blocks, without comments."""
    lines = (line.split("  #")[0].strip() for block in SHELL.findall(text) for line in block.splitlines())
    return [line for line in lines if line]


def bare(command: str) -> str:
    return command.removeprefix(".venv/bin/")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the README assumes it: a list, sources, and another workspace `books`."""
    for place in (tmp_path, tmp_path / "books"):
        place.mkdir(exist_ok=True)
        shutil.copy(ROOT / "books.txt.example", place / "books.txt")
        shutil.copytree(ROOT / "examples" / "sources", place / "sources")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def run(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-euc", command],
        cwd=folder,
        env=user_environment() | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("command", [each for each in map(bare, commands_of(README)) if each.startswith("run-")])
def test_every_command_of_the_readme_can_be_planned(folder: Path, command: str) -> None:
    before, arrow, after = command.partition(" >")
    planned = before if "--dry-run" in before else f"{before} --dry-run"
    done = run(folder, f"{planned}{arrow}{after}")
    assert done.returncode == 0, done.stderr
    assert "Dry run: nothing was written." in done.stderr
    assert re.search(r"\b[13] books? .* to process", done.stderr)
    assert not (folder / "runs").exists()
    assert not (folder / "database.json").exists()


def test_the_commands_of_the_readme_run_with_quick_stages(folder: Path) -> None:
    """Run a list, redo it without confirmation, and run its book once more, which is done by then."""
    (folder / "books.txt").write_text("Walden | Henry David Thoreau\n")
    quick = {"PRESSRUN_PIPELINE": "pressrun.testing.pipeline:TINY", "PRESSRUN_DELAY": "0"}
    first, again, one, *_ = [command for command in commands_of(README) if command.startswith("run-")]
    assert run(folder, f"{first} --yes", **quick).returncode == 0
    assert "a second copy will be published" in run(folder, again, **quick).stderr
    done = run(folder, one, **quick)
    assert (done.returncode, "Already done" in done.stderr) == (0, True)
    assert len((folder / "published.log").read_text().split()) == 4


@pytest.mark.parametrize("name", ["run-batch", "run-pipeline", "pressrun"])
@pytest.mark.parametrize("flag", ["--help", "-h", "--version"])
def test_help_and_version_of_every_command_work(folder: Path, name: str, flag: str) -> None:
    done = run(folder, f"{name} {flag}")
    assert done.returncode == 0
    assert done.stdout.startswith(("Usage: ", "pressrun "))


def test_the_first_batch_of_the_tutorial_works(folder: Path) -> None:
    shutil.rmtree(folder / "books")
    prepare = [command for command in commands_of(TUTORIAL) if command.startswith(("mkdir", "cp", "echo"))]
    for command in prepare:
        assert run(folder, command).returncode == 0
    plans = [bare(command) for command in commands_of(TUTORIAL) if "run-batch" in command]
    assert len(plans) == 3
    for command in plans:
        done = run(folder, command if "--dry-run" in command else f"{command} --dry-run")
        assert done.returncode == 0, done.stderr
        assert "No source" not in done.stderr


@pytest.mark.parametrize("page", [README, TUTORIAL, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")])
def test_every_target_of_make_that_is_named_exists(page: str) -> None:
    for target in re.findall(r"(?:`|^)make (\w+)(?:`|$)", page, re.MULTILINE):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_the_readme_fits_on_a_few_screens() -> None:
    assert len(README.splitlines()) <= 100


def test_the_pages_are_plain() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "runs" / "README.md"]
    for page in pages:
        prose = re.sub(r"```.*?```|`[^`]*`|!\[", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "!" not in prose, page
        assert not re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", prose), page

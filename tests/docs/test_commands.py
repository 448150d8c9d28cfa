"""Every command and option is documented, and every documented one exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import click
import pytest

from pressrun.cli.declare import stage_names
from pressrun.cli.main import pressrun, run_batch, run_pipeline
from pressrun.errors import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILES = (ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
COMMANDS = {"run-batch": run_batch, "run-pipeline": run_pipeline, "pressrun": pressrun}
FLAG = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")


def flags_of(command: click.Command) -> set[str]:
    context = click.Context(command, help_option_names=["-h", "--help"])
    params = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    return {flag for each in params for flag in (*each.opts, *each.secondary_opts)}


def in_tables(text: str) -> set[str]:
    """Return the flags in the first columns of tables."""
    return {flag for row in re.findall(r"^\| (`-.*?) \| ", text, re.MULTILINE) for flag in FLAG.findall(row)}


EVERY_FLAG = set().union(*map(flags_of, COMMANDS.values()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert re.search(rf"^\| `{name}\b.*` \|", REFERENCE, re.MULTILINE)


def test_the_tables_have_every_option_and_no_other() -> None:
    assert in_tables(REFERENCE) == EVERY_FLAG


def test_both_commands_share_all_options_but_one() -> None:
    assert flags_of(run_batch) - flags_of(run_pipeline) == {"--file"}
    assert flags_of(run_pipeline) <= flags_of(run_batch)


def test_the_stages_are_named_in_their_order() -> None:
    assert f"`{' '.join(stage_names())}`" in README
    (sentence,) = re.findall(r"The stages are (.*?), in this order", REFERENCE)
    assert tuple(re.findall(r"`(\w+)`", sentence)) == stage_names()


def test_the_exit_codes_are_those_of_the_program() -> None:
    section = FILES.split("## Exit codes")[1].split("\n## ")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)] == [
        EXIT_OK,
        EXIT_FAILED,
        EXIT_USAGE,
        EXIT_INTERRUPTED,
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_shows_an_option_that_does_not_exist(page: Path) -> None:
    for line in page.read_text(encoding="utf-8").splitlines():
        for call in re.findall(r"(?:run-batch|run-pipeline|pressrun (?:batch|pipeline))((?: [^`#|>]+)?)", line):
            assert set(re.findall(r"(?<!\S)--[a-z-]+", call)) <= EVERY_FLAG, line


def links_of(page: Path, kind: Literal["link", "picture"]) -> list[str]:
    """Return the targets of links or pictures of a page, outside fenced blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    mark = "!" if kind == "picture" else r"(?<!!)"
    return re.findall(rf"{mark}\[[^\]]*\]\(([^)\s]+)\)", text)


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = links_of(ROOT / "README.md", "picture")
    assert len(pictures) == 2
    assert all((ROOT / picture).is_file() for picture in pictures), pictures


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_page_and_a_heading_that_exist(page: Path) -> None:
    for target in links_of(page, "link"):
        if target.startswith("https://"):
            continue
        place, _, heading = target.partition("#")
        path = page.parent / place if place else page
        assert path.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}, target

"""What cannot be used is said in a sentence, with exit code 2, before anything runs."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_a_missing_list_says_how_to_start(workspace: Any) -> None:
    result = workspace.run("run-batch")
    assert result.returncode == 2
    assert "cp books.txt.example books.txt" in result.stderr
    assert workspace.files() == set()


def test_a_list_that_cannot_be_read_names_the_line(workspace: Any) -> None:
    (workspace.folder / "books.txt").write_bytes(b"Walden\nCaf\xe9\n")
    result = workspace.run("run-batch", "--yes")
    assert result.returncode == 2
    assert "line 2" in result.stderr
    assert workspace.files() == {"books.txt"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--pivacy", "public"), "--privacy"),
        (("--from", "upload", "--until", "tts"), "nothing would run"),
        (("--target-seconds", "5"), "20"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(workspace: Any, arguments: tuple[str, ...], words: str) -> None:
    workspace.list_books("Walden")
    result = workspace.run("run-batch", "--yes", *arguments)
    assert result.returncode == 2
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert workspace.files() == {"books.txt"}


def test_a_broken_database_is_left_as_it_is(workspace: Any) -> None:
    workspace.list_books("Walden")
    (workspace.folder / "database.json").write_text('{"books": [}')
    result = workspace.run("run-batch", "--yes")
    assert result.returncode == 2
    assert "line 1" in result.stderr
    assert (workspace.folder / "database.json").read_text() == '{"books": [}'


def test_a_setting_of_the_file_that_does_not_exist_is_named(workspace: Any) -> None:
    workspace.list_books("Walden")
    (workspace.folder / "pressrun.toml").write_text('privcy = "public"\n')
    result = workspace.run("run-batch", "--yes")
    assert result.returncode == 2
    assert 'Did you mean "privacy"?' in result.stderr


def test_a_workspace_is_where_everything_goes(workspace: Any) -> None:
    (workspace.folder / "place").mkdir()
    (workspace.folder / "list.txt").write_text("Walden\n")
    for arguments, environment in ((("--workspace", "place"), {}), ((), {"PRESSRUN_WORKSPACE": "place"})):
        command = ("run-batch", "--yes", "--file", "list.txt", "--until", "search", *arguments)
        result = workspace.run(*command, **environment)
        assert result.returncode == 0
    assert (workspace.folder / "place" / "database.json").exists()
    assert not (workspace.folder / "runs").exists()


def test_the_group_has_the_same_commands(workspace: Any) -> None:
    result = workspace.run("pressrun", "pipeline", "Walden | Thoreau", "--yes", "--until", "search")
    assert result.returncode == 0
    assert result.stdout == "success\tWalden | Thoreau\t\t\n"


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (("--bogus",), {}, "No such option"),
        (("--until", "nothing"), {}, "unknown stage"),
        (("--until", "search"), {"PRESSRUN_PIPELINE": "nowhere:X"}, "PRESSRUN_PIPELINE"),
        (("--yes",), {"PRESSRUN_TIMEOUT": "10d"}, 'PRESSRUN_TIMEOUT: found "10d"; it must be a duration above 0s'),
        (("--file", "missing.txt"), {}, "missing.txt"),
        ((), {}, "no terminal"),
    ],
)
def test_a_program_gets_every_error_as_one_object(
    workspace: Any, arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    workspace.list_books("Walden")
    result = workspace.run("run-batch", "--output-format", "json", *arguments, **environment)
    assert result.returncode == 2
    answer = json.loads(result.stdout)
    assert [answer[name] for name in ("success", "resumed", "failed", "skipped")] == [[]] * 4
    assert words in answer["error"]["message"]
    assert answer["error"]["remedy"]


def test_a_duration_of_the_environment_may_have_a_unit(workspace: Any) -> None:
    workspace.list_books("Walden")
    assert workspace.run("run-batch", "--dry-run", PRESSRUN_TIMEOUT="10m").returncode == 0


def test_results_that_cannot_be_written_do_not_call_for_a_second_run(workspace: Any) -> None:
    workspace.list_books("Walden")
    result = workspace.run("sh", "-c", "run-batch --no-skip --yes --delay 0 > /dev/full")
    assert result.returncode == 1
    said = " ".join(result.stderr.split())
    assert "cannot be written to standard output" in said
    assert "The summary above shows all of them" in said
    assert "the same command" not in said
    assert "run the same" not in said

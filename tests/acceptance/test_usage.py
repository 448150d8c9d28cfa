"""What cannot be used is said in a sentence, with exit code 2, before anything runs."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_missing_list_says_how_to_start(desk: Any) -> None:
    result = desk.run("run-batch")
    assert result.returncode == 2
    assert "cp books.txt.example books.txt" in result.stderr
    assert desk.files() == set()


def test_a_list_that_cannot_be_read_names_the_line(desk: Any) -> None:
    (desk.folder / "books.txt").write_bytes(b"Walden\nCaf\xe9\n")
    result = desk.run("run-batch", "--yes")
    assert result.returncode == 2
    assert "line 2" in result.stderr
    assert desk.files() == {"books.txt"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--pivacy", "public"), "--privacy"),
        (("--from", "upload", "--until", "tts"), "nothing would run"),
        (("--target-seconds", "5"), "20"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(desk: Any, arguments: tuple[str, ...], words: str) -> None:
    desk.list_books("Walden")
    result = desk.run("run-batch", "--yes", *arguments)
    assert result.returncode == 2
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert desk.files() == {"books.txt"}


def test_a_broken_database_is_left_as_it_is(desk: Any) -> None:
    desk.list_books("Walden")
    (desk.folder / "database.json").write_text('{"books": [}')
    result = desk.run("run-batch", "--yes")
    assert result.returncode == 2
    assert "line 1" in result.stderr
    assert (desk.folder / "database.json").read_text() == '{"books": [}'


def test_a_setting_of_the_file_that_does_not_exist_is_named(desk: Any) -> None:
    desk.list_books("Walden")
    (desk.folder / "pressrun.toml").write_text('privcy = "public"\n')
    result = desk.run("run-batch", "--yes")
    assert result.returncode == 2
    assert 'Did you mean "privacy"?' in result.stderr


def test_a_workspace_is_where_everything_goes(desk: Any) -> None:
    (desk.folder / "place").mkdir()
    (desk.folder / "list.txt").write_text("Walden\n")
    for arguments, environment in ((("--workspace", "place"), {}), ((), {"PRESSRUN_WORKSPACE": "place"})):
        result = desk.run("run-batch", "--yes", "--file", "list.txt", "--until", "search", *arguments, **environment)
        assert result.returncode == 0
    assert (desk.folder / "place" / "database.json").exists()
    assert not (desk.folder / "runs").exists()


def test_the_group_has_the_same_commands(desk: Any) -> None:
    result = desk.run("pressrun", "pipeline", "Walden | Thoreau", "--yes", "--until", "search")
    assert result.returncode == 0
    assert result.stdout == "success\tWalden | Thoreau\t\t\n"

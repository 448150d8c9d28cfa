"""A run folder that changes hands: its name says whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.kinds.run_store.folders import attempt_path, take_over


def test_each_attempt_gives_the_folder_a_name_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "Bees").mkdir()
    second = take_over(tmp_path / "Bees", 2)
    third = take_over(second, 3)
    assert (second.name, third.name) == ("Bees.a2", "Bees.a3")
    assert [path.name for path in tmp_path.iterdir()] == ["Bees.a3"]
    assert take_over(second, 3) == third


def test_one_that_was_renamed_by_an_attempt_that_died_before_it_said_so_is_found(tmp_path: Path) -> None:
    attempt_path(tmp_path / "Bees", 2).mkdir()
    assert take_over(tmp_path / "Bees", 4).name == "Bees.a4"


def test_one_that_a_later_attempt_has_is_left_to_it(tmp_path: Path) -> None:
    attempt_path(tmp_path / "Bees", 3).mkdir()
    with pytest.raises(FileNotFoundError):
        take_over(tmp_path / "Bees", 2)
    assert [path.name for path in tmp_path.iterdir()] == ["Bees.a3"]


def test_two_runs_of_one_title_are_not_taken_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "Bees_2").mkdir()
    with pytest.raises(FileNotFoundError):
        take_over(tmp_path / "Bees", 2)

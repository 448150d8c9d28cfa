"""The short form of `bench/sources`: labelled sources read well, and random prose loses no word."""

from __future__ import annotations

import pytest
from bench.sources.labelled import Labelled
from bench.sources.prose import lost_words
from bench.sources.reading import INPUTS, problems


def test_there_are_enough_inputs_with_names_of_their_own() -> None:
    assert len(INPUTS) >= 120
    assert len({each.name for each in INPUTS}) == len(INPUTS)


@pytest.mark.parametrize("labelled", INPUTS[::4], ids=lambda each: each.name)
def test_a_script_says_only_what_a_person_would(labelled: Labelled) -> None:
    assert not problems(labelled)


@pytest.mark.parametrize("seed", range(30))
def test_cleaning_loses_no_word(seed: int) -> None:
    assert not lost_words(seed)

"""How much of a text stands word for word in another."""

from __future__ import annotations

import time

import pytest

from pressrun.services.writers.originality import measure_overlap

SOURCE = "The man built a hut beside the pond and lived in it for two years with very little money, by his own account."


def test_the_longest_run_is_found_whatever_its_punctuation_and_capitals() -> None:
    found = measure_overlap(["Once, THE MAN built a hut -- beside the pond. Then he left."], SOURCE, "en")
    assert found.longest == 8
    assert found.passage == "the man built a hut beside the pond"


def test_words_are_compared_whole() -> None:
    assert measure_overlap(["her man builts"], "The man built", "en").longest == 1
    assert measure_overlap(["an a"], "man at", "en").longest == 0


def test_the_share_counts_runs_of_eight_words() -> None:
    assert measure_overlap([SOURCE], SOURCE, "en").share == 1.0
    other = ["Nothing of this stands in any other text that was ever written here."]
    assert measure_overlap(other, SOURCE, "en").share == 0.0
    # Twelve words have five runs of eight; the first eight words are the source's.
    half = "The man built a hut beside the pond which nobody else did"
    assert measure_overlap([half], SOURCE, "en").share == pytest.approx(1 / 5)


def test_a_run_ends_where_its_passage_ends() -> None:
    assert measure_overlap(["The man built a hut", "beside the pond and lived"], SOURCE, "en").longest == 5


def test_languages_without_blanks_are_measured_by_their_letters() -> None:
    source = "男は朝早く起きて豆畑を耕した。畑からの収入はわずかだった。"
    found = measure_overlap(["ある日、男は朝早く起きて豆畑を耕した。"], source, "ja")
    assert found.passage == "男は朝早く起きて豆畑を耕した"
    assert found.longest == 7


@pytest.mark.parametrize(("passages", "source"), [([], SOURCE), ([""], SOURCE), (["a word"], ""), (["…!"], "?")])
def test_nothing_shares_nothing(passages: list[str], source: str) -> None:
    found = measure_overlap(passages, source, "en")
    assert (found.longest, found.share, found.passage) == (0, 0.0, "")


def test_a_whole_book_is_compared_quickly() -> None:
    source = " ".join(f"word{number % 977} and more{number % 1201}" for number in range(40_000))
    start = time.process_time()
    found = measure_overlap([source[9_000:30_000], "of something else entirely " * 300], source, "en")
    assert found.longest > 2_000
    assert time.process_time() - start < 5

"""Scenes: how a text is divided, and which sentences of each part stay."""

from __future__ import annotations

from dataclasses import replace

from pressrun.services.writers.scenes import (
    best_sentences,
    divide,
    group_into_scenes,
    select_beginnings,
    select_sentences,
)
from pressrun.services.writers.units import Unit


def unit(
    place: int, seconds: float = 10, section: int = 0, weak: bool = False, rating: float = 1.0, opens: bool = False
) -> Unit:
    tokens = (f"word{place // 5}", f"other{place}")
    return Unit(f"Sentence {place}.", 10, tokens, place, section, weak, opens, False, rating, seconds)


def places(units: list[Unit]) -> list[int]:
    return [each.place for each in units]


def test_sections_of_the_source_are_the_scenes_where_their_number_allows() -> None:
    units = [unit(number, section=number // 5) for number in range(35)]
    assert [len(group) for group in group_into_scenes(units, 300)] == [5] * 7


def test_the_weightiest_nine_of_many_sections_are_narrated_in_order() -> None:
    units = [unit(number, section=number // 3, seconds=30 if number // 3 % 2 else 5) for number in range(60)]
    groups = group_into_scenes(units, 300)
    assert len(groups) == 9
    assert [group[0].section for group in groups] == [1, 3, 5, 7, 9, 11, 13, 15, 17]


def test_few_sections_are_divided_until_there_are_five() -> None:
    units = [unit(number, section=number // 20) for number in range(40)]
    groups = group_into_scenes(units, 70)
    assert len(groups) == 5
    assert [each.place for group in groups for each in group] == list(range(40))


def test_a_text_without_sections_is_cut_where_paragraphs_begin_and_never_before_a_leaning_sentence() -> None:
    units = [unit(number, opens=number % 6 == 0, weak=number % 6 == 5) for number in range(30)]
    groups = divide(units, 5)
    assert [group[0].place for group in groups] == [0, 6, 12, 18, 24]


def test_no_more_groups_than_sentences() -> None:
    assert [len(group) for group in group_into_scenes([unit(0, seconds=30), unit(1, seconds=30)], 300)] == [1, 1]
    assert group_into_scenes([], 300) == []


def test_the_best_sentences_fit_and_keep_their_order() -> None:
    group = [unit(0, rating=0.5), unit(2, rating=2.0), unit(4, rating=0.5), unit(6, rating=2.0)]
    assert places(best_sentences(group, 20)) == [2, 6]
    assert places(best_sentences(group, 5)) == []


def test_a_leaning_sentence_is_said_only_behind_the_one_it_leans_on() -> None:
    group = [unit(0, rating=0.5), unit(1, weak=True, rating=2.0), unit(3, rating=0.6)]
    assert places(best_sentences(group, 10)) == [3]
    assert places(best_sentences(group, 20)) == [0, 1]


def test_every_scene_says_something_and_all_together_the_seconds_requested() -> None:
    groups = [[unit(10 * part + number, seconds=12) for number in range(8)] for part in range(6)]
    scenes = select_sentences(groups, 300)
    assert all(scenes)
    assert 280 <= sum(each.seconds for scene in scenes for each in scene) <= 320
    tiny = select_sentences(groups, 10)
    assert [len(scene) for scene in tiny] == [1] * 6


def test_the_short_takes_a_few_longer_stretches_before_one_sentence_of_each() -> None:
    scenes = [[unit(10 * part + number) for number in range(4)] for part in range(5)]
    chosen = select_beginnings(scenes, 65)
    assert len(chosen) == 6
    assert len({each.place // 10 for each in chosen}) == 2
    assert select_beginnings([[unit(0, seconds=100), unit(1, seconds=100)]], 65) == []


def test_a_leaning_sentence_is_never_said_without_the_one_before_however_good_it_is() -> None:
    group = [unit(0), unit(1, seconds=30), unit(2, weak=True, rating=2.0), unit(3)]
    assert 2 not in places(best_sentences(group, 35))


def test_the_first_sentence_of_a_section_is_said_where_it_fits() -> None:
    lead = replace(unit(0, seconds=2, rating=0.4), leads=True)
    group = [lead, unit(1, rating=2.0), unit(2, rating=2.0)]
    assert places(best_sentences(group, 20)) == [0, 1]


def test_all_is_said_where_there_is_time_for_all() -> None:
    groups = [[unit(0, weak=True), unit(1, weak=True)], [unit(2, weak=True)]]
    assert select_sentences(groups, 60) == groups


def test_the_short_fills_its_time_before_it_looks_for_what_is_best() -> None:
    scenes = [[unit(10 * part + number, seconds=5, rating=2.0 - part / 2) for number in range(2)] for part in range(4)]
    assert sum(each.seconds for each in select_beginnings(scenes, 41)) == 40

"""Sentences of a transcript: clean, each once, and marked where they lean on the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pressrun.model.script import Segment, Transcript
from pressrun.services.writers.units import MAX_SENTENCE_WORDS, split_units


def texts(*paragraphs: str, code: str = "en") -> list[str]:
    return [unit.text for unit in units(*paragraphs, code=code)[0]]


def units(*paragraphs: str, code: str = "en") -> tuple[list, list[str]]:  # type: ignore[type-arg]
    segments = tuple(Segment(each.removeprefix("# "), heading=each.startswith("# ")) for each in paragraphs)
    return split_units(Transcript(code, "ltr", segments, "a.md"))


def test_headings_divide_the_sentences_into_sections() -> None:
    found, headings = units("Before it all.", "# One", "First here. Second here.", "# Two", "Third here.")
    assert headings == ["", "One", "Two"]
    assert [(unit.section, unit.opens, unit.leads) for unit in found] == [
        (0, True, True), (1, True, True), (1, False, False), (2, True, True),
    ]


def test_a_sentence_that_appears_twice_is_taken_once() -> None:
    assert texts("The hut stood there. The  HUT stood there.", "The hut stood there.") == ["The hut stood there."]


def test_sentences_that_lean_on_the_one_before_are_marked() -> None:
    found, _ = units("Thoreau left the woods. He had reasons. The book therefore sold slowly. Nobody saw this coming.")
    assert [unit.weak for unit in found] == [False, True, True, True]
    japanese, _ = units("男は森へ行った。しかし雨が降った。", code="ja")
    assert [unit.weak for unit in japanese] == [False, True]


def test_items_of_a_list_get_a_capital_and_a_full_stop() -> None:
    assert texts("three old chairs", "- a table;") == ["Three old chairs.", "A table."]
    assert texts("三脚の椅子", code="ja") == ["三脚の椅子。"]


def test_lonely_quotation_marks_are_taken_away_and_pairs_stay() -> None:
    assert texts('“The woods are near. He said "yes" twice.') == ["The woods are near.", 'He said "yes" twice.']
    assert texts("Das Heft „Wald“ lag dort.", code="de") == ["Das Heft „Wald“ lag dort."]


def test_a_sentence_that_announces_another_stays_with_it() -> None:
    assert texts("The question was simple: How little is enough for one man?") == [
        "The question was simple: How little is enough for one man?"
    ]
    assert texts("Here it is:", "A hut.") == ["Here it is.", "A hut."]


def test_a_sentence_too_long_for_one_breath_is_cut_at_its_clauses() -> None:
    clause = "the rain fell on the roof and nobody came to the pond that day"
    found = texts("; ".join([clause + str(n) for n in range(6)]))
    assert len(found) > 2
    assert all(each.startswith("The rain") for each in found)
    assert all(len(each.split()) <= MAX_SENTENCE_WORDS for each in found)


def test_captions_without_punctuation_end_at_pauses(captions: Callable[..., Transcript]) -> None:
    lines = [f"words of the line number {number} go on" for number in range(12)]
    together = captions(*lines)
    apart = Transcript("en", "ltr", tuple(
        Segment(each.text, each.start * 2, each.end * 2 - 2) for each in together.segments  # type: ignore[operator]
    ), "a.srt")
    assert len(split_units(together)[0]) == 4
    assert len(split_units(apart)[0]) == 12


def test_addresses_of_strangers_are_left_out_and_those_of_the_user_stay() -> None:
    own = Transcript("en", "ltr", (Segment("Look at https://pond.example/hut today. The hut stood there."),), "a.md")
    assert len(split_units(own)[0]) == 2
    found = split_units(replace(own, source_url="https://www.youtube.com/watch?v=abc"))[0]
    assert [unit.text for unit in found] == ["The hut stood there."]

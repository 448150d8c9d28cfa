"""Cues have at most two lines, end with sentences, and are written as SRT and WebVTT."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import process_time

import pysubs2
import pytest

from pressrun.media.captions import as_srt, as_vtt, cues_of
from pressrun.model.script import Passage, Word

TEXT = (
    "He did not go to the woods to hide. He went to find out which parts of a day are necessary, and which are only "
    "habit. For two years he counted every nail, every seed and every hour, and wrote down the price of each. "
    "Then he left."
)


def count_letters(text: str) -> float:
    return float(len(text))


@pytest.mark.parametrize("width", [14, 24, 42])
def test_cues_have_at_most_two_lines_and_every_line_fits(width: int, passage_of: Callable[..., Passage]) -> None:
    for cue in cues_of([passage_of(TEXT)], count_letters, width):
        assert 1 <= len(cue.lines) <= 2
        assert all(len(line) <= width for line in cue.text_lines)


def test_no_word_is_lost_or_repeated(passage_of: Callable[..., Passage]) -> None:
    cues = cues_of([passage_of(TEXT)], count_letters, 24)
    assert " ".join(line for cue in cues for line in cue.text_lines) == TEXT


def test_cues_do_not_overlap(passage_of: Callable[..., Passage]) -> None:
    cues = cues_of([passage_of(TEXT), passage_of(TEXT, 40.0)], count_letters, 42)
    assert all(cue.start < cue.end for cue in cues)
    assert all(before.end <= after.start for before, after in pairwise(cues))
    assert all(cue.start == cue.words[0].start for cue in cues)


def test_a_cue_ends_with_a_sentence_even_if_more_words_would_fit(passage_of: Callable[..., Passage]) -> None:
    cues = cues_of([passage_of(TEXT)], count_letters, 42)
    assert cues[0].text_lines == ("He did not go to the woods to hide.",)


def test_a_cue_does_not_start_with_the_end_of_another_sentence(passage_of: Callable[..., Passage]) -> None:
    text = (
        "Tradition gives the book to a general who served a southern king about five hundred years before our era. "
        "Many historians suspect that the text grew later, in the long age of the Warring States."
    )
    for cue in cues_of([passage_of(text)], count_letters, 42):
        assert not any(word.text.endswith(".") for word in cue.words[:-1])


def test_a_cue_stays_a_little_after_its_last_word(passage_of: Callable[..., Passage]) -> None:
    cue = cues_of([passage_of("Then he left.")], count_letters, 42)[-1]
    assert 0.2 <= cue.end - cue.words[-1].end <= 0.5


def test_words_of_scripts_without_spaces_are_joined_without_spaces() -> None:
    words = tuple(Word(text, at * 0.5, at * 0.5 + 0.4) for at, text in enumerate(["東京は", "日本の", "首都です。"]))
    cues = cues_of([Passage("", "東京は日本の首都です。", 0, 1.5, words)], count_letters, 20)
    assert cues[0].text_lines == ("東京は日本の首都です。",)


def test_a_word_wider_than_a_line_is_still_shown(passage_of: Callable[..., Passage]) -> None:
    cues = cues_of([passage_of("a " + "x" * 60 + " b")], count_letters, 20)
    assert [word.text for cue in cues for word in cue.words] == ["a", "x" * 60, "b"]


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_another_library_reads_both_formats(form: str, passage_of: Callable[..., Passage]) -> None:
    cues = cues_of([passage_of("Two < three & four. A --> arrow is text.", 3599.5)], count_letters, 30)
    text = as_srt(cues) if form == "srt" else as_vtt(cues)
    read = pysubs2.SSAFile.from_string(text, format_=form, keep_unknown_html_tags=True)
    expected = [(round(cue.start * 1000), round(cue.end * 1000)) for cue in cues]
    assert [(event.start, event.end) for event in read] == expected


def test_reserved_characters_are_escaped_in_webvtt(passage_of: Callable[..., Passage]) -> None:
    text = as_vtt(cues_of([passage_of("Two < three & four -> five.")], count_letters, 60))
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> ")
    assert "Two &lt; three &amp; four -&gt; five." in text


def test_times_can_have_hours(passage_of: Callable[..., Passage]) -> None:
    assert as_srt(cues_of([passage_of("Late.", 3725.25)], count_letters, 60)).startswith("1\n01:02:05,250 --> ")


def test_twenty_thousand_words_are_laid_out_in_seconds(passage_of: Callable[..., Passage]) -> None:
    passage = passage_of("Every word counts, and each one has a place in the long row. " * 1540)
    started = process_time()
    cues = cues_of([passage], lambda text: 10.0 * len(text), 400.0)
    assert process_time() - started < 20
    assert [word for cue in cues for word in cue.words] == list(passage.words)
    assert len(passage.words) > 20_000

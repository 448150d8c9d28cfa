"""A text in parts: a sentence each, a long one in pieces that follow its clauses, and no unit lost or cut."""

from __future__ import annotations

import pytest

from pressrun.services.voices.splitting import split_text
from pressrun.services.voices.text_units import has_letters, split_units

LONG = (
    "He had counted every nail, every board and every seed that he bought in the village that spring; and he wrote all "
    "of it down in a small book, which lay on the table beside the door."
)
TEXTS = {
    "en": f"Mr. Smith came at 5 p.m. and sat down. {LONG} Then he rested! \"Why?\" … he asked.",
    "ja": "東京は日本の首都です。小さな家を建てました。本を読みます。",
    "ar": "هذا بيت صغير، وفيه كتاب. مرحبا بالعالم؟ شكرا لكم.",
    "th": "บ้านหลังเล็กอยู่ริมบึง และเขานับตะปูทุกตัว",
    "xx": "— … Hm, yes",
}


@pytest.mark.parametrize("language", TEXTS)
def test_no_unit_is_lost_and_each_part_has_something_to_say(language: str) -> None:
    text = TEXTS[language]
    parts = split_text(text, language, 100)
    assert [each for part in parts for each in part.texts] == [unit.text for unit in split_units(text)]
    assert all(has_letters(part.spoken) and len(part.spoken) <= 100 for part in parts)


def test_each_sentence_is_a_part_and_an_abbreviation_ends_none() -> None:
    parts = split_text(TEXTS["en"], "en", 1000)
    assert [part.spoken[:12] for part in parts] == ["Mr. Smith ca", "He had count", "Then he rest", '"Why?" … he ']
    assert {part.ending for part in parts} == {"sentence"}
    assert [part.spoken for part in split_text(TEXTS["ja"], "ja", 100)] == [
        "東京は日本の首都です。", "小さな家を建てました。", "本を読みます。",
    ]


def test_a_long_sentence_is_cut_after_a_clause_near_its_middle() -> None:
    first, second = split_text(LONG, "en", 100)
    assert first.spoken.endswith("that spring;")
    assert (first.ending, second.ending) == ("clause", "sentence")


def test_a_sentence_without_clauses_is_cut_between_words() -> None:
    parts = split_text("word " * 60 + "end.", "en", 100)
    assert [part.ending for part in parts] == ["word"] * (len(parts) - 1) + ["sentence"]
    assert min(len(part.spoken) for part in parts) > 50


def test_a_word_that_is_longer_than_a_part_stays_whole() -> None:
    word = "a" * 150
    assert [part.spoken for part in split_text(f"One {word} two.", "en", 100)] == ["One", word, "two."]


def test_the_same_text_gives_the_same_parts() -> None:
    assert split_text(TEXTS["en"], "en", 80) == split_text(TEXTS["en"], "en", 80)


def test_left_overs_of_markup_are_shown_and_not_spoken() -> None:
    (part,) = split_text("He *really* rested 😀 here.", "en", 100)
    assert part.spoken == "He really rested here."
    assert part.texts == ("He", "*really*", "rested", "😀", "here.")

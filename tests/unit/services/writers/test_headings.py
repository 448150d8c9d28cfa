"""Headings: the source's own, else a phrase of the scene."""

from __future__ import annotations

import pytest

from pressrun.services.languages import words
from pressrun.services.writers.headings import choose_phrase, own_heading
from pressrun.services.writers.ranking import stop_words
from pressrun.services.writers.units import Unit


def scene(*texts: str, code: str = "en") -> list[Unit]:
    return [
        Unit(text, 10, tuple(each.casefold() for each in words(text, code)), place, 0, False, False, False)
        for place, text in enumerate(texts)
    ]


def phrase(*texts: str, code: str = "en", used: tuple[str, ...] = ()) -> str:
    units = scene(*texts, code=code)
    return choose_phrase(units, units, code, stop_words(code), used)


@pytest.mark.parametrize(
    ("text", "heading"),
    [("the price of a hut.", "The price of a hut"), ("Walden", ""), ("3. Beans", "Beans"),
     ("Chapter IV: Beans", "Beans"), ("Chapter 12", ""), ("x" * 61, ""), ("  ", "")],
)
def test_a_heading_of_the_source_is_used_when_it_says_something(text: str, heading: str) -> None:
    assert own_heading(text, "Walden") == heading


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Food came from a field of beans.", "A field of beans"),
        ("The highest skill is to win without fighting.", "The highest skill"),
        ("They met his friend Ralph Emerson there.", "Ralph Emerson"),
        ("A campaign costs so much.", "A campaign"),
    ],
)
def test_a_phrase_is_a_noun_with_what_belongs_to_it(text: str, heading: str) -> None:
    assert phrase(text) == heading


def test_japanese_phrases_are_runs_of_characters_joined_by_their_particle() -> None:
    assert phrase("お金の本当の値段は人生の時間である。", code="ja") in ("本当の値段", "人生の時間")


def test_german_phrases_end_with_a_noun() -> None:
    assert phrase("Eine Unterscheidung trägt das Buch.", code="de") in ("Unterscheidung", "Buch")


def test_a_phrase_that_is_used_is_not_used_again() -> None:
    text = "Food came from a field of beans near the old railway bank."
    assert phrase(text, used=("A field of beans",)) != "A field of beans"


def test_a_scene_without_any_phrase_is_headed_by_its_first_words() -> None:
    assert phrase("It is what it is and was.").startswith("It")


@pytest.mark.parametrize(
    ("code", "text", "heading"),
    [
        ("ar", "لم يكن التاريخ عنده مجرد أخبار.", "لم يكن التاريخ عنده مجرد أخبار"),
        ("ar", "ما زال الكتاب يقرأ في كل مكان.", "ما زال الكتاب يقرأ في كل مكان"),
        ("ar", "وهذا هو العقل المدرب عند ماركوس.", "العقل المدرب"),
        ("en", "He never questioned slavery.", "He never questioned slavery"),
        ("en", "He did not smoke.", "He did not smoke"),
        ("ru", "Он не хотел войны.", "Он не хотел войны"),
    ],
)
def test_a_heading_never_says_the_opposite_of_its_sentence(code: str, text: str, heading: str) -> None:
    assert phrase(text, code=code) == heading


@pytest.mark.parametrize(
    ("text", "heading"),
    [("先生の若い頃の話は誰も知らない。", "先生"), ("一生忘れない出来事だった。", "出来事"),
     ("値上がりが続いた年だった。", "値上がりが続いた年だった"), ("経済学者は市場を見た。", "経済学者")],
)
def test_a_japanese_word_is_never_cut_before_its_ending(text: str, heading: str) -> None:
    assert phrase(text, code="ja") == heading


@pytest.mark.parametrize("code", ["zh", "th"])
def test_a_language_whose_words_cannot_be_detected_is_headed_by_a_beginning_that_says_it_is_one(code: str) -> None:
    text = {"zh": "一个年轻人在湖边盖了一间小屋并且住了很久。", "th": "ชายหนุ่มคนหนึ่งสร้างกระท่อมริมทะเลสาบและอยู่นาน"}[code]
    heading = phrase(text, code=code)
    assert heading.endswith("…")
    assert text.startswith(heading[:-1])

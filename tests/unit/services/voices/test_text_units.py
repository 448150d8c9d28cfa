"""Texts as the units that captions light up."""

from __future__ import annotations

import unicodedata

from pressrun.services.voices.text_units import clusters, split_units, to_speakable


def texts(text: str) -> list[str]:
    return [unit.text for unit in split_units(text)]


def test_words_keep_their_punctuation() -> None:
    assert texts("Wait… “no,” he said.") == ["Wait…", "“no,”", "he", "said."]


def test_chinese_falls_into_short_units_that_keep_their_marks() -> None:
    made = texts("习惯是小小的积累，（积累）很重要。")
    assert "".join(made) == "习惯是小小的积累，（积累）很重要。"
    assert all(len([each for each in unit if unicodedata.category(each)[0] == "L"]) <= 4 for unit in made)
    assert all(unit[0] not in "，。）" for unit in made)
    assert not any(unit.endswith("（") for unit in made)


def test_thai_is_never_cut_inside_a_cluster() -> None:
    text = "สวัสดีครับผมชื่อจอห์นและผมรักหนังสือ"
    made = texts(text)
    assert "".join(made) == text
    assert len(made) > 3
    assert all(unicodedata.category(unit[0])[0] != "M" and unit[-1] not in "เแโใไ" for unit in made)


def test_khmer_letters_stay_stacked() -> None:
    assert clusters("ខ្មែរ") == ["ខ្មែ", "រ"]


def test_korean_has_blanks_and_keeps_them() -> None:
    assert texts("작은 집 하나") == ["작은", "집", "하나"]


def test_pictures_and_markup_are_not_read_out() -> None:
    assert to_speakable("*bold* \U0001f642 `x` 20% & $3") == "bold  x 20% & $3"

"""Languages: codes, direction, words, and how long a text takes to say."""

from __future__ import annotations

import pytest

from pressrun.errors import SettingsError
from pressrun.services import languages

ENGLISH = "A man goes to the woods to live simply and to find out what he needs. He stays for two years."
ARABIC = "ذهب الرجل إلى الغابة ليعيش ببساطة ويعرف ما يحتاج إليه. بقي هناك سنتين كاملتين ثم عاد إلى بيته."
JAPANESE = "男は森へ行き、簡素に暮らして何が必要かを知ろうとした。そこに二年のあいだ住んだ。"


@pytest.mark.parametrize(
    ("text", "code", "direction"),
    [(ENGLISH, "en", "ltr"), (ARABIC, "ar", "rtl"), (JAPANESE, "ja", "ltr"),
     ("Der Mann ging in den Wald, um einfach zu leben und zu erfahren, was er braucht.", "de", "ltr"),
     ("האיש הלך אל היער כדי לחיות חיים פשוטים ולגלות מה הוא צריך באמת.", "he", "rtl"),
     ("او به جنگل رفت تا ساده زندگی کند و بداند به چه چیزهایی نیاز دارد.", "fa", "rtl")],
)
def test_the_language_of_a_text_is_detected_with_its_direction(text: str, code: str, direction: str) -> None:
    found = languages.detect_language(text)
    assert (found.code, found.direction, found.reason, found.sure) == (code, direction, "detected", True)


def test_a_setting_overrides_what_the_text_looks_like() -> None:
    assert languages.detect_language(ENGLISH, "ar") == languages.Language("ar", "rtl", "set")
    assert languages.detect_language(ENGLISH, "pt-BR").code == "pt"
    assert languages.detect_language(ENGLISH, " DE ").code == "de"


@pytest.mark.parametrize("text", ["", "Hello", "1984 1985 1986 2001", "🎉🎉🎉"])
def test_a_text_too_short_to_tell_is_taken_for_english_and_reports_it(text: str) -> None:
    found = languages.detect_language(text)
    assert (found.code, found.sure) == ("en", False)
    assert "too short" in found.reason


def test_a_text_of_two_languages_is_unsure() -> None:
    mixed = "Der Mann geht in den Wald. The man goes to the wood. " * 5
    found = languages.detect_language(mixed)
    assert found.code in ("de", "en")
    assert not found.sure
    assert "mix" in found.reason


@pytest.mark.parametrize("setting", ["english", "xx", "", "e"])
def test_a_setting_that_is_not_an_language_code_is_an_error(setting: str) -> None:
    with pytest.raises(SettingsError, match="is no language code"):
        languages.parse_language(setting)


def test_sentences_do_not_end_at_abbreviations_and_numbers() -> None:
    text = "Dr. Smith paid 3.50 dollars.  He left! Why? Nobody knows."
    found = languages.split_sentences(text, "en")
    assert found == ["Dr. Smith paid 3.50 dollars.", "He left!", "Why?", "Nobody knows."]


def test_japanese_and_arabic_sentences_end_at_their_own_marks() -> None:
    assert len(languages.split_sentences(JAPANESE, "ja")) == 2
    assert languages.split_sentences("هل قرأته؟ نعم.", "ar") == ["هل قرأته؟", "نعم."]


@pytest.mark.parametrize(
    ("text", "found"),
    [("Don't stop — he's the “well-known” man's.", ["Don't", "stop", "he's", "the", "well-known", "man's"]),
     ("ذهبَ الرجلُ، إلى الغابة؟", ["ذهبَ", "الرجلُ", "إلى", "الغابة"]),
     ("हिन्दी में पुस्तक।", ["हिन्दी", "में", "पुस्तक"]),
     ("می‌خواهم", ["می‌خواهم"]),
     ("🎉 … !", [])],
)
def test_words_are_runs_of_letters_with_their_marks(text: str, found: list[str]) -> None:
    assert languages.written_words(text) == found


def test_a_language_without_blanks_is_measured_by_its_characters() -> None:
    assert languages.spoken_words("one two three", "en") == 3
    assert languages.spoken_words("あ" * 330, "ja") == 165
    assert languages.spoken_words("森の中 Walden", "ja") == 2.5


def test_japanese_words_for_comparison_leave_endings_out() -> None:
    assert languages.words("猫である", "ja") == ["猫で"]

"""Untrusted text without hidden characters, markup and addresses."""

from __future__ import annotations

import pytest

from pressrun.services.untrusted_text import remove_address_sentences, remove_addresses, strip_markup


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/a?b=1#c", "HTTP://EVIL.EXAMPLE", "https ://evil.example", "www.evil.example", "evil.com",
        "sub.evil.co.uk/path", "bit.ly/2abc", "ann@evil.example", "mailto:ann@evil.example", "ftp://evil.example",
        "javascript:alert(1)", "t.me/evil", "http://127.0.0.1:8000/x",
    ],
)
def test_the_sentence_with_an_address_goes(address: str) -> None:
    text = f"The pond was deep. Visit {address} today. Winter came early."
    assert remove_address_sentences(text, "en") == "The pond was deep. Winter came early."


@pytest.mark.parametrize(
    "text",
    [
        "He paid 1.5/2 of it, e.g. in spring, i.e. late.", "The data: five ponds and/or lakes.", "It ended.It began.",
        "At 10.30 p.m. he left the U.S. for good.", "He asked: who is it? Nobody knew.",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert remove_address_sentences(text, "en") == text


def test_paragraphs_stay_apart() -> None:
    text = "First thought.\n\nBuy at evil.com now.\n\nSecond thought."
    assert remove_address_sentences(text, "en") == "First thought.\n\nSecond thought."


def test_a_label_loses_the_address_only() -> None:
    assert remove_addresses("The pond - https://evil.example") == "The pond"
    assert remove_addresses("evil.com") == ""


def test_japanese_sentences_are_distinguished() -> None:
    assert remove_address_sentences("池は深い。www.evil.example を見る。冬が来た。", "ja") == "池は深い。冬が来た。"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("A **bold** and `plain` word", "A bold and plain word"),
        ("## Part one\nText", "Part one\nText"),
        ("See [the pond](https://evil.example) now", "See the pond now"),
        ("Good 🎉 day ✨", "Good day "),
        ("An _old_ name", "An old name"),
        ("abc\u202edef\u2066g\x07", "abcdefg"),
    ],
)
def test_what_cannot_be_spoken_goes(text: str, plain: str) -> None:
    assert strip_markup(text) == plain


@pytest.mark.parametrize(
    "text",
    ["می\u200cخواهم", "क्\u200dष", "L’été à 20 °C – 50 %…", "森の小さな池。", "snake_case #1 & C#", "© 1845 “Walden”"],
)
def test_letters_and_punctuation_stay(text: str) -> None:
    assert strip_markup(text) == text

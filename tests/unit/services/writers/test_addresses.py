"""Addresses that a model took over are neither spoken nor published."""

from __future__ import annotations

import pytest

from pressrun.services.writers.addresses import remove_address_sentences, remove_addresses


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


def test_a_label_loses_the_address_alone() -> None:
    assert remove_addresses("The pond - https://evil.example") == "The pond"
    assert remove_addresses("evil.com") == ""


def test_japanese_sentences_are_told_apart() -> None:
    assert remove_address_sentences("池は深い。www.evil.example を見る。冬が来た。", "ja") == "池は深い。冬が来た。"

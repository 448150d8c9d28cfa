"""Markup, emoji and marks that nobody sees are taken out; letters of all languages stay."""

from __future__ import annotations

from typing import Any

import pytest
from tests.loopback.language_model import usual

from pressrun.services.writers.llm.markup import strip_markup


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


def test_a_script_has_none_of_them(openai: Any) -> None:
    openai.server.replies = [lambda asked: usual(asked, note="This **matters** 🎉 a lot.") | {"title": "**Walden** 🎉"}]
    script = openai.write()
    assert script.title == "Walden"
    assert "This matters a lot." in script.scenes[0].narration
    assert "*" not in repr(script)

"""Words of a text are found among heard words that are split, joined, written or recognized otherwise."""

from __future__ import annotations

import pytest

from pressrun.services.voices.word_matching import HeardWord, match_starts


@pytest.mark.parametrize(
    ("text", "heard", "starts"),
    [
        ("The hut, beside.", "the hut beside", [0, 1, 2]),
        ("twenty-one men", "twenty one men", [0, 2]),
        ("can not come", "cannot come", [0, None, 1]),
        ("He saw Querquero there", "he saw there", [0, 1, None, 2]),
        ("He went", "oh he went", [1, 2]),
        ("« Où ? »", "où", [None, 0, None, None]),
        ("Where?", "", [None]),
        ("ＡＢＣ def", "abc def", [0, 1]),
    ],
)
def test_words_are_matched_by_their_letters(text: str, heard: str, starts: list[float | None]) -> None:
    words = text.split()
    found = match_starts(words, [HeardWord(word, float(at)) for at, word in enumerate(heard.split())])
    assert found == starts[: len(words)]

"""Measure how much of a text is copied from another: the longest run of words, and the share of eight-word runs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pressrun.model.script import Script
from pressrun.services.languages import CHARACTERS_PER_WORD, written_words

RUN_WORDS = 8
"""Number of consecutive words that two texts on one subject seldom share by chance."""


@dataclass(frozen=True)
class Overlap:
    """The overlap of a text with a source."""

    longest: int
    """Words in a row; in languages without spaces, the equivalent number of words by speaking time."""
    share: float
    """Share (0 to 1) of all runs of `RUN_WORDS` words that also occur in the source."""
    passage: str = ""
    """The longest run in its compared form: lowercase, without punctuation."""


def measure_overlap(passages: Iterable[str], source: str, code: str) -> Overlap:
    """Return what `passages` share with `source`. Runs do not cross from one passage to the next."""
    texts = [tokens(passage, code) for passage in passages]
    of_source = tokens(source, code)
    # Searching a string is much faster than comparing lists, and spaces around it keep words whole.
    joined = f" {' '.join(of_source)} "
    longest: list[str] = []
    for text in texts:
        for at in range(len(text)):
            while (run := text[at : at + len(longest) + 1])[len(longest) :] and f" {' '.join(run)} " in joined:
                longest = run
    known = set(word_runs(of_source, code))
    all_runs = [run for text in texts for run in word_runs(text, code)]
    share = sum(run in known for run in all_runs) / len(all_runs) if all_runs else 0.0
    per_word = CHARACTERS_PER_WORD.get(code, 1.0)
    between = "" if code in CHARACTERS_PER_WORD else " "
    return Overlap(round(len(longest) / per_word), share, between.join(longest))


def script_texts(script: Script) -> tuple[str, ...]:
    """Return the narration and description of a script. Headings, titles and tags only name the subject."""
    return (script.hook, *(scene.narration for scene in script.scenes), script.close, script.short, script.description)


def tokens(text: str, code: str) -> list[str]:
    """Return the words in their compared form; single characters for languages without spaces."""
    words = written_words(unicodedata.normalize("NFKC", text).casefold())
    return list("".join(words)) if code in CHARACTERS_PER_WORD else words


def word_runs(words: Sequence[str], code: str) -> list[tuple[str, ...]]:
    """Return every run of `RUN_WORDS` words."""
    size = round(RUN_WORDS * CHARACTERS_PER_WORD.get(code, 1.0))
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]

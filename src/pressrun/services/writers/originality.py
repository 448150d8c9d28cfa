"""How much of a text stands word for word in another: the longest run of words, and the share of runs of eight."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pressrun.model.script import Script
from pressrun.services.languages import CHARACTERS_PER_WORD, written_words

RUN = 8
"""Words in a row that two texts on one subject seldom share by chance."""


@dataclass(frozen=True)
class Copied:
    """What a text shares with a source."""

    longest: int
    """Words in a row, of languages without blanks the characters that take as long to say."""
    share: float
    """0 to 1: of all runs of `RUN` words, those that stand in the source."""
    passage: str = ""
    """The longest run, as it is compared: in small letters, without punctuation."""


def copied(passages: Iterable[str], source: str, code: str) -> Copied:
    """What `passages` share with `source`; no run goes on from one passage to the next."""
    texts = [tokens(passage, code) for passage in passages]
    of_source = tokens(source, code)
    # Searching a string is much quicker than comparing lists, and blanks around it keep words whole.
    joined = f" {' '.join(of_source)} "
    longest: list[str] = []
    for text in texts:
        for at in range(len(text)):
            while (run := text[at : at + len(longest) + 1])[len(longest) :] and f" {' '.join(run)} " in joined:
                longest = run
    known = set(runs(of_source, code))
    all_runs = [run for text in texts for run in runs(text, code)]
    share = sum(run in known for run in all_runs) / len(all_runs) if all_runs else 0.0
    per_word = CHARACTERS_PER_WORD.get(code, 1.0)
    between = "" if code in CHARACTERS_PER_WORD else " "
    return Copied(round(len(longest) / per_word), share, between.join(longest))


def said(script: Script) -> tuple[str, ...]:
    """All that a script says or describes; headings, titles and tags name the subject, which nobody can own."""
    return (script.hook, *(scene.narration for scene in script.scenes), script.close, script.short, script.description)


def tokens(text: str, code: str) -> list[str]:
    """The words as they are compared; of languages without blanks the single characters."""
    words = written_words(unicodedata.normalize("NFKC", text).casefold())
    return list("".join(words)) if code in CHARACTERS_PER_WORD else words


def runs(words: Sequence[str], code: str) -> list[tuple[str, ...]]:
    """Every `RUN` words in a row."""
    size = round(RUN * CHARACTERS_PER_WORD.get(code, 1.0))
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]

"""Random prose of which every word must survive cleaning."""

from __future__ import annotations

import html
import random
import tempfile
import textwrap
from pathlib import Path

from bench.sources.labelled import clock
from pressrun.services.sources.reading import read_material

WORDS = (
    "the a of and to in that it is was he she they we you I not but or so as at by for from with on into over under "
    "between after before when while because although if then than there here now never always often once twice "
    "only even still clock harbour river mill bread winter summer music silence page part act scene note contents "
    "chapter table index letter reference figure picture illustration light shadow garden market bridge stone wood "
    "iron paper ink voice song applause laughter wind thunder street house door window kitchen soldier teacher "
    "doctor captain painter baker sister brother old young small large bright dark quiet loud broken whole first "
    "last second third good bad long short warm cold goes comes keeps gives takes makes finds loses opens closes "
    "begins ends reads writes hears sees knows forgets remembers walked spoke answered asked laughed cried waited "
    "slept worked produced scanned transcribed copyright location highlight well-known half-open mother-in-law "
    "nineteenth-century don’t it’s John’s ship’s O’Brien Anna Peter London Paris café naïve Zürich façade Goethe "
).split()
STARTS = (
    "Note that", "Page after page", "Music is", "Part of", "Act on", "No", "No one", "Yes", "I", "II was", "Contents of",
    "Chapter and", "See how", "The end of", "Illustration is", "Produced by hand,", "Location is", "Scene by scene", "In 1984",
    "At 10:30", "On page 12", "Table after table", "Copyright is", "Figure by figure", "Section by section", "A", "Is it",
)


class Writer:
    """Writes random sentences that the seed decides. With few `kinds`, they have only commas and quotation marks."""

    def __init__(self, seed: int, kinds: int = 14) -> None:
        self._random = random.Random(seed)
        self._kinds = kinds

    def sentence(self) -> str:
        """Return a sentence with numbers, quotations, brackets and dashes here and there."""
        pick = self._random
        words = [pick.choice(WORDS) for _ in range(pick.randint(3, 22))]
        if pick.random() < 0.3:
            words = [*pick.choice(STARTS).split(), *words]
        for _ in range(pick.randint(0, 3)):
            self._decorate(words)
        text = " ".join(words)
        return text[0].upper() + text[1:] + pick.choice("....!?…")

    def _decorate(self, words: list[str]) -> None:
        pick = self._random
        place = pick.randrange(len(words))
        word = words[place]
        end = min(len(words) - 1, place + pick.randint(0, 3))
        kind = pick.randrange(self._kinds)
        if kind < 2:
            words[place] = word + ","
        elif kind < 4:
            opening, closing = pick.choice(("“”", '""', "‘’", "«»", "()"))
            words[place], words[end] = opening + words[place], words[end] + closing
        elif kind == 4:
            words[place] = f"[{pick.choice(('he', 'she', 'that', 'who was old', 'and'))}]"
        elif kind == 5:
            words[place] = pick.choice(("12", "3.5", "1984", "1,200", "10:30", "5", "$40", "60%", "7th", "(1850–1901)", "1/2"))
        elif kind == 6:
            words[place] = f"{word} —"
        elif kind == 7:
            words[place] = f"{word}—{pick.choice(WORDS)}"
        elif kind == 8:
            words[place] = f"{word}..."
        elif kind == 9:
            words[place] = pick.choice(("Mr. Hill", "Dr. Jones", "approx. 3 km", "e.g. bread", "No. 5", "St. John", "p. 12", "vol. 2", "U.S."))
        elif kind == 10:
            words[place] = pick.choice(("AT&T", "R&D", "A/B", "C#", "#1", "a_b", "x*y", "5 * 3", "a < b", "b > a", "snake_case", "me@x", "~5", "50/50", "=", "+3"))
        elif kind == 11:
            words[place] = f"{word};"
        elif kind == 12:
            words[place] = f"{word.rstrip(':')}:"
        else:
            words[place] = word if "[" in word else word.upper()

    def paragraphs(self) -> list[str]:
        """Return a dozen paragraphs, some of a single short sentence."""
        pick = self._random
        return [
            " ".join(self.sentence() for _ in range(1 if pick.random() < 0.2 else pick.randint(2, 6)))
            for _ in range(pick.randint(6, 14))
        ]

    def document(self) -> tuple[str, str, list[str]]:
        """Return the suffix and the text of a source, and the paragraphs it holds."""
        pick = self._random
        parts = self.paragraphs()
        kind = pick.randrange(8)
        if kind < 3:
            width = pick.randint(45, 90)
            hyphens = pick.random() < 0.5
            return ".txt", "\n\n".join(textwrap.fill(part, width, break_on_hyphens=hyphens) for part in parts), parts
        if kind == 3:
            return ".txt", "\n".join(parts), parts
        if kind == 4:
            return ".txt", "\n\n".join(parts), parts
        if kind == 5:
            parts = [part.replace("*", "×").replace("_", "-").replace("<", "less").replace("#1", "one") for part in parts]
            return ".md", "\n\n".join(textwrap.fill(part, 80, break_on_hyphens=False) for part in parts), parts
        if kind == 6:
            return ".html", "".join(f"<p>{html.escape(part)}</p>\n" for part in parts), parts
        lines = [line for part in parts for line in textwrap.wrap(part, 42, break_on_hyphens=False)]
        pairs = [lines[start : start + 2] for start in range(0, len(lines), 2)]
        cues = "".join(
            f"{n}\n{clock(n * 3)} --> {clock(n * 3 + 2.5)}\n" + "\n".join(pair) + "\n\n" for n, pair in enumerate(pairs, 1)
        )
        return ".srt", cues, [" ".join(lines)]


def letters(text: str) -> str:
    """Return the letters and digits of a text, of which no word may lose one."""
    return "".join(filter(str.isalnum, text))


def lost_words(seed: int) -> list[str]:
    """Return the words of one random text that cleaning lost."""
    suffix, text, parts = Writer(seed).document()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, f"prose{suffix}")
        path.write_text(text, encoding="utf-8")
        segments = read_material(path, lambda each: each).segments
    have = letters(" ".join(each.text for each in segments))
    if have == letters(" ".join(parts)):
        return []
    lost, place = [], 0
    for word in " ".join(parts).split():
        bare = letters(word)
        found = have.find(bare, place, place + len(bare) + 40)
        if found < 0:
            lost.append(word)
        else:
            place = found + len(bare)
    return lost or ["(words in another order)"]

"""Setting text: lines broken by measure, balanced, and the largest size that fits.

Widths are in pixels and come from a function that measures a text, so that nothing here knows of fonts.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Measure = Callable[[str], float]

ELLIPSIS = "…"
_NO_LINE_START = frozenset("、。，．・：；？！」』）】〕〉》”’…ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ)]}»!?:;,.%")
_NO_LINE_END = frozenset("「『（【〔〈《“‘([{«")


@dataclass(frozen=True)
class Setting:
    """A text as set: its lines, the size in pixels, and the height of a line."""

    lines: tuple[str, ...]
    size: int
    line_height: int

    @property
    def height(self) -> int:
        return self.line_height * len(self.lines)


def atoms(text: str) -> list[tuple[str, str]]:
    """(what joins it to the one before, piece) for all pieces between which a line may break."""
    made: list[tuple[str, str]] = []
    for number, token in enumerate(text.split()):
        joiner = " " if number else ""
        for piece in _pieces(token):
            made.append((joiner, piece))
            joiner = ""
    return made


def break_lines(text: str, measure: Measure, width: float) -> list[str]:
    """As few lines as `width` allows, filled from the first. A word wider than a line is cut between characters."""
    lines: list[str] = []
    line = ""
    for joiner, piece in atoms(text):
        if not line or measure(line + joiner + piece) <= width:
            line = line + joiner + piece if line else piece
        else:
            lines.append(line)
            line = piece
        while measure(line) > width and len(clustered := _clusters(line)) > 1:
            longest = max(_longest(clustered, measure, width), 1)
            lines.append("".join(clustered[:longest]))
            line = "".join(clustered[longest:])
    return [*lines, line] if line else lines


def balanced(text: str, measure: Measure, width: float) -> list[str]:
    """As many lines as `break_lines` makes, of lengths as even as they get."""
    greedy = break_lines(text, measure, width)
    if len(greedy) < 2:
        return greedy
    low, high, best = width / len(greedy) * 0.8, width, greedy
    for _ in range(12):
        middle = (low + high) / 2
        lines = break_lines(text, measure, middle)
        if len(lines) == len(greedy) and max(map(measure, lines)) <= middle and not _cuts_words(text, lines):
            best, high = lines, middle
        else:
            low = middle
    return best


def fit(
    text: str, measure_at: Callable[[int], Measure], sizes: tuple[int, int], width: float, height: float,
    leading: float, most_lines: int = 99,
) -> Setting:
    """`text` at the largest of `sizes` (largest, smallest, in pixels) at which it fits without cutting a word.

    What does not fit even at the smallest size ends with an ellipsis.
    """
    largest, smallest = sizes
    smallest = max(min(smallest, largest), 1)
    step = max((largest - smallest) // 16, 1)
    for size in range(largest, smallest - 1, -step):
        measure = measure_at(size)
        lines = break_lines(text, measure, width)
        line_height = round(size * leading)
        if len(lines) * line_height <= height and len(lines) <= most_lines and not _cuts_words(text, lines):
            return Setting(tuple(balanced(text, measure, width)), size, line_height)
    measure, line_height = measure_at(smallest), max(round(smallest * leading), 1)
    lines = break_lines(text, measure, width)
    room = max(min(int(height // line_height), most_lines), 1)
    if len(lines) > room:
        lines = [*lines[:room - 1], ellipsized(lines[room - 1] + ELLIPSIS, measure, width)]
    return Setting(tuple(lines), smallest, line_height)


def ellipsized(text: str, measure: Measure, width: float) -> str:
    """`text`, cut so that it ends with an ellipsis where it is wider than `width` or already marked so."""
    if measure(text) <= width:
        return text
    parts = _clusters(text.removesuffix(ELLIPSIS))
    longest = _longest(parts, lambda start: measure(start.rstrip() + ELLIPSIS), width)
    return "".join(parts[:longest]).rstrip() + ELLIPSIS


def _longest(parts: Sequence[str], measure: Measure, width: float) -> int:
    """How many of `parts`, from the first, `width` takes."""
    return bisect_right(range(1, len(parts) + 1), width, key=lambda count: measure("".join(parts[:count])))


def _cuts_words(text: str, lines: Sequence[str]) -> bool:
    """Whether a line ends inside a piece that should have stayed whole."""
    allowed: set[int] = set()
    at = 0
    for _, piece in atoms(text):
        at += len(piece)
        allowed.add(at)
    at = 0
    for line in lines:
        at += sum(not each.isspace() for each in line)
        if at not in allowed:
            return True
    return False


def breaks_anywhere(character: str) -> bool:
    """Whether a line may break beside this character though no blank stands there: Han, kana, and the like."""
    return unicodedata.east_asian_width(character) in "WF" and unicodedata.category(character)[0] in "LP" and not (
        0xAC00 <= ord(character) <= 0xD7AF
    )


def _pieces(token: str) -> list[str]:
    pieces: list[str] = []
    for character in token:
        glued = (
            not pieces
            or character in _NO_LINE_START
            or pieces[-1][-1] in _NO_LINE_END
            or unicodedata.category(character)[0] == "M"
            or not (breaks_anywhere(character) or breaks_anywhere(pieces[-1][-1]))
        )
        # A hyphen or dash inside a long word is a place to break after.
        hyphen = pieces and pieces[-1][-1] in "-–—/" and len(pieces[-1]) > 3 and character.isalpha()
        if not pieces or not glued or hyphen:
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def _clusters(text: str) -> list[str]:
    made: list[str] = []
    for character in text:
        if made and (unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"):
            made[-1] += character
        else:
            made.append(character)
    return made

"""Break texts into lines, balance the lines, and find the largest size that fits.

Widths come from a function that measures a text, so this module knows nothing about fonts.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

Measure = Callable[[str], float]
"""Returns the width of a text in pixels."""

ELLIPSIS = "…"
_NO_LINE_START = frozenset("、。，．・：；？！」』）】〕〉》”’…ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ)]}»!?:;,.%")
_NO_LINE_END = frozenset("「『（【〔〈《“‘([{«")


@dataclass(frozen=True)
class TextSetting:
    """A text broken into lines, its size and the height of a line in pixels."""

    lines: tuple[str, ...]
    size: int
    line_height: int

    @property
    def height(self) -> int:
        return self.line_height * len(self.lines)


def split_atoms(text: str) -> list[tuple[str, str]]:
    """Split `text` where lines may break. Returns (space before it or nothing, piece) for each piece."""
    atoms: list[tuple[str, str]] = []
    for number, token in enumerate(text.split()):
        joiner = " " if number else ""
        for piece in _split_token(token):
            atoms.append((joiner, piece))
            joiner = ""
    return atoms


def break_lines(text: str, measure: Measure, width: float) -> list[str]:
    """Return as few lines as possible, each filled before the next. A word wider than a line is cut."""
    lines: list[str] = []
    line = ""
    for joiner, piece in split_atoms(text):
        if not line or measure(line + joiner + piece) <= width:
            line = line + joiner + piece if line else piece
        else:
            lines.append(line)
            line = piece
        while measure(line) > width and len(clusters := _split_clusters(line)) > 1:
            count = max(_count_fitting(clusters, measure, width), 1)
            lines.append("".join(clusters[:count]))
            line = "".join(clusters[count:])
    return [*lines, line] if line else lines


def balance_lines(text: str, measure: Measure, width: float) -> list[str]:
    """Return as many lines as `break_lines`, of lengths as even as possible."""
    greedy = break_lines(text, measure, width)
    if len(greedy) < 2:
        return greedy
    # The narrowest width that needs no more lines makes them most even. It is found by bisection.
    low, high, best = width / len(greedy) * 0.8, width, greedy
    for _ in range(12):
        middle = (low + high) / 2
        lines = break_lines(text, measure, middle)
        if len(lines) == len(greedy) and max(map(measure, lines)) <= middle and not _cuts_words(text, lines):
            best, high = lines, middle
        else:
            low = middle
    return best


def fit_text(
    text: str, measure_at: Callable[[int], Measure], sizes: tuple[int, int], width: float, height: float,
    leading: float, max_lines: int = 99,
) -> TextSetting:
    """Return `text` at the largest size at which it fits without cutting a word.

    `sizes` are the largest and the smallest size in pixels. If even the smallest is too large, the text ends with an
    ellipsis.
    """
    largest, smallest = sizes
    smallest = max(min(smallest, largest), 1)
    step = max((largest - smallest) // 16, 1)
    letters = "".join(text.split())
    for size in range(largest, smallest - 1, -step):
        # Lines of several widths are tried, which measures most of their beginnings again.
        measure: Measure = cache(measure_at(size))
        line_height = round(size * leading)
        # Breaking lines is slow, so sizes at which not even the letters fit are skipped; kerning and joined letters can
        # make lines a few percent narrower.
        if measure(letters) * 0.9 > min(height // line_height, max_lines) * width:
            continue
        lines = break_lines(text, measure, width)
        if len(lines) * line_height <= height and len(lines) <= max_lines and not _cuts_words(text, lines):
            return TextSetting(tuple(balance_lines(text, measure, width)), size, line_height)
    measure, line_height = measure_at(smallest), max(round(smallest * leading), 1)
    lines = break_lines(text, measure, width)
    line_count = max(min(int(height // line_height), max_lines), 1)
    if len(lines) > line_count:
        lines = [*lines[:line_count - 1], truncate(lines[line_count - 1] + ELLIPSIS, measure, width)]
    return TextSetting(tuple(lines), smallest, line_height)


def truncate(text: str, measure: Measure, width: float) -> str:
    """Return `text`, shortened to end with an ellipsis if it is wider than `width`."""
    if measure(text) <= width:
        return text
    clusters = _split_clusters(text.removesuffix(ELLIPSIS))
    count = _count_fitting(clusters, lambda start: measure(start.rstrip() + ELLIPSIS), width)
    return "".join(clusters[:count]).rstrip() + ELLIPSIS


def _count_fitting(parts: Sequence[str], measure: Measure, width: float) -> int:
    """Return how many of the first `parts` fit into `width`."""
    return bisect_right(range(1, len(parts) + 1), width, key=lambda count: measure("".join(parts[:count])))


def _cuts_words(text: str, lines: Sequence[str]) -> bool:
    """Return whether a line ends inside a piece of `split_atoms`."""
    # Positions are counted in characters without spaces, which lines may have lost.
    allowed: set[int] = set()
    at = 0
    for _, piece in split_atoms(text):
        at += len(piece)
        allowed.add(at)
    at = 0
    for line in lines:
        at += sum(not character.isspace() for character in line)
        if at not in allowed:
            return True
    return False


def _breaks_anywhere(character: str) -> bool:
    """Return whether a line may break beside this character without a space: Han, kana and the like, not Hangul."""
    return unicodedata.east_asian_width(character) in "WF" and unicodedata.category(character)[0] in "LP" and not (
        0xAC00 <= ord(character) <= 0xD7AF
    )


def _split_token(token: str) -> list[str]:
    pieces: list[str] = []
    for character in token:
        glued = (
            not pieces
            or character in _NO_LINE_START
            or pieces[-1][-1] in _NO_LINE_END
            or unicodedata.category(character)[0] == "M"
            or not (_breaks_anywhere(character) or _breaks_anywhere(pieces[-1][-1]))
        )
        # A line may break after a hyphen or dash inside a long word.
        hyphen = pieces and pieces[-1][-1] in "-–—/" and len(pieces[-1]) > 3 and character.isalpha()
        if not pieces or not glued or hyphen:
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def _split_clusters(text: str) -> list[str]:
    """Split `text` into characters that keep their combining marks and joiners."""
    clusters: list[str] = []
    for character in text:
        if clusters and (unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters

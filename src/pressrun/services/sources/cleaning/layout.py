"""The layout of a plain text: wrapped paragraphs, separate lines, lists, and words cut at line ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pressrun.services.sources.cleaning.blocks import is_closed
from pressrun.services.sources.cleaning.vocabulary import word_set

SLACK = 3
"""Characters by which a wrapped line may be shorter than the first word of the next line demands."""
MIN_LINES_SHARE = 0.5
"""Share of lines into which the next word would have fitted that makes a block a poem or a list."""
MIN_CAPITAL_SHARE = 0.7
"""Share of lines of a poem or list that begin with a capital, a digit or a mark."""
MIN_HYPHEN_SHARE = 0.03
"""Share of lines that end in a hyphen above which a text was hyphenated by a machine."""

MAX_INSIDE = 200
"""Longer words with a word inside them after which the word itself is given up."""
MAX_SEARCHED = 40
"""Words that are searched in the text before all its words are collected."""

_BULLET = r"[•‣◦▪▫●○■□◆◇►▸▶➢➤✓✔✗⁃∙·※➔→]\s*|[-*+–—»]\s+"
_ORDINAL = re.compile(
    rf"[ \t]*(?:(?P<bullet>{_BULLET})|(?P<open>\(?)(?P<number>\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|[ivxlc]{{1,6}}"
    rf"|[IVXLC]{{1,6}}|[a-zA-Z])"
    r"(?P<close>[.)]|(?<=\.\d)|(?<=\.\d\d))[ \t]+)(?:\[[ xX]\][ \t]+)?(?=\S)"
)
_CUT = re.compile(r"[-‐\u00ad¬](?:\n[ \t]*|[ \t]+)(?=[^\W\d_])")
_CUT_NUMBER = re.compile(r"(?<=\d)([-–])[ \t]*\n[ \t]*(?=\d)")
_WORD_BEFORE = re.compile(r"(?<![-\w])[^\W\d_]+$")
_WORD_AFTER = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_MARKS_BEHIND = ("", ",", ".", ";", ":", "!", "?")
_HANGING = word_set(
    "and or nor to as und oder bis sowie et ou à y o u e en of of the a i och og ja och eller and/or but than through"
)
_COMPOUND_STARTS = word_set(
    "self well half ex all cross ever long short high low first second third two three four five six seven eight nine"
    " ten twenty thirty forty fifty sixty seventy eighty ninety"
)


def wrap_width(blocks: Sequence[Sequence[str]]) -> int:
    """Return the width of a text: a length that few lines exceed, except for the last ones of paragraphs."""
    lengths = sorted(len(line) for lines in blocks for line in (lines[:-1] or lines))
    return lengths[min(len(lengths) - 1, int(len(lengths) * 0.97))] if lengths else 0


def are_separate(lines: Sequence[str], width: int) -> bool:
    """Return whether lines are separate, as in a poem, a list or an address, instead of wrapped."""
    if len(lines) < 2:
        return False
    # A quick look first: the lines of a wrapped paragraph begin with small letters.
    if sum(line[0].islower() for line in lines[1:]) > (1 - MIN_CAPITAL_SHARE) * (len(lines) - 1):
        return False
    stripped = [line.strip() for line in lines]
    width = max(width, max(map(len, stripped)))
    fits = capital = cased = 0
    for line, following in pairwise(stripped):
        word = following.split(maxsplit=1)[0]
        if _is_wide(line[-1]) or _is_wide(word[0]):
            fits += len(line) + SLACK < width
        else:
            fits += len(line) + 1 + len(word) + SLACK <= width
        letter = next((each for each in following if each.isalnum()), "")
        if letter.isalpha() and letter.upper() != letter.lower():
            cased += 1
            capital += letter.isupper()
        else:
            capital += 1
    count = len(stripped) - 1
    share = capital / count
    if share < MIN_CAPITAL_SHARE:
        return False
    if not cased and (fits / count < 0.8 or _is_wrapped_wide(stripped)):
        return False
    return fits / count >= MIN_LINES_SHARE or (share == 1 and count >= 3 and fits / count >= 0.25)


def _is_wrapped_wide(lines: Sequence[str]) -> bool:
    """Return whether lines of a script without spaces continue each other: sentences end inside them, not with them."""
    inner = sum(bool(_WIDE_END.search(line[:-1])) for line in lines)
    open_lines = sum(not is_closed(line) and line[-1] not in "、，,」』”" for line in lines[:-1])
    return open_lines > 0 and (inner > 0 or is_closed(lines[-1]))


_WIDE_END = re.compile("[。！？]")


def separate_lines(lines: Sequence[str]) -> list[str]:
    """Return the lines of a poem or list; one that begins with a small letter continues the line before."""
    made: list[str] = []
    for line in (each.strip() for each in lines):
        if made and line[:1].islower():
            made[-1] = f"{made[-1]}\n{line}"
        else:
            made.append(line)
    return made


def join_lines(text: str) -> str:
    """Return the text in one line; without a space between letters of a script that writes none."""
    if "\n" not in text or not _WIDE.search(text):
        return " ".join(text.split())
    joined = ""
    for line in filter(None, (" ".join(line.split()) for line in text.split("\n"))):
        wide = bool(joined) and _is_wide(joined[-1]) and _is_wide(line[0])
        joined += line if wide or not joined else f" {line}"
    return joined


_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")


def _is_wide(letter: str) -> bool:
    return letter > "\u1100" and unicodedata.east_asian_width(letter) in "WF"


class Hyphens:
    """Joins words that were cut at the ends of lines. `text` is the whole text, whose other words tell how."""

    def __init__(self, text: str) -> None:
        self._text = text
        ends = text.count("-\n") + text.count("¬\n")
        lines = text.count("\n") + 1
        self.active = bool(ends) or "- " in text
        self._by_machine = ends / lines >= MIN_HYPHEN_SHARE
        self._words: frozenset[str] = frozenset()
        self._found: dict[str, bool] = {}

    def join(self, text: str) -> str:
        """Return a paragraph with the words that were cut at line ends, or before a stray space, in one piece."""
        if "\n" in text and ("-\n" in text or "–\n" in text):
            text = _CUT_NUMBER.sub(r"\1", text)
        if not self.active or not ("-" in text or "‐" in text or "¬" in text) or not _CUT.search(text):
            return text
        made, done = [], 0
        for found in _CUT.finditer(text):
            left = _WORD_BEFORE.search(text, max(0, found.start() - 40), found.start())
            right = _WORD_AFTER.match(text, found.end())
            gap = "\n" if "\n" in found[0] else " "
            if left is None or right is None or (gap == " " and (len(left[0]) < 2 or len(right[0]) < 2)):
                continue
            if gap == " " and "-" in text[right.start() : right.end() + 1]:
                continue
            made += [text[done : found.start()], self._link(left[0], right[0], found[0], gap)]
            done = found.end()
        return "".join((*made, text[done:]))

    def _link(self, left: str, right: str, whole: str, gap: str) -> str:
        """Return what belongs between two parts of a word: nothing, a hyphen, or the text that is there."""
        if right.casefold() in _HANGING:
            return whole
        if not right[0].islower():
            return whole if gap == " " else "-"
        # First the form that most compounds have elsewhere: a word that is nowhere takes a search to the end.
        if left.casefold() in _COMPOUND_STARTS or self._has(f"{left}-{right}"):
            return "-"
        if self._has(left + right):
            return ""
        if gap == " " or self._by_machine:
            return ""
        return "-" if self._has(left) and self._has(right) else ""

    def _has(self, word: str) -> bool:
        """Return whether the text has a word elsewhere, in one piece. A few words are searched, many looked up."""
        if word not in self._found:
            forms = (word, word.capitalize())
            if len(self._found) < MAX_SEARCHED:
                self._found[word] = any(_has_word(self._text, form) for form in forms)
            else:
                self._words = self._words or frozenset(self._text.split())
                self._found[word] = any(f"{form}{mark}" in self._words for form in forms for mark in _MARKS_BEHIND)
        return self._found[word]


def _has_word(text: str, word: str) -> bool:
    """Return whether a text has a word between spaces or marks. A plain search is much quicker than a pattern."""
    if f" {word} " in text:
        return True
    place = text.find(word)
    for _ in range(MAX_INSIDE):
        if place < 0:
            return False
        around = text[max(0, place - 1) : place] + text[place + len(word) : place + len(word) + 1]
        if not any(each.isalnum() or each == "-" for each in around):
            return True
        place = text.find(word, place + 1)
    return False


def split_list(lines: Sequence[str], siblings: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Yield the text before a list and every item without its marker, each with whether it is an item.

    `siblings` are the markers of the neighbouring blocks: a number is a marker only if the one before or after it is
    there, too.
    """
    if not any(map(_may_be_item, lines)):
        yield "\n".join(lines), False
        return
    marks = [_marker(line) for line in lines]
    accepted = _accepted(lines, marks, siblings)
    current: list[str] = []
    item = False
    for line, mark, is_item in zip(lines, marks, accepted, strict=True):
        if is_item and mark:
            if current:
                yield "\n".join(current), item
            current, item = [line[mark.end() :]], True
        else:
            current.append(line)
    if current:
        yield "\n".join(current), item


def _may_be_item(line: str) -> bool:
    """Quickly rule out most lines of prose."""
    start = line.lstrip()[:8]
    return start[:1] in _FIRST and (not start[0].isalpha() or "." in start or ")" in start)


def list_marker(line: str) -> str:
    """Return the marker at the beginning of a line, e.g. "1." or "(ii)"; an empty string if there is none."""
    found = _marker(line)
    return found[0].strip() if found else ""


def _marker(line: str) -> re.Match[str] | None:
    return _ORDINAL.match(line) if _may_be_item(line) else None


_FIRST = frozenset("•‣◦▪▫●○■□◆◇►▸▶➢➤✓✔✗⁃∙·※➔→-*+–—»(0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _accepted(lines: Sequence[str], marks: Sequence[re.Match[str] | None], siblings: frozenset[str]) -> list[bool]:
    """Return for each line whether its marker is one."""
    keys = {found[0].strip() for found in marks if found} | siblings
    result: list[bool] = []
    for index, (line, found) in enumerate(zip(lines, marks, strict=True)):
        if not found:
            result.append(False)
            continue
        starts = index == 0 or is_closed(lines[index - 1]) or (bool(result) and any(result))
        if found["bullet"]:
            sign = found["bullet"].strip()
            same = sum(1 for each in marks if each and each["bullet"] and each["bullet"].strip() == sign)
            certain = sign not in "-*+–—»·→"
            result.append(certain or (starts and sign not in "–—") or index == 0 or same > 1)
            continue
        wrapped = found["open"] or (found["close"] == ")" and not line.lstrip()[1:2].isupper())
        result.append(starts and (bool(wrapped) or any(key in keys for key in _neighbours(found))))
    return result


def _neighbours(found: re.Match[str]) -> list[str]:
    """Return the markers that come directly before and after one, in the same style."""
    number, left, right = found["number"], found["open"], found["close"] or ""
    if "." in number:
        head, _, last = number.rpartition(".")
        others = [f"{head}.{int(last) + step}" for step in (-1, 1)] + [head, f"{number}.1"]
        if not right:
            return [*others, *(f"{each}." for each in others)]
    elif number.isdigit():
        others = [str(int(number) + step) for step in (-1, 1)] + ([f"{number}.1"] if right != ")" else [])
    else:
        others = []
        if len(number) == 1:
            others = [chr(ord(number) + step) for step in (-1, 1)]
        value = _from_roman(number.upper())
        if value:
            others += [
                _to_roman(value + step).lower() if number.islower() else _to_roman(value + step) for step in (-1, 1)
            ]
    return [f"{left}{each}{right}" for each in others if each]


_ROMAN = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def _to_roman(number: int) -> str:
    made = ""
    for value, letters in _ROMAN:
        while number >= value:
            made, number = made + letters, number - value
    return made


def _from_roman(letters: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    numbers = [values.get(each, 0) for each in letters]
    total = sum(-a if a < b else a for a, b in zip(numbers, [*numbers[1:], 0], strict=True))
    return total if total > 0 and _to_roman(total) == letters else 0

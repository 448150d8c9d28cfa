"""Recognise lists of books that are not written as `Title | Author`: CSV files, tables, numbered lists and the like.

A form is only accepted if it fits every line and cannot mean anything else. Otherwise the lines stay as they are, and a
warning asks what they mean.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from pressrun.model.reason import Reason, ReasonKind
from pressrun.store.list_records import read_records

Lines = list[tuple[int, str]]
"""Number of the line and its text."""

_TITLE_WORDS = frozenset((
    "title", "titel", "titre", "título", "titulo", "titolo", "tytuł", "название", "book", "book title", "buch",
    "buchtitel", "livre", "libro", "boek", "main_title", "name of the book",
))  # fmt: skip
_AUTHOR_WORDS = frozenset((
    "author", "authors", "autor", "autorin", "autoren", "auteur", "auteurs", "autore", "autores", "auteur(s)",
    "author(s)", "автор", "schrijver", "verfasser", "writer", "author_name", "author name", "by",
))  # fmt: skip
_SINGLE_HEADERS = frozenset(("title", "titel", "titre", "título", "titulo", "titolo", "titles", "tytuł"))
_RULE_CELL = re.compile(r"\s*:?-{2,}:?\s*")
_BULLET = re.compile(
    r"\s*(?:[-*•‣▪–—] \[[ xX]\]|[-*•‣▪–—]|\[[ xX]\]|[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?)\s+(?=\S)"
)
_NUMBER = re.compile(r"\s*(\d{1,5})[.)]\s+(?=\S)")
_ROMAN_NUMERALS = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"),
    *("XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX", "XX"),
)
_ROMAN = re.compile(rf"\s*({'|'.join(reversed(_ROMAN_NUMERALS))})[.)]\s+(?=\S)")
_LETTER = re.compile(r"\s*([a-zA-Z])\)\s+(?=\S)")
MAX_GAP = 5
"""Steps in which the numbers of a list may count, because books were removed from it."""
_DATA = re.compile(r"[\d\s.,:/-]*|[★☆⭐*½\d\s./]+|https?://\S+|ISBN.*", re.IGNORECASE)
"""A cell that is no part of a name."""
_QUOTED = (r'"([^"]+)"', "“([^“”]+)”", "„([^„“”]+)[“”]", r"«\s?([^«»]+?)\s?»", "『([^『』]+)』", "《([^《》]+)》")
_MARKED = (r"\*\*([^*]+)\*\*", r"\*([^*]+)\*", "_([^_]+)_", r"\[([^\[\]]+)\]\([^()\s]*\)")
_AROUND = tuple(map(re.compile, (*_QUOTED, *_MARKED)))
"""Marks around a title."""
_DASH = re.compile(r"\s+(?:[–—]|-{1,2})\s+")
_SLASH = re.compile(r"\s+/\s+")
_OF = re.compile(r"\s+(?:de|of|van|af)\s+(?=[A-ZÀ-Þ][\w.’'-]*\s+(?:[\w.’'-]+\s+){0,3}[A-ZÀ-Þ])")
_BRACKET = re.compile(r"\s+\((?=[A-ZÀ-Þ])")
_COLON = re.compile(r":\s+")
_BY = re.compile(r"\s+(?:by|von|par|por|di|av)\s+")
_PARTICLES = frozenset((
    "von", "van", "de", "der", "den", "del", "della", "di", "da", "du", "la", "le", "los", "y", "e", "and", "und", "et",
    "al", "bin", "ibn", "zu", "ten", "ter", "af", "av",
))  # fmt: skip
_ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "les", "el", "los", "las", "il", "lo", "gli", "een"))
_SEPARATOR_LINES = ("sep=;", "sep=,", "sep=")
"""What some programs write above a CSV; a tab after the last one is already stripped."""
_SEPARATORS = {";": ";", "\t": "a tab", ",": ","}


def read_forms(lines: Lines, name: str) -> tuple[Lines, tuple[Reason, ...]]:
    """Return the lines as `Title | Author`, and warnings about how they were read."""
    if lines and lines[0][1].strip().casefold() in _SEPARATOR_LINES:
        lines = lines[1:]
    lines = _plain_bars(lines)
    if (records := read_records(lines, _TITLE_WORDS, _AUTHOR_WORDS)) is not None:
        return records, _read_as(records, name)
    for read in (_read_table, _read_csv):
        if found := read(lines):
            return found[0], (*found[1](name), *_read_as(found[0], name, read is _read_table))
    bare, marked = _strip_marks(lines)
    bare, header = _drop_header(bare, name)
    if any("|" in text for _, text in bare):
        two = _first_two_columns(bare)
        return (two, (*header, *_read_as(two, name))) if two else (_strip_quotes(bare), header)
    if split := _split_names(bare, marked == "numbers"):
        split = _strip_quotes(split)
        return split, (*header, *_read_as(split, name))
    return _strip_quotes(bare), (*header, *_questions(bare, name))


def _read_as(lines: Lines, name: str, table: bool = False) -> tuple[Reason, ...]:
    if not lines:
        return ()
    number, text = lines[0]
    values = {"name": name, "line": number, "book": text.strip(" |"), "table": table}
    return (Reason(ReasonKind.LIST_READ_AS, values),)


_Warn = Callable[[str], tuple[Reason, ...]]


def _read_table(lines: Lines) -> tuple[Lines, _Warn] | None:
    """Read a Markdown table, in which every line begins with `|`."""
    if not lines or not all(text.lstrip().startswith("|") and text.count("|") > 1 for _, text in lines):
        return None
    rows = [(number, [cell.strip() for cell in text.strip().strip("|").split("|")]) for number, text in lines]
    return _from_cells([row for row in rows if not all(map(_RULE_CELL.fullmatch, row[1]))])


def _read_csv(lines: Lines) -> tuple[Lines, _Warn] | None:
    """Read a CSV that has a header, has all its cells in quotes, or is separated by tabs into two columns."""
    if not lines or any("|" in text for _, text in lines):
        return None
    first = lines[0][1]
    for separator in _SEPARATORS:
        if separator not in first:
            continue
        has_header = _find_columns(_cells(first, separator)) is not None
        if not (has_header or all(separator in text for _, text in lines)):
            continue
        rows = [(number, _cells(text, separator)) for number, text in lines]
        two = all(len(cells) == 2 and all(cells) for _, cells in rows)
        quoted = all(text.strip().startswith('"') and text.strip().endswith('"') for _, text in lines)
        if has_header or (two and (separator == "\t" or quoted)):
            return _from_cells(rows)
    return None


def _cells(text: str, separator: str) -> list[str]:
    try:
        (cells,) = csv.reader([text], delimiter=separator, skipinitialspace=True)
    except (csv.Error, ValueError):
        return text.split(separator)
    return [cell.strip() for cell in cells]


def _from_cells(rows: Sequence[tuple[int, list[str]]]) -> tuple[Lines, _Warn] | None:
    """Return the title and author columns; the first two if there is no header."""
    if not rows:
        return None
    number, cells = rows[0]
    columns = _find_columns(cells)
    title, author = columns or (0, 1)
    read = [
        (line, f"{cells[title]} | {cells[author] if author is not None and author < len(cells) else ''}")
        for line, cells in rows[1 if columns else 0 :]
        if title < len(cells) and cells[title]
    ]
    header = " | ".join(cells)

    def warn(name: str) -> tuple[Reason, ...]:
        return (_header_warning(name, number, header),) if columns else ()

    return read, warn


def _find_columns(cells: Sequence[str]) -> tuple[int, int | None] | None:
    """Return the positions of title and author in a header, or None if the cells are not one."""
    words = [cell.strip().casefold().rstrip(":*") for cell in cells]
    titles = [index for index, word in enumerate(words) if word in _TITLE_WORDS]
    authors = [index for index, word in enumerate(words) if word in _AUTHOR_WORDS]
    if len(cells) < 2 or not titles or (len(cells) == 2 and not authors):
        return None
    return titles[0], authors[0] if authors else None


def _header_warning(name: str, number: int, header: str) -> Reason:
    return Reason(ReasonKind.LIST_HEADER, {"name": name, "line": number, "header": header})


def _drop_header(lines: Lines, name: str) -> tuple[Lines, tuple[Reason, ...]]:
    """Drop a first line such as `Title | Author`."""
    if len(lines) < 2:
        return lines, ()
    number, text = lines[0]
    ends = [each.strip()[-1] in ":：" for _, each in lines]
    if len(lines) > 2 and ends[0] and not any(ends[1:]):
        return lines[1:], (_header_warning(name, number, text.strip()),)
    is_header = _find_columns(text.split("|")) if "|" in text else text.strip().casefold() in _SINGLE_HEADERS
    return (lines[1:], (_header_warning(name, number, text.strip()),)) if is_header else (lines, ())


def _strip_marks(lines: Lines) -> tuple[Lines, str]:
    """Return the lines without bullets or numbers, if all have them, and which these were."""
    if lines and all(_BULLET.match(text) for _, text in lines):
        return [(number, _BULLET.sub("", text, count=1)) for number, text in lines], "bullets"
    if len(lines) == 1 and "|" not in lines[0][1] and not _BY.search(lines[0][1]):
        return lines, ""  # A single "1. FC Nowhere" may be a title.
    for pattern, value in ((_NUMBER, int), (_ROMAN, _ROMAN_NUMERALS.index), (_LETTER, ord)):
        if not lines or not pattern.match(lines[0][1]):
            continue
        marks = [pattern.match(text) for _, text in lines]
        if all(marks) and _count_up([value(each[1]) for each in marks if each], pattern is _NUMBER):
            return [(number, pattern.sub("", text, count=1)) for number, text in lines], "numbers"
    return lines, ""


def _count_up(values: Sequence[int], gaps: bool) -> bool:
    """Return whether numbers begin with the first one and count up; with `gaps`, some may be missing."""
    first = values[0] == (1 if gaps else values[0] if values[0] in (0, ord("a"), ord("A")) else -1)
    steps = {after - before for before, after in pairwise(values)}
    return first and (steps <= {1} or (gaps and len(values) > 2 and min(steps) > 0 and max(steps) <= MAX_GAP))


def _plain_bars(lines: Lines) -> Lines:
    """Return the lines with `|` for a bar of another kind, if every line has exactly one."""
    for bar in "｜¦│":
        if lines and all(text.count(bar) == 1 and "|" not in text for _, text in lines):
            return [(number, text.replace(bar, "|")) for number, text in lines]
    return lines


def _first_two_columns(lines: Lines) -> Lines | None:
    """Return title and author if every line has more columns, and the others are years, ratings or the like."""
    rows = [(number, [cell.strip() for cell in text.split("|")]) for number, text in lines]
    width = len(rows[0][1])
    if width < 3 or not all(len(cells) == width and all(map(_DATA.fullmatch, cells[2:])) for _, cells in rows):
        return None
    return [(number, " | ".join(cells[:2])) for number, cells in rows]


def _strip_quotes(lines: Lines) -> Lines:
    """Return the lines without the quotation marks, emphasis or link that every title has around it."""
    for pattern in _AROUND:
        if not lines or not pattern.fullmatch(lines[0][1].partition("|")[0].strip()):
            continue
        found = [pattern.fullmatch(text.partition("|")[0].strip()) for _, text in lines]
        if all(found):
            titles = [each[1] for each in found if each]
            ends = [text.partition("|")[1:] for _, text in lines]
            return [
                (number, f"{title} {bar}{author}".rstrip() if bar else title)
                for (number, _), title, (bar, author) in zip(lines, titles, ends, strict=True)
            ]
    return lines


def _split_names(lines: Lines, numbered: bool) -> Lines | None:
    """Split lines such as `Title by Author` and `Title – Author`, if every line is one and none can mean anything else.
    """
    by = [_parts(text, _BY) for _, text in lines]
    if lines and all(by) and (numbered or len(lines) > 1) and all(_is_name(each[1]) for each in by if each):
        return _joined(lines, by)
    dashed = [_parts(text, _DASH) for _, text in lines]
    if not lines or not all(dashed) or not all(_is_name(each[1]) for each in dashed if each):
        return None
    # "Moby Dick – Herman Melville" could have either order; another line of the list shows which.
    return _joined(lines, dashed) if any(not _is_name(each[0]) for each in dashed if each) else None


def _joined(lines: Lines, parts: Sequence[tuple[str, str] | None]) -> Lines:
    return [(number, f"{each[0]} | {each[1]}") for (number, _), each in zip(lines, parts, strict=True) if each]


def _parts(text: str, separator: re.Pattern[str]) -> tuple[str, str] | None:
    """Return the two parts of a line with exactly one separator."""
    found = separator.split(text.strip())
    return (found[0], found[1]) if len(found) == 2 and all(found) else None


def _is_name(text: str) -> bool:
    """Return whether a text looks like the name of a person: two to five capitalized words, perhaps with particles."""
    words = text.replace(",", " ").split()
    capital = [word for word in words if word[:1].isupper()]
    return (
        2 <= len(words) <= 6
        and len(capital) >= 2
        and words[0].casefold() not in _ARTICLES
        and all(word[:1].isupper() or word.casefold() in _PARTICLES for word in words)
        and not any(each.isdigit() or each in ":;!?\"()" for each in text)
    )


def _questions(lines: Lines, name: str) -> tuple[Reason, ...]:
    """Return a warning if every line looks as if it had two parts."""
    if not lines:
        return ()
    for separator, shown in _SEPARATORS.items():
        if all(separator in text.strip() for _, text in lines) and (separator != "," or len(lines) > 1):
            example = " | ".join(_cells(lines[0][1], separator)[:2])
            values = {"name": name, "separator": shown, "example": example}
            return (Reason(ReasonKind.LIST_IS_CSV, values),)
    for pattern in (_DASH, _BY, _SLASH, _OF, _BRACKET, _COLON):
        if not pattern.search(lines[0][1]):
            continue
        parts = [_parts(text.rstrip(" )") if pattern is _BRACKET else text, pattern) for _, text in lines]
        if pattern is _COLON:
            parts = [(right, left) if _is_name(left) else None for left, right in filter(None, parts)]
        if pattern in (_SLASH, _OF, _BRACKET, _COLON) and (len(lines) < 2 or len(parts) < len(lines)):
            continue
        if all(parts) and (pattern is _DASH or all(_is_name(each[1]) for each in parts if each)):
            left, right = parts[0] or ("", "")
            found = pattern.search(lines[0][1])
            values = {"name": name, "separator": found[0].strip() if found else "", "example": f"{left} | {right}"}
            return (Reason(ReasonKind.LIST_IS_AMBIGUOUS, values),)
    return ()

"""Read lists of books that are records: JSON, and lines such as `Title: Emma` and `Author: Jane Austen`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

Lines = list[tuple[int, str]]
"""Number of the line and its text."""

_FIELD = re.compile(r"\s*(?:-\s+)?[\"']?([^\W\d_][\w ]{1,20})[\"']?\s*:\s+(\S.*)")


def read_records(lines: Lines, titles: frozenset[str], authors: frozenset[str]) -> Lines | None:
    """Return records as `Title | Author`, or None if the lines are not records. `titles` and `authors` name fields."""
    if not lines:
        return None
    if lines[0][1].lstrip()[:1] in ("[", "{"):
        return _read_json(lines, titles, authors)
    return _read_fields(lines, titles, authors)


def _read_json(lines: Lines, titles: frozenset[str], authors: frozenset[str]) -> Lines | None:
    """Read a JSON list of titles or objects, or an object in each line."""
    number = lines[0][0]
    try:
        whole = json.loads("\n".join(text for _, text in lines))
        records = [(number, each) for each in (whole if isinstance(whole, list) else [whole])]
    except (ValueError, RecursionError):
        try:
            records = [(line, json.loads(text)) for line, text in lines]
        except (ValueError, RecursionError):
            return None
    read = [(line, _record_text(record, titles, authors)) for line, record in records]
    return [(line, text) for line, text in read if text] if read and all(text for _, text in read) else None


def _record_text(record: object, titles: frozenset[str], authors: frozenset[str]) -> str:
    if isinstance(record, str):
        return f"{_one_line(record)} |" if record.strip() else ""
    if not isinstance(record, dict):
        return ""
    fields = {str(name).casefold(): value for name, value in record.items() if isinstance(value, str)}
    title = next((value for name, value in fields.items() if name in titles), "")
    author = next((value for name, value in fields.items() if name in authors), "")
    return f"{_one_line(title)} | {_one_line(author)}" if title.strip() else ""


def _read_fields(lines: Sequence[tuple[int, str]], titles: frozenset[str], authors: frozenset[str]) -> Lines | None:
    """Read lines that all are fields of books, as in YAML; each title begins a new book."""
    found: list[tuple[int, str, str]] = []
    for number, text in lines:
        field = _FIELD.fullmatch(text)
        if not field:
            return None
        name, value = field[1].strip().casefold(), field[2].strip().strip("\"'“”")
        if name in titles:
            found.append((number, value, ""))
        elif not found:
            return None
        elif name in authors:
            found[-1] = (found[-1][0], found[-1][1], value)
    return [(number, f"{title} | {author}") for number, title, author in found] or None


def _one_line(text: str) -> str:
    return " ".join(text.replace("|", " ").split())

"""Every error in `database.json` is located, and nothing in a valid file is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.errors import BrokenFileError
from pressrun.model.book import Book
from pressrun.store.database import Database
from pressrun.store.database_file import MAX_DIGITS, parse, serialize

BOOK = '{"main_title": "Emma", "status": null}'
INVALID = {
    "empty": (b"", 1, 1, "empty"),
    "blank": (b" \n ", 1, 1, "empty"),
    "truncated": (b'{"books": [\n{"main_title": "Em', 2, 16, "Unterminated string"),
    "UTF-16 with a mark": ('{"books": []}'.encode("utf-16"), 1, 1, "UTF-16"),
    "UTF-16 without": ('{"books": []}'.encode("utf-16-le"), 1, 1, "UTF-16"),
    "UTF-32": ('{"books": []}'.encode("utf-32-be"), 1, 1, "UTF-32"),
    "Latin-1": ('{"books": [\n{"main_title": "Misérables"}]}'.encode("latin-1"), 2, 20, "not UTF-8"),
    "trailing comma": (b'{"books": [\n' + BOOK.encode() + b",\n]}", 3, 1, "Expecting value"),
    "NaN": (b'{"books": [], "NaN":\n NaN}', 2, 2, "NaN is not a JSON number"),
    "Infinity": (b'{"books": [], "x": [1,\n -Infinity]}', 2, 2, "-Infinity is not a JSON number"),
    "a number too large": (b'{"books": [], "1e999": "1e999", "x":\n 1e999}', 2, 2, "1e999 is too large"),
    "a number too small": (b'{"books": [], "x":\n 1e-999}', 2, 2, "1e-999 is too small"),
    "a number too long": (b'{"books": [], "x":\n ' + b"7" * 5000 + b"}", 2, 2, "5000 digits"),
    "half a surrogate pair": (
        b'{"books": [{"main_title": "\\ud83d\\ude00 \\\\ud83d",\n "x": "\\udc00"}]}',
        2,
        8,
        "surrogate",
    ),
    "half a pair in a key": (b'{"books": [],\n "\\uD800": 1}', 2, 3, "surrogate"),
    "duplicate keys": (b'{"books": [],\n "books": []}', 2, 11, 'duplicate key "books"'),
    "duplicate keys in a book": (
        b'{"books": [{"main_title": "E",\n"main_title": "F"}]}',
        2,
        15,
        'duplicate key "main_title"',
    ),
    "too deep": (b'{"books": [], "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 1, 1, "nested too deeply"),
    "a list": (b"[]", 1, 1, "an array"),
    "a number": (b"7", 1, 1, "a number"),
    "no books": (b"{}", 1, 1, '"books" is missing'),
    "null books": (b'{"books":\n null}', 2, 2, '"books" is missing or null'),
    "books by name": (b'{"books":\n {}}', 2, 2, '"books" is an object'),
    "a book that is text": (b'{"books": [\n"Emma"]}', 2, 1, "book 1 is text"),
    "a numeric title": (b'{"books": [\n{"main_title": 1984}]}', 2, 16, '"main_title" of book 1 is a number'),
    "a blank title": (b'{"books": [\n{"main_title": " "}]}', 2, 16, '"main_title" of book 1 is empty'),
    "a missing title": (b'{"books": [\n{"status": null}]}', 2, 1, '"main_title" of book 1 is missing'),
    "another status": (b'{"books": [\n{"main_title": "E", "status": "finished"}]}', 2, 31, '"status" of book 1'),
    "a status of another type": (
        b'{"books": [\n{"main_title": "E", "status": ["done"]}]}',
        2,
        31,
        '"status" of book 1',
    ),
    "a numeric author": (
        b'{"books": [\n{"main_title": "E", "author_name": 3}]}',
        2,
        36,
        '"author_name" of book 1 is a number',
    ),
    "an invalid URL": (b'{"books": [\n{"main_title": "E", "youtube_url": true}]}', 2, 36, "true or false"),
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_file_is_rejected_with_line_and_column_and_not_changed(tmp_path: Path, name: str) -> None:
    data, line, column, problem = INVALID[name]
    path, backup = tmp_path / "database.json", tmp_path / "database.json.bak"
    path.write_bytes(data)
    backup.write_bytes(b"the version before")
    with pytest.raises(BrokenFileError) as caught:
        Database(path).put_done(Book("Emma"), "https://example.org/1", None)
    assert caught.value.message.startswith(f"{path}, line {line}, column {column}: ")
    assert problem in caught.value.message
    assert "database.json.bak" in caught.value.remedy
    assert caught.value.exit_code == 2
    assert path.read_bytes() == data
    assert backup.read_bytes() == b"the version before"
    assert not list(tmp_path.glob(".*part"))


def test_a_missing_backup_is_not_suggested(tmp_path: Path) -> None:
    (tmp_path / "database.json").write_bytes(b"{")
    with pytest.raises(BrokenFileError) as caught:
        Database(tmp_path / "database.json").books()
    assert caught.value.remedy == "Fix it by hand. Nothing was changed."


VALID = {
    "a byte order mark": b'\xef\xbb\xbf{"books": [' + BOOK.encode() + b"]}",
    "unknown fields": b'{"version": 3, "books": [{"rating": 4.5, "main_title": "Emma", "tags": ["a", null]}], "z": {}}',
    "an integer beyond 64 bits": b'{"books": [' + BOOK.encode() + b'], "x": [123456789012345678901234567890, -1]}',
    "the longest integer": b'{"books": [], "x": ' + b"7" * MAX_DIGITS + b"}",
    "escaped letters": b'{"books": [{"main_title": "Caf\\u00e9 \\ud83d\\ude00 \\\\ud800", "status": null}]}',
    "zeros of all kinds": b'{"books": [], "x": [0, 0.0, 0e5, -0.0, 0.000e-9]}',
    "rather deep": b'{"books": [], "x": ' + b"[" * 200 + b"]" * 200 + b"}",
    "keys that look like others": b'{"books": [], "Books": 1, "books ": 2, "": 3}',
    "control characters": b'{"books": [{"main_title": "a\\u0000b\\u001f\\u2028", "status": "done"}]}',
}


@pytest.mark.parametrize("name", VALID)
def test_a_valid_file_is_written_again_without_loss(tmp_path: Path, name: str) -> None:
    path = tmp_path / "database.json"
    path.write_bytes(VALID[name])
    before = json.loads(VALID[name].decode("utf-8-sig"))
    Database(path).put_processing(Book("Another"), None)
    after = json.loads(path.read_bytes())
    added = after["books"].pop()
    assert added["main_title"] == "Another"
    assert json.dumps(after) == json.dumps(before)
    assert (tmp_path / "database.json.bak").read_bytes() == VALID[name]


KEYS = st.text(max_size=6).filter(lambda text: text != "books")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=examples(60))
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_any_document_survives_a_round_trip(own: dict[str, object], books: list[dict[str, object]]) -> None:
    entries = [{**book, "main_title": "T", "status": None} for book in books]
    for entry in entries:
        for name in ("author_name", "youtube_url", "short_url", "date_added", "run_folder"):
            entry.pop(name, None)
    document = {**own, "books": entries}
    written = serialize(document)
    again = parse(Path("database.json"), written)
    assert json.dumps(again) == json.dumps(document)
    assert serialize(again) == written


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_arbitrary_bytes_are_read_or_rejected_with_a_location(data: bytes) -> None:
    try:
        document = parse(Path("database.json"), data)
    except BrokenFileError as error:
        assert re.match(r"database\.json, line \d+, column \d+: .", error.message)  # noqa: PT017
    else:
        assert isinstance(document["books"], list)


@given(st.data())
def test_a_file_with_one_changed_byte_is_read_or_rejected_with_a_location(data: st.DataObject) -> None:
    good = serialize({"books": [{"main_title": "Emma ✓", "status": "done", "rating": 4.5}]})
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + bytes([data.draw(st.integers(0, 255))]) + good[at + 1 :]
    try:
        parse(Path("database.json"), bad)
    except BrokenFileError as error:
        lines = bad.decode("utf-8", "replace").split("\n")
        line = int(re.findall(r"line (\d+)", error.message)[0])
        assert 1 <= line <= len(lines)


def test_the_file_is_indented() -> None:
    assert serialize({"books": [{"main_title": "É"}]}) == (
        b'{\n  "books": [\n    {\n      "main_title": "\xc3\x89"\n    }\n  ]\n}\n'
    )

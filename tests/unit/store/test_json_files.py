"""JSON files are read into dataclasses, and errors have a location."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.errors import BrokenFileError
from pressrun.model.script import Script, Word
from pressrun.store import json_files
from pressrun.store.json_files import ValuePath
from pressrun.store.run_folder import Item


def load_error(path: Path, shape: type) -> BrokenFileError:
    with pytest.raises(BrokenFileError) as caught:
        json_files.load(path, shape)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    return caught.value


def test_a_saved_value_can_be_loaded(tmp_path: Path) -> None:
    word = Word("naïve ✓", 0.25, 0.5)
    json_files.save(tmp_path / "word.json", word)
    assert json_files.load(tmp_path / "word.json", Word) == word


def test_files_are_indented_and_end_with_a_newline(tmp_path: Path) -> None:
    assert json_files.encode(Word("a", 0.0, 1.0)) == b'{\n  "text": "a",\n  "start": 0.0,\n  "end": 1.0\n}\n'


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "is missing" in load_error(tmp_path / "script.json", Script).message


def test_a_syntax_error_has_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text('{\n  "title": }')
    assert "line 2, column 12" in load_error(path, Script).message


def test_a_field_of_the_wrong_type_has_its_path(tmp_path: Path) -> None:
    path = tmp_path / "item.json"
    path.write_text('{"id": "x", "pipeline": "p", "title": [], "author": null, "settings": {}, "services": {}}')
    assert "$.title" in load_error(path, Item).message


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00}\x00", b"\x80", b"[" * 100_000, b"1" * 5000])
def test_bytes_that_are_not_json_are_rejected(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "item.json"
    path.write_bytes(data)
    load_error(path, Item)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "word.json"
    path.write_bytes(b"\xef\xbb\xbf" + json_files.encode(Word("a", 0.0, 1.0)))
    assert json_files.load(path, Word) == Word("a", 0.0, 1.0)


def test_an_unpaired_surrogate_is_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "item.json"
    path.write_text('{"title\\ud800": null}')
    assert "surrogates" in load_error(path, Item).message


DOCUMENT = """{
  "books": [
    {"main_title": "Emma", "status": null},
    {"main_title": "Walden",
     "status": "done"}
  ]
}"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("books",), (2, 12)),
        (("books", 1), (4, 5)),
        (("books", 0, "status"), (3, 38)),
        (("books", 1, "status"), (5, 16)),
    ],
)
def test_a_value_is_found_by_its_path(path: ValuePath, place: tuple[int, int]) -> None:
    assert json_files.line_and_column(DOCUMENT, json_files.position_of(DOCUMENT, path)) == place


def test_a_missing_value_has_the_position_of_the_enclosing_one() -> None:
    inside = json_files.position_of(DOCUMENT, ("books", 1, "main_title", "deeper"))
    assert DOCUMENT[inside:].startswith('"Walden"')
    assert json_files.position_of(DOCUMENT, ("books", 1, "run_folder")) == DOCUMENT.index('{"main_title": "Walden"')


def test_lines_and_columns_count_from_one() -> None:
    assert json_files.line_and_column("ab\ncd", 0) == (1, 1)
    assert json_files.line_and_column("ab\ncd", 4) == (2, 2)


def test_the_second_of_two_equal_keys_is_found() -> None:
    text = '{"a": {"x": 1, "y": 2, "x": 3}}'
    assert json_files.find_duplicate_key(text) == (("a", "x"), text.index("3"))


def test_equal_keys_in_two_objects_are_not_duplicates() -> None:
    assert json_files.find_duplicate_key('[{"x": 1}, {"x": 1}, {"0": [1, 2]}]') is None


def test_a_literal_inside_a_string_or_a_longer_number_is_not_found() -> None:
    text = '{"NaN": "NaN", "a": [11e999], "b": [1e999], "c": NaN}'
    assert json_files.find_literal(text, "NaN") == text.rindex("NaN")
    assert json_files.find_literal(text, "1e999") == text.index("[1e999") + 1


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(ANY_JSON, st.sampled_from([None, 2]), st.booleans())
def test_every_position_has_the_value_of_its_path(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for path, position in json_files.iter_positions(text, depth=8):
        found = value
        for key in path:
            found = found[key]  # type: ignore[index]
        assert json.JSONDecoder().raw_decode(text, position)[0] == found


def test_an_integer_too_long_for_python_is_found() -> None:
    number = "9" * 5000
    text = f'[[1, [2, {number}]], {number}]'
    assert json_files.find_literal(text, number) == text.index(number)


def test_a_value_nested_too_deeply_has_the_position_of_its_start() -> None:
    assert json_files.find_literal("[1, " + "[" * 100_000, "2") == 0

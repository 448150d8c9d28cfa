"""Where in a JSON text something stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.store import json_position
from pressrun.store.json_position import Path

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
def test_a_value_is_found_by_its_path(path: Path, place: tuple[int, int]) -> None:
    assert json_position.line_and_column(DOCUMENT, json_position.position_of(DOCUMENT, path)) == place


def test_a_value_that_is_missing_is_placed_at_what_encloses_it() -> None:
    inside = json_position.position_of(DOCUMENT, ("books", 1, "main_title", "deeper"))
    assert DOCUMENT[inside:].startswith('"Walden"')
    assert json_position.position_of(DOCUMENT, ("books", 1, "run_folder")) == DOCUMENT.index('{"main_title": "Walden"')


def test_lines_and_columns_count_from_one() -> None:
    assert json_position.line_and_column("ab\ncd", 0) == (1, 1)
    assert json_position.line_and_column("ab\ncd", 4) == (2, 2)


def test_the_second_of_two_equal_keys_is_found() -> None:
    text = '{"a": {"x": 1, "y": 2, "x": 3}}'
    assert json_position.duplicate_key(text) == (("a", "x"), text.index("3"))


def test_the_same_key_in_two_objects_is_no_duplicate() -> None:
    assert json_position.duplicate_key('[{"x": 1}, {"x": 1}, {"0": [1, 2]}]') is None


def test_a_literal_inside_a_text_or_a_longer_number_is_not_taken_for_the_value() -> None:
    text = '{"NaN": "NaN", "a": [11e999], "b": [1e999], "c": NaN}'
    assert json_position.literal(text, "NaN") == text.rindex("NaN")
    assert json_position.literal(text, "1e999") == text.index("[1e999") + 1


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(ANY_JSON, st.sampled_from([None, 2]), st.booleans())
def test_at_every_position_stands_the_value_of_its_path(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for path, position in json_position.positions(text, depth=8):
        found = value
        for key in path:
            found = found[key]  # type: ignore[index]
        assert json.JSONDecoder().raw_decode(text, position)[0] == found


def test_a_number_that_python_refuses_to_convert_has_a_place_too() -> None:
    number = "9" * 5000
    text = f'[[1, [2, {number}]], {number}]'
    assert json_position.literal(text, number) == text.index(number)


def test_what_is_nested_too_deeply_to_look_into_has_the_place_of_its_beginning() -> None:
    assert json_position.literal("[1, " + "[" * 100_000, "2") == 0

"""JSON files of the run folder: read into shapes, with the place of what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.errors import BrokenFileError
from pressrun.model.script import Script, Word
from pressrun.store import json_files
from pressrun.store.run_folder import Item


def complaint(path: Path, shape: type) -> BrokenFileError:
    with pytest.raises(BrokenFileError) as caught:
        json_files.load(path, shape)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    return caught.value


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    word = Word("naïve ✓", 0.25, 0.5)
    json_files.save(tmp_path / "word.json", word)
    assert json_files.load(tmp_path / "word.json", Word) == word


def test_the_same_value_makes_the_same_bytes_for_people_to_read(tmp_path: Path) -> None:
    assert json_files.encode(Word("a", 0.0, 1.0)) == b'{\n  "text": "a",\n  "start": 0.0,\n  "end": 1.0\n}\n'


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "is missing" in complaint(tmp_path / "script.json", Script).message


def test_a_syntax_error_has_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text('{\n  "title": }')
    assert "line 2, column 12" in complaint(path, Script).message


def test_a_field_of_the_wrong_type_has_its_path(tmp_path: Path) -> None:
    path = tmp_path / "item.json"
    path.write_text('{"id": "x", "pipeline": "p", "title": [], "author": null, "settings": {}, "services": {}}')
    assert "$.title" in complaint(path, Item).message


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00}\x00", b"\x80", b"[" * 100_000, b"1" * 5000])
def test_bytes_that_no_json_reader_takes_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "item.json"
    path.write_bytes(data)
    complaint(path, Item)


def test_a_byte_order_mark_is_forgiven(tmp_path: Path) -> None:
    path = tmp_path / "word.json"
    path.write_bytes(b"\xef\xbb\xbf" + json_files.encode(Word("a", 0.0, 1.0)))
    assert json_files.load(path, Word) == Word("a", 0.0, 1.0)


def test_half_of_a_surrogate_pair_is_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "item.json"
    path.write_text('{"title\\ud800": null}')
    assert "surrogates" in complaint(path, Item).message

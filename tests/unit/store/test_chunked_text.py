"""Readers that only parse changed entries always know the content of the file."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.errors import BrokenFileError
from pressrun.model.book import Book, fold, fold_all
from pressrun.store import chunked_text
from pressrun.store.database import Database
from pressrun.store.database_file import parse, serialize

TITLES = ("Emma", "Ulysses", "Ärger", "The  Sea", 'A "quoted" },\n title')
STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from((0, 1)), st.sampled_from(TITLES)),
    st.tuples(
        st.just("hand"),
        st.sampled_from(("append", "drop", "rename", "field", "nested", "other", "compact", "joined", "indented")),
        st.none(),
    ),
)
SEPARATOR = b"\n    },\n    {\n"
UNUSUAL_LETTERS = "aB \t\nßÉ\x1c\u00a0\x85\u1680\u2028\u3000\u0301\u0345\u00b4\u1100\u1161ﬁΣ"


def edit_by_hand(path: Path, how: str) -> None:
    document = json.loads(path.read_text()) if path.exists() else {"books": []}
    books = document["books"]
    if how == "append":
        books.append({"main_title": f"Book {len(books)}"})
    elif how == "other":
        document["more"] = [{"a": 1}]
    elif books and how == "drop":
        books.pop()
    elif books and how == "rename":
        books[0]["main_title"] = f"Renamed {len(books)}"
    elif books and how == "field":
        books[-1]["mine"] = 10**30
    elif books and how in ("nested", "indented"):
        books[-1]["mine"] = [{"b": "},\n    {"}, {"main_title": "Emma"}]
    data = json.dumps(document).encode() if how == "compact" else serialize(document)
    if how in ("joined", "indented"):
        # Separators that are not between entries: as many of them as before, or fewer.
        data = data.replace(SEPARATOR, b"\n    }, {\n", 1)
    if how == "indented":
        data = data.replace(b"\n        },\n        {\n", SEPARATOR)
    path.write_bytes(data)


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(STEPS, max_size=12), st.sampled_from((1, 300, 64 * 1024)), st.sampled_from((1, 1000)))
def test_readers_and_writers_know_the_content_of_the_file(
    steps: list[tuple[str, object, object]], chunk_size: int, max_changes: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunked_text, "_CHUNK_SIZE", chunk_size)
        patch.setattr(chunked_text, "_MAX_CHANGES", max_changes)
        path = Path(folder) / "database.json"
        readers = Database(path), Database(path)
        for number, (what, how, title) in enumerate(steps):
            if what == "hand":
                edit_by_hand(path, str(how))
            else:
                readers[int(str(how))].put_done(Book(str(title), "Ann"), f"https://videos.example/{number}", None)
            if not path.exists():
                continue
            there = parse(path, path.read_bytes())["books"]
            for reader in readers:
                assert reader.books() == there
                for entry in there:
                    assert reader.find(Book(entry["main_title"], entry.get("author_name"))) == entry


def test_only_the_changed_entry_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "database.json"
    one, other = Database(path), Database(path)
    for number in range(3):
        one.put_processing(Book(f"Book {number}"))
    before = other.books()[0]
    one.put_done(Book("Book 1"), "https://videos.example/1", None)
    assert other.books()[0] is before
    assert [entry["status"] for entry in other.books()] == ["processing", "done", "processing"]


def test_a_file_that_is_invalid_after_the_known_entries_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "database.json"
    Database(path).put_processing(Book("Book 0"))
    reader = Database(path)
    reader.books()
    known = path.read_bytes().removesuffix(b"\n    }\n  ]\n}\n")
    more = SEPARATOR + b'      "main_title": "Book 1"\n    }\n  ]'
    for added in (SEPARATOR, more, more + b"\n}\n{"):
        path.write_bytes(known + added)
        with pytest.raises(BrokenFileError):
            reader.books()


@pytest.mark.parametrize("chunk_size", [1, 300, 64 * 1024])
def test_only_the_changed_entries_of_a_long_file_are_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_size: int
) -> None:
    monkeypatch.setattr(chunked_text, "_CHUNK_SIZE", chunk_size)
    path, books = tmp_path / "database.json", 700
    path.write_bytes(serialize({"books": [{"main_title": f"Book {number}"} for number in range(books)]}))
    one, other = Database(path), Database(path)
    other.put_done(Book("Book 699"), None, None)
    before = list(other.books())
    for title in ("Book 0", "Book 699", "Book 350", "New"):
        one.put_done(Book(title), f"https://videos.example/{title}", None)
    after = other.books()
    assert len(after) == books + 1
    assert [number for number in range(books) if after[number] is not before[number]] == [0, 350, 699]
    assert json.loads(path.read_bytes())["books"] == after == one.books()


def test_formatting_by_hand_is_kept_in_unchanged_entries(tmp_path: Path) -> None:
    path = tmp_path / "database.json"
    for number in range(3):
        Database(path).put_processing(Book(f"Book {number}"))
    by_hand = path.read_bytes().replace(b'"status": "processing"', b'"status" :  null', 1)
    path.write_bytes(by_hand)
    Database(path).put_done(Book("Book 2"), None, None)
    assert path.read_bytes() == b"done".join(by_hand.rsplit(b"processing", 1))


@pytest.mark.parametrize("how", ["joined", "indented"])
def test_entries_are_kept_in_a_file_with_misleading_separators(tmp_path: Path, how: str) -> None:
    path = tmp_path / "database.json"
    for number in range(3):
        Database(path).put_processing(Book(f"Book {number}"))
    edit_by_hand(path, how)
    reader = Database(path)
    there = json.loads(path.read_bytes())["books"]
    reader.books()
    for number in (0, 3):
        Database(path).put_done(Book(f"Book {number}"), None, None)
    assert [entry["status"] for entry in reader.books()] == ["done", "processing", "processing", "done"]
    assert reader.books()[1:3] == there[1:]
    assert json.loads(path.read_bytes())["books"] == reader.books()


@given(st.lists(st.text(st.sampled_from(UNUSUAL_LETTERS), max_size=5), max_size=5))
def test_folding_many_titles_gives_the_same_result_as_folding_each(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]

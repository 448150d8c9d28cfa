"""Two readers of one file, of which only the changed entries are read: what they know is what stands there."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressrun.errors import BrokenFileError
from pressrun.model.book import Book, fold, fold_all
from pressrun.store import database_text
from pressrun.store.database import Database
from pressrun.store.database_file import parse, serialise

TITLES = ("Emma", "Ulysses", "Ärger", "The  Sea", 'A "quoted" },\n title')
STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from((0, 1)), st.sampled_from(TITLES)),
    st.tuples(
        st.just("hand"),
        st.sampled_from(("append", "drop", "rename", "field", "nested", "other", "compact", "joined", "indented")),
        st.none(),
    ),
)
BETWEEN = b"\n    },\n    {\n"
ODD_LETTERS = "aB \t\nßÉ\x1c\u00a0\x85\u1680\u2028\u3000\u0301\u0345\u00b4\u1100\u1161ﬁΣ"


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
    data = json.dumps(document).encode() if how == "compact" else serialise(document)
    if how in ("joined", "indented"):
        # As many places as before that look like the end of an entry, or fewer, and not where entries end.
        data = data.replace(BETWEEN, b"\n    }, {\n", 1)
    if how == "indented":
        data = data.replace(b"\n        },\n        {\n", BETWEEN)
    path.write_bytes(data)


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=12), st.sampled_from((1, 300, 64 * 1024)), st.sampled_from((1, 1000)))
def test_readers_and_writers_of_stretches_know_what_stands_in_the_file(
    steps: list[tuple[str, object, object]], stretch: int, most: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_text, "_STRETCH", stretch)
        patch.setattr(database_text, "_MOST", most)
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


def test_a_book_is_put_without_reading_and_writing_the_others_anew(tmp_path: Path) -> None:
    path = tmp_path / "database.json"
    one, other = Database(path), Database(path)
    for number in range(3):
        one.put_processing(Book(f"Book {number}"))
    before = other.books()[0]
    one.put_done(Book("Book 1"), "https://videos.example/1", None)
    assert other.books()[0] is before
    assert [entry["status"] for entry in other.books()] == ["processing", "done", "processing"]


def test_a_file_that_broke_behind_what_is_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "database.json"
    Database(path).put_processing(Book("Book 0"))
    reader = Database(path)
    reader.books()
    known = path.read_bytes().removesuffix(b"\n    }\n  ]\n}\n")
    more = BETWEEN + b'      "main_title": "Book 1"\n    }\n  ]'
    for added in (BETWEEN, more, more + b"\n}\n{"):
        path.write_bytes(known + added)
        with pytest.raises(BrokenFileError):
            reader.books()


@pytest.mark.parametrize("stretch", [1, 300, 64 * 1024])
def test_of_a_long_file_only_what_another_wrote_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(database_text, "_STRETCH", stretch)
    path, books = tmp_path / "database.json", 700
    path.write_bytes(serialise({"books": [{"main_title": f"Book {number}"} for number in range(books)]}))
    one, other = Database(path), Database(path)
    other.put_done(Book("Book 699"), None, None)
    before = list(other.books())
    for title in ("Book 0", "Book 699", "Book 350", "New"):
        one.put_done(Book(title), f"https://videos.example/{title}", None)
    after = other.books()
    assert len(after) == books + 1
    assert [number for number in range(books) if after[number] is not before[number]] == [0, 350, 699]
    assert json.loads(path.read_bytes())["books"] == after == one.books()


def test_what_somebody_wrote_in_a_form_of_his_own_stays_where_nothing_is_put(tmp_path: Path) -> None:
    path = tmp_path / "database.json"
    for number in range(3):
        Database(path).put_processing(Book(f"Book {number}"))
    by_hand = path.read_bytes().replace(b'"status": "processing"', b'"status" :  null', 1)
    path.write_bytes(by_hand)
    Database(path).put_done(Book("Book 2"), None, None)
    assert path.read_bytes() == b"done".join(by_hand.rsplit(b"processing", 1))


@pytest.mark.parametrize("how", ["joined", "indented"])
def test_entries_are_kept_in_a_file_whose_ends_of_entries_are_not_where_they_seem(tmp_path: Path, how: str) -> None:
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


@given(st.lists(st.text(st.sampled_from(ODD_LETTERS), max_size=5), max_size=5))
def test_many_titles_are_folded_as_one_is(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]

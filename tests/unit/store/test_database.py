"""The database has one entry per book, and edits by hand and by other processes are kept."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import AmbiguousBookError, BrokenFileError, NoSpaceError
from pressrun.model.book import Book
from pressrun.store import atomic
from pressrun.store.database import Database, add_book, check_book_exists, update_youtube_url
from pressrun.store.workspace import Workspace, use_workspace

FIELDS = ["main_title", "author_name", "status", "youtube_url", "short_url", "date_added", "run_folder"]


def write(path: Path, *books: dict[str, Any], **own: Any) -> None:
    path.write_text(json.dumps({**own, "books": list(books)}))


def entries(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_bytes())["books"]
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "database.json"


@pytest.fixture
def database(path: Path) -> Database:
    return Database(path)


def test_a_missing_file_has_no_books_and_reading_does_not_create_it(path: Path, database: Database) -> None:
    assert database.books() == []
    assert database.find(Book("Emma")) is None
    assert os.listdir(path.parent) == []


def test_a_new_book_has_every_field_in_order(path: Path, database: Database) -> None:
    database.put_processing(Book("Emma", "Jane Austen"), "runs/x")
    (entry,) = entries(path)
    assert list(entry) == FIELDS
    assert entry["status"] == "processing"
    assert entry["run_folder"] == "runs/x"
    assert entry["youtube_url"] is entry["short_url"] is None


@pytest.mark.parametrize(
    "line",
    [
        Book("EMMA", "jane austen"),
        Book("  Emma ", "Jane \t Austen"),
        Book("\uff25\uff4d\uff4d\uff41", "Jane Austen"),
        Book("Emma"),
    ],
    ids=["case", "white space", "full-width letters", "no author"],
)
def test_a_book_is_found_whatever_its_spelling(database: Database, line: Book) -> None:
    database.put_processing(Book("Emma", "Jane Austen"), None)
    assert (database.find(line) or {})["main_title"] == "Emma"


def test_equivalent_unicode_spellings_match(database: Database) -> None:
    database.put_processing(Book("Straße nach Cafe\u0301"), None)
    assert database.find(Book("STRASSE nach Caf\u00e9"))


def test_the_same_title_by_another_author_is_another_book(path: Path, database: Database) -> None:
    database.put_processing(Book("Poems", "Ann"), None)
    database.put_processing(Book("Poems", "Bea"), None)
    assert [entry["author_name"] for entry in entries(path)] == ["Ann", "Bea"]


def test_a_book_with_an_author_matches_the_only_entry_without_one(path: Path, database: Database) -> None:
    write(path, {"main_title": "Emma", "author_name": None, "status": "done"})
    assert database.find(Book("Emma", "Jane Austen"))
    database.put_processing(Book("Emma", "Jane Austen"), None)
    assert [entry["author_name"] for entry in entries(path)] == ["Jane Austen"]


def test_marking_a_book_done_adds_its_author(path: Path, database: Database) -> None:
    write(path, {"main_title": "Emma"})
    database.put_done(Book("Emma", "Jane Austen"), "https://example.org/1", None)
    assert [(entry["author_name"], entry["status"]) for entry in entries(path)] == [("Jane Austen", "done")]


def test_a_title_that_matches_two_books_is_an_error_that_names_both(path: Path, database: Database) -> None:
    write(path, {"main_title": "Poems", "author_name": "Ann"}, {"main_title": "POEMS", "author_name": "Bea"})
    with pytest.raises(AmbiguousBookError) as caught:
        database.find(Book("Poems", None, 7))
    assert '"Poems | Ann"' in caught.value.message
    assert '"POEMS | Bea"' in caught.value.message
    assert "line 7" in caught.value.message
    assert caught.value.remedy == 'Name the author in the list, e.g. "Poems | Ann".'


def test_a_duplicate_entry_is_an_error(path: Path, database: Database) -> None:
    write(
        path, {"main_title": "Emma", "author_name": "Jane Austen"}, {"main_title": "emma", "author_name": "JANE AUSTEN"}
    )
    with pytest.raises(AmbiguousBookError, match="matches 2 entries") as caught:
        database.put_processing(Book("Emma", "Jane Austen"), None)
    assert '"Emma | Jane Austen" (entry 1, new) and "emma | JANE AUSTEN" (entry 2, new)' in caught.value.message
    assert caught.value.remedy == "Remove entry 2 and keep entry 1."


def test_of_duplicate_entries_the_published_one_is_kept(path: Path, database: Database) -> None:
    write(path, {"main_title": "Walden"}, {"main_title": "Emma"}, {"main_title": "Emma", "status": "done"})
    with pytest.raises(AmbiguousBookError, match=r"\(entry 2, new\) and .*\(entry 3, done\)") as caught:
        database.find(Book("Emma"))
    assert caught.value.remedy == "Remove entry 2 and keep entry 3."


def test_an_entry_without_author_does_not_match_if_the_title_is_not_unique(path: Path, database: Database) -> None:
    write(path, {"main_title": "Poems"}, {"main_title": "Poems", "author_name": "Ann"})
    assert database.find(Book("Poems", "Bea")) is None
    assert (database.find(Book("Poems", "Ann")) or {})["author_name"] == "Ann"


def test_a_book_is_never_added_twice(path: Path, database: Database) -> None:
    for _ in range(3):
        database.put_processing(Book("Emma", "Jane Austen"), None)
    database.put_done(Book("emma"), "https://example.org/1", None)
    assert len(entries(path)) == 1


def test_urls_stay_until_they_are_replaced(path: Path, database: Database) -> None:
    database.put_done(Book("Emma"), "https://example.org/1", "https://example.org/s1", "runs/1")
    database.put_processing(Book("Emma"), "runs/2")
    (entry,) = entries(path)
    assert (entry["youtube_url"], entry["short_url"]) == ("https://example.org/1", "https://example.org/s1")
    database.put_done(Book("Emma"), "https://example.org/2", None)
    (entry,) = entries(path)
    assert (entry["youtube_url"], entry["short_url"]) == ("https://example.org/2", "https://example.org/s1")
    assert entry["run_folder"] == "runs/2"


def test_unknown_fields_and_the_order_of_everything_survive(path: Path, database: Database) -> None:
    write(
        path, {"rating": 5, "status": None, "main_title": "Emma"}, {"main_title": "Walden", "x": [1, {}]}, note="mine"
    )
    database.put_processing(Book("Emma"), "runs/1")
    document = json.loads(path.read_bytes())
    assert list(document) == ["note", "books"]
    assert list(document["books"][0])[:3] == ["rating", "status", "main_title"]
    assert document["books"][1] == {"main_title": "Walden", "x": [1, {}]}


def test_an_edit_by_hand_between_two_changes_is_kept(path: Path, database: Database) -> None:
    database.put_processing(Book("Emma"), None)
    write(path, *entries(path), {"main_title": "Walden", "status": "done", "youtube_url": "https://example.org/w"})
    database.put_done(Book("Emma"), "https://example.org/e", None)
    assert [entry["main_title"] for entry in entries(path)] == ["Emma", "Walden"]


def test_an_edit_by_hand_during_a_change_is_kept(path: Path, database: Database) -> None:
    database.put_processing(Book("Emma"), None)
    edited = []

    def slow_edit(books: list[dict[str, Any]]) -> None:
        if not edited:
            edited.append(True)
            write(path, *entries(path), {"main_title": "Saved in an editor just now"})
        books[0]["status"] = "done"

    database.change(slow_edit)
    assert [(entry["main_title"], entry.get("status")) for entry in entries(path)] == [
        ("Emma", "done"),
        ("Saved in an editor just now", None),
    ]


def test_a_file_that_an_editor_is_saving_is_read_when_it_is_whole(path: Path, database: Database) -> None:
    path.write_text('{"books": [')
    saving = threading.Timer(0.05, lambda: path.write_text('{"books": [{"main_title": "Emma"}]}'))
    saving.start()
    try:
        assert database.find(Book("Emma")) == {"main_title": "Emma"}
    finally:
        saving.join()


def test_a_file_that_has_been_broken_for_a_while_is_an_error_at_once(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text('{"books": [')
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 1))
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("it waited"))
    with pytest.raises(BrokenFileError):
        database.books()


@pytest.mark.parametrize("moment", ["os.fsync", "pressrun.store.atomic.sync_folder"])
@pytest.mark.parametrize("in_place", [True, False])
def test_an_edit_by_hand_while_the_new_version_is_written_is_kept(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, moment: str, in_place: bool
) -> None:
    database.put_processing(Book("Emma"), None)
    edited = []

    def interrupted(_: object) -> None:
        if not edited:
            edited.append(True)
            target = path if in_place else path.with_name("database.json~")
            write(target, *entries(path), {"main_title": "Saved in an editor just now"})
            target.replace(path)

    monkeypatch.setattr(moment, interrupted)
    database.put_done(Book("Emma"), "https://videos.example/e", None)
    database.put_processing(Book("Dune"), None)
    assert [(entry["main_title"], entry.get("status")) for entry in entries(path)] == [
        ("Emma", "done"),
        ("Saved in an editor just now", None),
        ("Dune", "processing"),
    ]
    assert sorted(each.name for each in path.parent.iterdir()) == [
        ".database.json.queue", "database.json", "database.json.bak", "database.json.lock",
    ]


def test_an_edit_by_hand_at_the_moment_of_the_rename_is_kept(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.put_processing(Book("Emma"), None)
    exchange, edits = atomic.exchange, iter(["First", "Second"])

    def edited_first(one: Path, other: Path) -> bool:
        if title := next(edits, None):
            write(path.with_name("database.json~"), *entries(path), {"main_title": title})
            path.with_name("database.json~").replace(path)
        return exchange(one, other)

    monkeypatch.setattr(atomic, "exchange", edited_first)
    database.put_done(Book("Emma"), "https://videos.example/e", None)
    titles = [entry["main_title"] for entry in entries(path)]
    assert "Second" in titles
    assert entries(path)[0]["status"] == "done"
    assert not [each for each in path.parent.iterdir() if atomic.is_partial(each.name)]


def test_an_edit_that_raises_changes_nothing_on_disk_or_in_memory(path: Path, database: Database) -> None:
    database.put_processing(Book("Emma"), None)
    before = path.read_bytes()

    def fails(books: list[dict[str, Any]]) -> None:
        books.clear()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.change(fails)
    assert path.read_bytes() == before
    assert [entry["main_title"] for entry in database.books()] == ["Emma"]


def test_an_unchanged_entry_is_not_written(path: Path, database: Database) -> None:
    database.put_processing(Book("Emma"), "runs/1")
    before = path.stat().st_ino, path.stat().st_mtime_ns
    database.put_processing(Book("Emma"), "runs/1")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == before
    assert not path.with_name("database.json.bak").exists()


def test_the_backup_is_the_previous_version(path: Path, database: Database) -> None:
    database.put_processing(Book("Emma"), None)
    first = path.read_bytes()
    database.put_processing(Book("Walden"), None)
    assert path.with_name("database.json.bak").read_bytes() == first
    database.put_processing(Book("Ulysses"), None)
    assert len(entries(path.with_name("database.json.bak"))) == 2


def test_the_backup_is_copied_if_there_are_no_hard_links(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.put_processing(Book("Emma"), None)
    first = path.read_bytes()

    def no_links(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    database.put_processing(Book("Walden"), None)
    assert path.with_name("database.json.bak").read_bytes() == first


def contents(folder: Path) -> dict[str, bytes]:
    """All files except the queue, whose counter changes with every lock."""
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.suffix != ".queue"}


def test_a_full_disk_changes_neither_database_nor_backup(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.put_processing(Book("Emma"), None)
    database.put_processing(Book("Walden"), None)
    before = contents(path.parent)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(NoSpaceError):
            database.put_done(Book("Emma"), "https://example.org/1", None)
    assert contents(path.parent) == before
    assert database.find(Book("Emma")) == entries(path)[0]


def test_a_database_that_is_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    real, link = tmp_path / "shared" / "books.json", tmp_path / "database.json"
    write(real, {"main_title": "Emma"})
    link.symlink_to(real)
    Database(link).put_processing(Book("Walden"), None)
    assert link.is_symlink()
    assert [entry["main_title"] for entry in entries(real)] == ["Emma", "Walden"]
    assert (tmp_path / "shared" / "books.json.bak").exists()


def test_the_folder_of_the_database_is_created(tmp_path: Path) -> None:
    Database(tmp_path / "new" / "database.json").put_processing(Book("Emma"), None)
    assert len(entries(tmp_path / "new" / "database.json")) == 1


def test_only_partial_files_of_this_database_are_removed(path: Path, database: Database) -> None:
    database.put_processing(Book("Emma"), None)
    (path.parent / ".database.json.0a1b2c3d.part").write_text("half")
    (path.parent / "my film.part.mp4").write_text("mine")
    (path.parent / ".other.json.0a1b2c3d.part").write_text("mine")
    database.remove_partials()
    assert not (path.parent / ".database.json.0a1b2c3d.part").exists()
    assert (path.parent / "my film.part.mp4").exists()
    assert (path.parent / ".other.json.0a1b2c3d.part").exists()


def test_the_file_is_parsed_again_only_when_it_changed(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, {"main_title": "Emma"})
    reads = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: (reads.append(self), read(self))[1])
    for _ in range(3):
        database.books()
    assert len(reads) == 1
    atomic.write_bytes(path, b'{"books": []}')
    assert database.books() == []


ADD = """
import sys
import threading
from pathlib import Path
from pressrun.model.book import Book
from pressrun.store.database import Database
database = Database(Path(sys.argv[1]))
for number in range(4):
    database.put_processing(Book(f"Book {sys.argv[2]}-{number}"), None)
    database.put_processing(Book("Of all"), None)
"""


def test_eight_processes_add_books_without_losing_any(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", ADD, str(path), str(number)]) for number in range(8)]
    assert [writer.wait(60) for writer in writers] == [0] * 8
    titles = [entry["main_title"] for entry in entries(path)]
    assert sorted(titles) == sorted([*(f"Book {w}-{n}" for w in range(8) for n in range(4)), "Of all"])
    assert not list(path.parent.glob("*.part"))


def test_the_functions_act_on_the_current_workspace(tmp_path: Path) -> None:
    with use_workspace(Workspace(tmp_path)):
        assert check_book_exists("Emma") is None
        assert add_book("Emma", "Jane Austen")["status"] == "processing"
        assert add_book("emma")["author_name"] == "Jane Austen"
        done = update_youtube_url("Emma", "Jane Austen", "https://example.org/1", "https://example.org/s")
        assert (done["status"], done["short_url"]) == ("done", "https://example.org/s")
        assert check_book_exists("EMMA") == done
    assert len(entries(tmp_path / "database.json")) == 1


def test_what_the_functions_return_is_a_copy(tmp_path: Path) -> None:
    with use_workspace(Workspace(tmp_path)):
        add_book("Emma")["status"] = "spoilt"
        found = check_book_exists("Emma")
        assert found
        assert found["status"] == "processing"

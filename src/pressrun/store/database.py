"""The database: which books are done or in progress. Many processes share it under one file lock.

The module's functions act on the current workspace; `Database` is the same for any path.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pressrun.model.book import Book, fold, fold_all
from pressrun.store import atomic
from pressrun.store.database_file import Document, compact, indent, parse_any, parse_plain, serialise
from pressrun.store.database_support import ambiguous, keep_previous, uncollected
from pressrun.store.database_text import Text
from pressrun.store.locks import database_lock
from pressrun.store.workspace import current_workspace

Entry = dict[str, Any]
FIELDS = ("main_title", "author_name", "status", "youtube_url", "short_url", "date_added", "run_folder")
T = TypeVar("T")
Signature = tuple[int, int, int]


class Database:
    """One `database.json`. Reading needs no lock, as files are replaced whole; it is parsed again only when changed."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._signature: Signature | None = None
        self._document: Document = {"books": []}
        self._positions: dict[str, tuple[int, ...]] | None = None
        """Folded title -> places among the entries."""
        self._text: Text | None = None
        """The file of which `_document` is the content; None where that is not known."""

    def books(self) -> list[Entry]:
        """All entries in file order. Raises `BrokenFileError`; a missing file has no books."""
        self._refresh()
        books: list[Entry] = self._document["books"]
        return books

    def find(self, book: Book) -> Entry | None:
        """The entry of `book`, or None.

        Titles and authors match when folded. A book without author matches a title that is unique; a book with an
        author matches an entry that has none when the title is unique. Raises `AmbiguousBookError`, naming both.
        """
        self._refresh()
        return self._lookup(book)

    def known(self, book: Book) -> Entry | None:
        """As `find`, in what was read last: the file is not looked at, so that one plan is made of one reading."""
        return self._lookup(book)

    def change(self, edit: Callable[[list[Entry]], T]) -> T:
        """Runs `edit` on the entries as they are now, under the lock, and writes the result durably.

        When `edit` raises, or changes nothing, the file stays as it is.
        """

        def work(books: list[Entry], text: Text | None) -> tuple[T, bytes | None, Text | None]:
            before = compact(self._document)
            answer = edit(books)
            after = compact(self._document)
            self._positions = None
            if after == before:
                return answer, None, text
            data = indent(after)
            return answer, data, Text(data)

        return self._write(work)

    def _write(self, work: Callable[[list[Entry], Text | None], tuple[T, bytes | None, Text | None]]) -> T:
        """`work` gets the entries and the text they are from, and gives its answer, what is to be written (None where
        nothing changed), and the text after that.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._read_ahead()
        with database_lock(self.path):
            while True:
                books = self.books()
                read, text = self._signature, self._own_text()
                # What follows changes the copy in memory; it is read again, as a whole, if it is not written.
                self._signature = self._text = None
                answer, data, text = work(books, text)
                # Somebody may save the file in an editor, which asks for no lock, until the moment of the rename.
                if _signature(self.path) != read:
                    continue
                if data is not None:
                    try:
                        replace = partial(_replace_unless_edited, read)
                        atomic.write_bytes(self.path, data, partial(keep_previous, self.path), replace)
                    except _Overtaken:
                        continue
                    read = self._signature_of(data)
                self._signature, self._text = read, text
                return answer

    def put_processing(
        self,
        book: Book,
        run_folder: str | None = None,
        youtube_url: str | None = None,
        short_url: str | None = None,
    ) -> Entry:
        """Marks `book` as in progress; adds it where it is new. What is None stays as it is, URLs of old too."""
        return self._put(book, "processing", youtube_url, short_url, run_folder)

    def put_done(
        self, book: Book, youtube_url: str | None, short_url: str | None, run_folder: str | None = None
    ) -> Entry:
        """Marks `book` as done with its URLs; what is None stays as it is."""
        return self._put(book, "done", youtube_url, short_url, run_folder)

    def _put(
        self, book: Book, status: str, youtube_url: str | None, short_url: str | None, run_folder: str | None
    ) -> Entry:
        def work(books: list[Entry], text: Text | None) -> tuple[Entry, bytes | None, Text | None]:
            position = self._position(book)
            if position is None:
                added = datetime.now(UTC).isoformat(timespec="seconds")
                books.append(
                    dict.fromkeys(FIELDS)
                    | {"main_title": book.title, "author_name": book.author, "date_added": added}
                )
                position = len(books) - 1
                self._remember(book.key[0], position)
            entry = books[position]
            before = dict(entry)
            if book.author and not entry.get("author_name"):
                entry["author_name"] = book.author
            entry["status"] = status
            for name, value in (("youtube_url", youtube_url), ("short_url", short_url), ("run_folder", run_folder)):
                entry[name] = value if value is not None else entry.get(name)
            if entry == before:
                return dict(entry), None, text
            return dict(entry), *self._text_with(position, text)

        return self._write(work)

    def _text_with(self, position: int, text: Text | None) -> tuple[bytes, Text]:
        """The file with the entry at `position` as it is in memory; `text` is what stands there now."""
        if text is None:
            data = serialise(self._document)
            return data, Text(data)
        text.put(position, self._document["books"][position])
        return text.joined(), text

    def sweep(self) -> None:
        """Removes half-written files that a killed process left beside the database."""
        prefix = f".{self.path.name}."
        with suppress(FileNotFoundError):
            if any(name.startswith(prefix) and atomic.is_litter(name) for name in os.listdir(self.path.parent)):
                with database_lock(self.path):
                    atomic.sweep(self.path.parent, prefix)

    def _lookup(self, book: Book) -> Entry | None:
        position = self._position(book)
        return None if position is None else self._document["books"][position]

    def _position(self, book: Book) -> int | None:
        entries = self._document["books"]
        title, author = book.key
        found = self._index().get(title, ())
        if author and found:
            exact = tuple(each for each in found if fold(entries[each].get("author_name") or "") == author)
            found = exact or (found if len(found) == 1 and not entries[found[0]].get("author_name") else ())
        if len(found) > 1:
            raise ambiguous(self.path, book, [entries[each] for each in found])
        return found[0] if found else None

    def _index(self) -> dict[str, tuple[int, ...]]:
        if self._positions is None:
            with uncollected():
                titles = fold_all([entry["main_title"] for entry in self._document["books"]])
                places = [(position,) for position in range(len(titles))]
                self._positions = dict(zip(titles, places, strict=True))
                if len(self._positions) < len(titles):
                    self._positions = {}
                    for position, title in enumerate(titles):
                        self._remember(title, position)
        return self._positions

    def _remember(self, title: str, position: int) -> None:
        if self._positions is not None:
            self._positions[title] = (*self._positions.get(title, ()), position)

    def _read_ahead(self) -> None:
        """A first reading, which takes time, is done while others may still hold the lock. Later ones are quick, and
        would be done twice.
        """
        if self._own_text() is None:
            self._refresh()
            self._own_text()
        self._index()

    def _refresh(self) -> None:
        signature = _signature(self.path)
        if signature is None:
            self._document, self._positions, self._text = {"books": []}, None, None
        elif signature != self._signature:
            data = self.path.read_bytes()
            if not self._take_changes(data):
                with uncollected():
                    plain = parse_plain(data)
                    self._document = plain or parse_any(self.path, data)
                self._positions, self._text = None, Text(data, known=plain is not None)
        self._signature = signature

    def _own_text(self) -> Text | None:
        """The file as it was read, where it can be cut into its entries."""
        return self._text if self._text and self._text.is_of(self._document) else None

    def _take_changes(self, data: bytes) -> bool:
        """Reads only the entries that differ from those in memory. False where that cannot be done."""
        text = self._own_text()
        changed = text.take(data) if text else None
        if changed is None:
            return False
        entries = self._document["books"]
        for position, entry in changed:
            if position == len(entries):
                self._remember(fold(entry["main_title"]), position)
            elif entry["main_title"] != entries[position]["main_title"]:
                self._positions = None
            entries[position : position + 1] = [entry]
        return True

    def _signature_of(self, written: bytes) -> Signature | None:
        """The file's signature while it holds `written`; None when somebody has saved something else since."""
        with suppress(FileNotFoundError):
            signature = _signature(self.path)
            if self.path.read_bytes() == written:
                return signature
        return None


class _Overtaken(Exception):
    """Somebody saved the file while a new version of it was being written."""


def _replace_unless_edited(read: Signature | None, part: Path, final: Path) -> None:
    """Puts `part` in the place of `final`; raises `_Overtaken` when that is no longer the file that was read.

    Looking first and renaming then leaves a moment in which an edit would be lost, so the two change places and the
    look comes afterwards. Where that is impossible, the moment is some millionths of a second.
    """
    ours = _signature(part)
    if read is None or not atomic.exchange(part, final):
        if _signature(final) != read:
            raise _Overtaken
        part.replace(final)
    elif _signature(part) == read:
        part.unlink()
    else:
        # Back again; and once more if somebody has saved a still newer version over ours in between.
        if atomic.exchange(part, final) and _signature(part) != ours:
            atomic.exchange(part, final)
        raise _Overtaken


def _signature(path: Path) -> Signature | None:
    """Changes with the content of a file; None for a file that is not there."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def check_book_exists(title: str, author: str | None = None) -> Entry | None:
    """A copy of the entry of a book in the current workspace's database, or None."""
    entry = Database(current_workspace().database).find(Book(title, author or None))
    return dict(entry) if entry else None


def add_book(title: str, author: str | None = None, run_folder: str | None = None) -> Entry:
    """Marks a book of the current workspace as `"processing"`; never makes a duplicate. Returns its entry."""
    return Database(current_workspace().database).put_processing(Book(title, author or None), run_folder)


def update_youtube_url(title: str, author: str | None, youtube_url: str | None, short_url: str | None = None) -> Entry:
    """Marks a book of the current workspace as `"done"` with its URLs. Returns its entry."""
    return Database(current_workspace().database).put_done(Book(title, author or None), youtube_url, short_url)

"""The database: which books are done or in progress. `Database` works on any path, the functions on the workspace."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pressrun.errors import AmbiguousBookError, BrokenFileError
from pressrun.model.book import Book, fold, fold_all
from pressrun.store import atomic
from pressrun.store.chunked_text import ChunkedText
from pressrun.store.database_file import Document, compact, indent, parse_fast, parse_slowly, serialize
from pressrun.store.locks import database_lock
from pressrun.store.workspace import current_workspace

Entry = dict[str, Any]
FIELDS = ("main_title", "author_name", "status", "youtube_url", "short_url", "date_added", "run_folder")
T = TypeVar("T")
Signature = tuple[int, int, int]
SAVE_TIMEOUT = 0.3
"""Seconds that an editor may take to save the file in place."""


class Database:
    """One `database.json`, parsed again only when it has changed. Reading needs no lock: files are replaced whole."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()  # a rename would otherwise replace a symbolic link, not the file behind it
        self._signature: Signature | None = None
        self._document: Document = {"books": []}
        self._positions: dict[str, tuple[int, ...]] | None = None
        """Folded title -> positions of its entries."""
        self._text: ChunkedText | None = None
        """The file whose content is `_document`, or None if that is not known."""

    def books(self) -> list[Entry]:
        """Return all entries in file order; a missing file has none. Raises `BrokenFileError`."""
        self._refresh()
        books: list[Entry] = self._document["books"]
        return books

    def find(self, book: Book) -> Entry | None:
        """Return the entry of `book`, or None.

        Folded titles and authors are compared. A book without an author matches a unique title. A book with an author
        also matches an entry without one if the title is unique. Raises `BrokenFileError`, or `AmbiguousBookError` if
        several entries match.
        """
        self._refresh()
        return self._lookup(book)

    def find_cached(self, book: Book) -> Entry | None:
        """Do the same as `find` without looking at the file, so that a whole plan is based on one reading."""
        return self._lookup(book)

    def change(self, edit: Callable[[list[Entry]], T]) -> T:
        """Call `edit` with the current entries under the lock, write what it changed durably, and return its result.

        The file stays as it is if `edit` raises or changes nothing.
        """

        def work(books: list[Entry], text: ChunkedText | None) -> tuple[T, bytes | None, ChunkedText | None]:
            before = compact(self._document)
            result = edit(books)
            after = compact(self._document)
            self._positions = None
            if after == before:
                return result, None, text
            data = indent(after)
            return result, data, ChunkedText(data)

        return self._write(work)

    def _write(
        self, work: Callable[[list[Entry], ChunkedText | None], tuple[T, bytes | None, ChunkedText | None]]
    ) -> T:
        """Call `work` with the entries and the text they come from.

        `work` returns its result, the new file (None if nothing changed) and the new text.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._read_ahead()
        with database_lock(self.path):
            while True:
                books = self.books()
                read, text = self._signature, self._current_text()
                # `work` changes the entries in memory. If it raises or the file is not written, they have to be read
                # again, so they count as unread until then.
                self._signature = self._text = None
                result, data, text = work(books, text)
                # An editor takes no lock: the user may save the file at any time until the rename.
                if _signature(self.path) != read:
                    continue
                if data is not None:
                    try:
                        replace = partial(_replace_unless_edited, read)
                        atomic.write_bytes(self.path, data, partial(atomic.keep_backup, self.path), replace)
                    except _EditedMeanwhileError:
                        continue
                    read = self._signature_of(data)
                self._signature, self._text = read, text
                return result

    def put_processing(
        self,
        book: Book,
        run_folder: str | None = None,
        youtube_url: str | None = None,
        short_url: str | None = None,
    ) -> Entry:
        """Mark `book` as in progress, adding it if it is new, and return its entry. None leaves a field as it is."""
        return self._put(book, "processing", youtube_url, short_url, run_folder)

    def put_done(
        self, book: Book, youtube_url: str | None, short_url: str | None, run_folder: str | None = None
    ) -> Entry:
        """Mark `book` as done, adding it if it is new, and return its entry. None leaves a field as it is."""
        return self._put(book, "done", youtube_url, short_url, run_folder)

    def _put(
        self, book: Book, status: str, youtube_url: str | None, short_url: str | None, run_folder: str | None
    ) -> Entry:
        def work(books: list[Entry], text: ChunkedText | None) -> tuple[Entry, bytes | None, ChunkedText | None]:
            position = self._position(book)
            if position is None:
                added = datetime.now(UTC).isoformat(timespec="seconds")
                books.append(
                    dict.fromkeys(FIELDS)
                    | {"main_title": book.title, "author_name": book.author, "date_added": added}
                )
                position = len(books) - 1
                self._add_to_index(book.key[0], position)
            entry = books[position]
            before = dict(entry)
            if book.author and not entry.get("author_name"):
                entry["author_name"] = book.author
            entry["status"] = status
            for name, value in (("youtube_url", youtube_url), ("short_url", short_url), ("run_folder", run_folder)):
                entry[name] = value if value is not None else entry.get(name)
            if entry == before:
                return dict(entry), None, text
            return dict(entry), *self._updated_text(position, text)

        return self._write(work)

    def _updated_text(self, position: int, text: ChunkedText | None) -> tuple[bytes, ChunkedText]:
        """Return the new file, given the current one and the position of the only entry that has changed in memory."""
        if text is None:
            data = serialize(self._document)
            return data, ChunkedText(data)
        text.put(position, self._document["books"][position])
        return text.join(), text

    def remove_partials(self) -> None:
        """Remove the temporary files that killed processes left next to the database."""
        prefix = f".{self.path.name}."
        with suppress(FileNotFoundError):
            if any(name.startswith(prefix) and atomic.is_partial(name) for name in os.listdir(self.path.parent)):
                with database_lock(self.path):
                    atomic.remove_partials(self.path.parent, prefix)

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
            raise _ambiguous_book_error(self.path, book, {each + 1: entries[each] for each in found})
        return found[0] if found else None

    def _index(self) -> dict[str, tuple[int, ...]]:
        if self._positions is None:
            with gc_paused():
                titles = fold_all([entry["main_title"] for entry in self._document["books"]])
                positions = [(position,) for position in range(len(titles))]
                self._positions = dict(zip(titles, positions, strict=True))
                if len(self._positions) < len(titles):
                    self._positions = {}
                    for position, title in enumerate(titles):
                        self._add_to_index(title, position)
        return self._positions

    def _add_to_index(self, title: str, position: int) -> None:
        if self._positions is not None:
            self._positions[title] = (*self._positions.get(title, ()), position)

    def _read_ahead(self) -> None:
        """Do the first, slow reading before the lock is taken, so that other processes don't wait for it.

        Later readings are quick, and reading ahead would do them twice.
        """
        if self._current_text() is None:
            self._refresh()
            self._current_text()
        self._index()

    def _refresh(self) -> None:
        deadline = time.monotonic() + SAVE_TIMEOUT
        while True:
            # The signature from before the reading: if the file is replaced in between, it is read once more.
            signature = _signature(self.path)
            try:
                self._load(signature)
            except BrokenFileError:
                # An editor that saves in place empties the file before it writes it, so a file that was saved just now
                # may be half-written.
                saved_just_now = signature and abs(time.time() - signature[1] / 1e9) <= SAVE_TIMEOUT
                if not saved_just_now or time.monotonic() > deadline:
                    raise
                time.sleep(SAVE_TIMEOUT / 10)
            else:
                self._signature = signature
                return

    def _load(self, signature: Signature | None) -> None:
        if signature is None:
            self._document, self._positions, self._text = {"books": []}, None, None
        elif signature != self._signature:
            data = self.path.read_bytes()
            if not self._apply_changes(data):
                with gc_paused():
                    fast = parse_fast(data)
                    self._document = fast or parse_slowly(self.path, data)
                self._positions, self._text = None, ChunkedText(data, flat=fast is not None)

    def _current_text(self) -> ChunkedText | None:
        """Return the file as it was read, or None if it cannot be cut into the entries in memory."""
        return self._text if self._text and self._text.matches(self._document) else None

    def _apply_changes(self, data: bytes) -> bool:
        """Parse only the entries that differ from those in memory. Returns False if that is impossible."""
        text = self._current_text()
        changed = text.update(data) if text else None
        if changed is None:
            return False
        entries = self._document["books"]
        for position, entry in changed:
            if position == len(entries):
                self._add_to_index(fold(entry["main_title"]), position)
            elif entry["main_title"] != entries[position]["main_title"]:
                self._positions = None
            entries[position : position + 1] = [entry]
        return True

    def _signature_of(self, written: bytes) -> Signature | None:
        """Return the signature of the file if it still contains `written`, or None if it was saved again since."""
        with suppress(FileNotFoundError):
            signature = _signature(self.path)
            if self.path.read_bytes() == written:
                return signature
        return None


class _EditedMeanwhileError(Exception):
    """Another program saved the file while a new version of it was being written."""


def _replace_unless_edited(read: Signature | None, part: Path, final: Path) -> None:
    """Replace `final` with `part`. Raises `_EditedMeanwhileError` if `final` is no longer the file that was read.

    An edit that is saved between a check and a rename would be lost. Therefore the two files are swapped first, and the
    check is made on the old one afterwards. Where files cannot be swapped, a window of some microseconds remains.
    """
    ours = _signature(part)
    if read is None or not atomic.exchange(part, final):
        if _signature(final) != read:
            raise _EditedMeanwhileError
        part.replace(final)
    elif _signature(part) == read:
        part.unlink()
    else:
        # Swap back. If an even newer version was saved over ours in between, it is now `part`: swap once more.
        if atomic.exchange(part, final) and _signature(part) != ours:
            atomic.exchange(part, final)
        raise _EditedMeanwhileError


def _signature(path: Path) -> Signature | None:
    """Return a value that changes whenever the file is written or replaced, or None for a missing file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _ambiguous_book_error(path: Path, book: Book, entries: dict[int, Entry]) -> AmbiguousBookError:
    """Return an error that names the entries by their positions, counted from 1, and the one to remove."""
    shown = list(entries.items())[:3]
    named = " and ".join(
        f'"{Book(entry["main_title"], entry.get("author_name"))}" (entry {position}, {entry.get("status") or "new"})'
        for position, entry in shown
    )
    line = f" (line {book.line} of the list)" if book.line else ""
    authors = {fold(entry.get("author_name") or "") for entry in entries.values()}
    if len(authors) > 1 and not book.author:
        author = next(each for entry in entries.values() if (each := entry.get("author_name")))
        remedy = f'Name the author in the list, e.g. "{book.title} | {author}".'
    else:
        kept = max(entries, key=lambda each: (*map(bool, _progress(entries[each])), -each))
        others = [str(each) for each in entries if each != kept]
        remedy = f"Remove {'entry' if len(others) == 1 else 'entries'} {', '.join(others)} and keep entry {kept}."
    return AmbiguousBookError(f'"{book}"{line} matches {len(entries)} entries of {path}: {named}', remedy=remedy)


def _progress(entry: Entry) -> tuple[object, ...]:
    return entry.get("status") == "done", entry.get("youtube_url"), entry.get("run_folder"), entry.get("author_name")


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection while many lasting objects are created: every collection would visit all of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def check_book_exists(title: str, author: str | None = None) -> Entry | None:
    """Return a copy of the entry of a book in the current workspace, or None."""
    entry = Database(current_workspace().database).find(Book(title, author or None))
    return dict(entry) if entry else None


def add_book(title: str, author: str | None = None, run_folder: str | None = None) -> Entry:
    """Mark a book of the current workspace as `"processing"`, adding it if it is new, and return its entry."""
    return Database(current_workspace().database).put_processing(Book(title, author or None), run_folder)


def update_youtube_url(title: str, author: str | None, youtube_url: str | None, short_url: str | None = None) -> Entry:
    """Mark a book of the current workspace as `"done"` with its URLs, and return its entry."""
    return Database(current_workspace().database).put_done(Book(title, author or None), youtube_url, short_url)

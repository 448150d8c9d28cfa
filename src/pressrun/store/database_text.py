"""`database.json` as stretches of text, of some hundred entries each.

A batch writes the file at every book, and other processes do in between. Of a hundred thousand entries only those that
changed are read and written anew; everything else is compared, or copied, stretch by stretch. A file that cannot be cut
between its entries is read and written as a whole.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from pressrun.store.database_file import Document, compact, indent, is_entry, serialise

# Text inside quotes has no line break in JSON, so that these stand between two objects: two entries, where nothing is
# nested in an entry, or where the file is in the program's own form, in which what is nested is indented further.
_BEGIN, _BETWEEN, _END = b'{\n  "books": [\n    {\n', b"\n    },\n    {\n", b"\n    }\n  ]\n}\n"
_STRETCH = 64 * 1024
"""Bytes after which the next entry begins a new stretch."""
_MOST = 1000
"""Entries that are read one by one; where more have changed, or moved, the file is read as a whole."""


class _Stretch(NamedTuple):
    text: bytes
    entries: int


class Text:
    """A file that may be cut into stretches of entries, which takes some 20 ms and is done when it is first needed.

    `known`: that the program wrote it, or that nothing is nested in any of its entries.
    """

    def __init__(self, data: bytes, *, known: bool = True) -> None:
        self._data = data
        self._known = known
        self._stretches: list[_Stretch] = []
        self._fits: bool | None = None

    def is_of(self, document: Document) -> bool:
        """Whether it can be cut into the entries of `document`, which was read from it or written to it.

        It is looked at once, in 0.1 s where that is not known: then it must be, byte by byte, what the program makes
        of the document.
        """
        if self._fits is None:
            if document.keys() == {"books"} and (self._known or self._data == serialise(document)):
                self._stretches = _cut(self._data)
            self._fits = 0 < sum(each.entries for each in self._stretches) == len(document["books"])
            self._data = b""
        return self._fits

    def take(self, data: bytes) -> list[tuple[int, dict[str, Any]]] | None:
        """Makes itself the text of `data`; the entries that are not as before, with their places, in their order.

        None, and nothing is done, where they cannot be told, as where entries are gone.
        """
        found = _changes(self._stretches, data)
        if found is None:
            return None
        stretches, changed = found
        entries = [(position, entry) for position, piece in changed if (entry := _entry_of(piece))]
        if len(entries) < len(changed):
            return None
        self._stretches = stretches
        return entries

    def put(self, position: int, entry: dict[str, Any]) -> None:
        """Writes an entry over the one at `position`, or behind the last."""
        number = 0
        while number < len(self._stretches) - 1 and position >= self._stretches[number].entries:
            position -= self._stretches[number].entries
            number += 1
        text, entries = self._stretches[number]
        if position == entries and len(text) > _STRETCH:
            self._stretches.append(_Stretch(_piece_of(entry), 1))
            return
        pieces = text.split(_BETWEEN)
        pieces[position : position + 1] = [_piece_of(entry)]
        self._stretches[number] = _Stretch(_BETWEEN.join(pieces), len(pieces))

    def joined(self) -> bytes:
        """The file as its stretches make it."""
        parts = [_BEGIN]
        for each in self._stretches:
            parts += (each.text, _BETWEEN)
        return b"".join([*parts[:-1], _END])


def _span(data: bytes) -> tuple[int, int]:
    """Where the first entry begins and the last one ends; an end before the beginning where that cannot be."""
    framed = data.startswith(_BEGIN) and data.endswith(_END)
    return len(_BEGIN), len(data) - len(_END) if framed else -1


def _cut(data: bytes) -> list[_Stretch]:
    start, end = _span(data)
    stretches = []
    while start <= end:
        stop = data.find(_BETWEEN, start + _STRETCH, end)
        text = data[start : end if stop < 0 else stop]
        stretches.append(_Stretch(text, text.count(_BETWEEN) + 1))
        start += len(text) + len(_BETWEEN)
    return stretches


def _changes(known: list[_Stretch], data: bytes) -> tuple[list[_Stretch], list[tuple[int, bytes]]] | None:
    """The stretches of `data`, cut as they were, and each piece that is another one now, with its place."""
    start, end = _span(data)
    if end < start:
        return None
    stretches: list[_Stretch] = []
    changed: list[tuple[int, bytes]] = []
    position = 0
    for each in known:
        stop = start + len(each.text)
        ends_here = stop == end or data.startswith(_BETWEEN, stop, end)
        if not (ends_here and data.startswith(each.text, start)):
            pieces = _pieces(data, start, end, each.entries)
            pairs = enumerate(zip(each.text.split(_BETWEEN), pieces, strict=False), position)
            changed += [(place, new) for place, (old, new) in pairs if old != new]
            if len(pieces) < each.entries or len(changed) > _MOST:
                return None
            each = _Stretch(_BETWEEN.join(pieces), each.entries)
        stretches.append(each)
        position += each.entries
        start += len(each.text) + len(_BETWEEN)
    added = _pieces(data, start, end, _MOST + 1)
    if len(changed) + len(added) > _MOST:
        return None
    if added:
        stretches.append(_Stretch(_BETWEEN.join(added), len(added)))
    return stretches, changed + list(enumerate(added, position))


def _pieces(data: bytes, start: int, end: int, most: int) -> list[bytes]:
    """The text of each entry from `start` on, `most` of them at most."""
    pieces: list[bytes] = []
    while start <= end and len(pieces) < most:
        stop = data.find(_BETWEEN, start, end)
        pieces.append(data[start : end if stop < 0 else stop])
        start += len(pieces[-1]) + len(_BETWEEN)
    return pieces


def _piece_of(entry: dict[str, Any]) -> bytes:
    lines = indent(compact(entry)).splitlines()
    return b"\n".join(b"    " + line for line in lines[1:-1])


def _entry_of(piece: bytes) -> dict[str, Any] | None:
    """The entry of a piece; None where it is no entry, or is not written as the program writes it."""
    try:
        entry = msgspec.json.decode(b"{" + piece + b"}")
        return entry if is_entry(entry) and _piece_of(entry) == piece else None
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError):
        return None

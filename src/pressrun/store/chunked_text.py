"""`database.json` as chunks of text, each with some hundred entries.

A batch writes the file for every book, and other processes write it in between. Of a hundred thousand entries only
those that changed are parsed and encoded again; everything else is compared or copied chunk by chunk. A file that
cannot be cut between its entries is read and written as a whole.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from pressrun.store.database_file import Document, compact, indent, is_entry, serialize

# JSON has no line breaks inside quotes, so `_SEPARATOR` only occurs between two objects. These are two entries if
# nothing is nested in an entry, or if the file has the form that the program writes, where nested objects are indented
# further.
_START, _SEPARATOR, _END = b'{\n  "books": [\n    {\n', b"\n    },\n    {\n", b"\n    }\n  ]\n}\n"
_CHUNK_SIZE = 64 * 1024
"""Bytes after which the next entry starts a new chunk."""
_MAX_CHANGES = 1000
"""Entries that are parsed one by one. If more have changed or moved, the whole file is parsed."""


class _Chunk(NamedTuple):
    text: bytes
    entries: int


class ChunkedText:
    """A file that may be cut into chunks of entries. It is cut when that is first needed, which takes some 20 ms.

    `flat`: the program wrote the file, or nothing is nested in any of its entries.
    """

    def __init__(self, data: bytes, *, flat: bool = True) -> None:
        self._data = data
        self._flat = flat
        self._chunks: list[_Chunk] = []
        self._matches: bool | None = None

    def matches(self, document: Document) -> bool:
        """Return whether the file can be cut into the entries of `document`, which was read from it or written to it.

        This is only checked once. It takes 0.1 s if the file may have nested values: then it must be, byte by byte,
        what the program would write.
        """
        if self._matches is None:
            if document.keys() == {"books"} and (self._flat or self._data == serialize(document)):
                self._chunks = _cut(self._data)
            self._matches = 0 < sum(chunk.entries for chunk in self._chunks) == len(document["books"])
            self._data = b""
        return self._matches

    def update(self, data: bytes) -> list[tuple[int, dict[str, Any]]] | None:
        """Become the text of `data`, and return the positions and new values of the entries that differ, in order.

        Returns None, and changes nothing, if they cannot be determined, for example because entries were removed.
        """
        found = _changes(self._chunks, data)
        if found is None:
            return None
        chunks, changed = found
        entries = [(position, entry) for position, text in changed if (entry := _parse_entry(text))]
        if len(entries) < len(changed):
            return None
        self._chunks = chunks
        return entries

    def put(self, position: int, entry: dict[str, Any]) -> None:
        """Replace the entry at `position`, or append one after the last."""
        number = 0
        while number < len(self._chunks) - 1 and position >= self._chunks[number].entries:
            position -= self._chunks[number].entries
            number += 1
        text, entries = self._chunks[number]
        if position == entries and len(text) > _CHUNK_SIZE:
            self._chunks.append(_Chunk(_entry_text(entry), 1))
            return
        texts = text.split(_SEPARATOR)
        texts[position : position + 1] = [_entry_text(entry)]
        self._chunks[number] = _Chunk(_SEPARATOR.join(texts), len(texts))

    def join(self) -> bytes:
        """Return the whole file."""
        parts = [_START]
        for chunk in self._chunks:
            parts += (chunk.text, _SEPARATOR)
        return b"".join([*parts[:-1], _END])


def _span(data: bytes) -> tuple[int, int]:
    """Return the start of the first entry and the end of the last; in a file of another form the end is -1."""
    framed = data.startswith(_START) and data.endswith(_END)
    return len(_START), len(data) - len(_END) if framed else -1


def _cut(data: bytes) -> list[_Chunk]:
    start, end = _span(data)
    chunks = []
    while start <= end:
        stop = data.find(_SEPARATOR, start + _CHUNK_SIZE, end)
        text = data[start : end if stop < 0 else stop]
        chunks.append(_Chunk(text, text.count(_SEPARATOR) + 1))
        start += len(text) + len(_SEPARATOR)
    return chunks


def _changes(known: list[_Chunk], data: bytes) -> tuple[list[_Chunk], list[tuple[int, bytes]]] | None:
    """Return the chunks of `data`, cut like the known ones, and the positions and texts of the entries that differ."""
    start, end = _span(data)
    if end < start:
        return None
    chunks: list[_Chunk] = []
    changed: list[tuple[int, bytes]] = []
    position = 0
    for chunk in known:
        stop = start + len(chunk.text)
        ends_here = stop == end or data.startswith(_SEPARATOR, stop, end)
        if not (ends_here and data.startswith(chunk.text, start)):
            texts = _entry_texts(data, start, end, chunk.entries)
            pairs = enumerate(zip(chunk.text.split(_SEPARATOR), texts, strict=False), position)
            changed += [(at, new) for at, (old, new) in pairs if old != new]
            if len(texts) < chunk.entries or len(changed) > _MAX_CHANGES:
                return None
            chunk = _Chunk(_SEPARATOR.join(texts), chunk.entries)
        chunks.append(chunk)
        position += chunk.entries
        start += len(chunk.text) + len(_SEPARATOR)
    added = _entry_texts(data, start, end, _MAX_CHANGES + 1)
    if len(changed) + len(added) > _MAX_CHANGES:
        return None
    if added:
        chunks.append(_Chunk(_SEPARATOR.join(added), len(added)))
    return chunks, changed + list(enumerate(added, position))


def _entry_texts(data: bytes, start: int, end: int, limit: int) -> list[bytes]:
    """Return the texts of up to `limit` entries from `start` on."""
    texts: list[bytes] = []
    while start <= end and len(texts) < limit:
        stop = data.find(_SEPARATOR, start, end)
        texts.append(data[start : end if stop < 0 else stop])
        start += len(texts[-1]) + len(_SEPARATOR)
    return texts


def _entry_text(entry: dict[str, Any]) -> bytes:
    lines = indent(compact(entry)).splitlines()
    return b"\n".join(b"    " + line for line in lines[1:-1])


def _parse_entry(text: bytes) -> dict[str, Any] | None:
    """Return the entry, or None if the text is not an entry in the form that the program writes."""
    try:
        entry = msgspec.json.decode(b"{" + text + b"}")
        return entry if is_entry(entry) and _entry_text(entry) == text else None
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError):
        return None

"""`database.json` as pieces of text, one for each entry.

A batch writes the file at every book, and other processes do in between. Of a hundred thousand entries only those that
changed are read and written anew; everything else is compared, or copied, byte by byte. A file that cannot be cut into
its entries is read and written as a whole.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pressrun.store.database_file import Document, compact, indent, is_entry, serialise

# Text inside quotes has no line break in JSON, so that these stand between two objects: two entries, where nothing is
# nested in an entry, or where the file is in the program's own form, in which what is nested is indented further. A
# field of the file beside "books" makes a piece that is no entry.
_BEGIN, _BETWEEN, _END = b'{\n  "books": [\n    {\n', b"\n    },\n    {\n", b"\n    }\n  ]\n}\n"


class Text:
    """A file that may be in pieces, one for each entry; it is cut when they are first asked for, in some 30 ms.

    `plain`: as it was read, and nothing is nested in any of its entries. None stands for what the program has written,
    or what is known, piece by piece, to be entries.
    """

    def __init__(self, data: bytes, *, plain: bool | None = None) -> None:
        self._data: bytes | None = data
        self._pieces: list[bytes] | None = None
        self._plain = plain
        self._fits = True if plain is None else None

    def is_of(self, document: Document) -> bool:
        """Whether the pieces are the entries of `document`, which was read from the file; looked at once.

        It takes 0.1 s where the file is not plain: then it must be, byte by byte, what the program makes of it.
        """
        if self._fits is None and self._plain:
            self._fits = self.pieces is not None and len(self.pieces) == len(document["books"])
        elif self._fits is None:
            self._fits = self._data == serialise(document)
        return self._fits

    @property
    def pieces(self) -> list[bytes] | None:
        """One for each entry, where `is_of` says so; None for a file that cannot be cut."""
        if self._data is not None:
            self._pieces, self._data = _split(self._data), None
        return self._pieces

    def joined(self) -> bytes:
        """The file as its pieces make it, of which there is at least one."""
        return _BEGIN + _BETWEEN.join(self._pieces or []) + _END


def _split(data: bytes) -> list[bytes] | None:
    if len(data) < len(_BEGIN) + len(_END) or not (data.startswith(_BEGIN) and data.endswith(_END)):
        return None
    return data[len(_BEGIN) : -len(_END)].split(_BETWEEN)


def piece_of(entry: dict[str, Any]) -> bytes:
    lines = indent(compact(entry)).splitlines()
    return b"\n".join(b"    " + line for line in lines[1:-1])


def entry_of(piece: bytes) -> dict[str, Any] | None:
    """The entry of a piece; None where it is no entry, or is not written as the program writes it."""
    try:
        entry = msgspec.json.decode(b"{" + piece + b"}")
        return entry if is_entry(entry) and piece_of(entry) == piece else None
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError):
        return None

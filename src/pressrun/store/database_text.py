"""`database.json` as pieces of text, one for each entry, in the form in which the program writes it.

A batch writes the file at every book, and other processes do in between. Of a hundred thousand entries only those that
changed are read and written anew; everything else is compared, or copied, byte by byte. A file in any other form has no
pieces, and is read and written as a whole.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pressrun.store.database_file import Document, compact, indent, is_entry, serialise

# Text inside quotes has no line break in JSON, so that these stand between two entries or inside a deeper, and further
# indented, object; a field of the file beside "books" makes a piece that is no entry.
_BEGIN, _BETWEEN, _END = b'{\n  "books": [\n    {\n', b"\n    },\n    {\n", b"\n    }\n  ]\n}\n"


class Text:
    """A file that may be in the program's own form. It is cut when pieces are first asked for, in some 50 ms."""

    def __init__(self, data: bytes, *, own_form: bool = True) -> None:
        self._data: bytes | None = data
        self._pieces: list[bytes] | None = None
        self._own_form = own_form

    def is_of(self, document: Document) -> bool:
        """Whether it is, byte by byte, what the program makes of `document`; looked at once, as it takes 0.1 s."""
        if not self._own_form:
            self._own_form = self._data == serialise(document)
        return self._own_form

    @property
    def pieces(self) -> list[bytes] | None:
        """One for each entry; None for a file in another form."""
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

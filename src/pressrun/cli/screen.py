"""The terminal as this door sees it: how wide, which marks it can show, and a stream that never fails."""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TextIO, cast

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pressrun.cli.formatting import safe_text

_BLANKS_AT_LINE_END = re.compile(r" +((?:\x1b\[[\d;]*m)*)\n")

LOG_WIDTH = 100
"""Columns of tables that go to a file or a pipe."""
NARROW = 90
"""Below this many columns tables stack their cells."""


@dataclass(frozen=True)
class Marks:
    """One character per state; each set stays inside what an encoding can show."""

    success: str
    resumed: str
    failed: str
    skipped: str
    new: str
    stopped: str
    warning: str
    book: str
    arrow: str
    dot: str
    spinner: str


UNICODE_MARKS = Marks("✓", "↻", "✗", "–", "+", "■", "!", "▸", "→", "·", "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
ASCII_MARKS = Marks("v", "r", "x", "-", "+", "#", "!", ">", "->", "-", "-\\|/")


class SteadyStream(io.TextIOBase):
    """Writes to a stream that may go away (a closed window, a closed pipe) or lack letters, and never raises.

    A run must not die because nobody can read its progress any more.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._encoding = usable_encoding(stream)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def write(self, text: str) -> int:
        if self._stream is not None:
            # Rich fills cells with blanks; at the end of a line they spoil logs, and wrap when a window shrinks.
            trimmed = _BLANKS_AT_LINE_END.sub(r"\1\n", text)
            with suppress(OSError, ValueError):
                self._stream.write(trimmed.encode(self._encoding, "replace").decode(self._encoding, "replace"))
        return len(text)

    def flush(self) -> None:
        if self._stream is not None:
            with suppress(OSError, ValueError):
                self._stream.flush()

    def isatty(self) -> bool:
        return is_terminal(self._stream)

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()


def usable_encoding(stream: TextIO | None) -> str:
    """The name of the stream's encoding, or ASCII where it has none that is known."""
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or "ascii").name
    except LookupError:
        return "ascii"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sits behind `stream`; a closed or missing one has nobody."""
    if stream is None:
        return False
    try:
        return stream.isatty()
    except ValueError:
        return False


@dataclass(frozen=True)
class Screen:
    """Where tables and progress go."""

    console: Console
    marks: Marks
    animated: bool
    """Whether what was written can be written over: a terminal that moves its cursor."""

    @property
    def width(self) -> int:
        return self.console.width

    @property
    def narrow(self) -> bool:
        return self.console.width < NARROW

    def text(self, raw: str, style: str = "") -> Text:
        """Words from outside, made safe for this terminal."""
        return safe_text(raw, style, encoding=self.console.encoding)

    def join(self, *parts: str | tuple[str, str], separator: str = "") -> Text:
        """Parts (text, or text and style) in one line; words from outside may be among them."""
        pieces = [self.text(part) if isinstance(part, str) else self.text(*part) for part in parts]
        joined = self.text(separator).join(pieces)
        joined.overflow = "fold"
        return joined

    def say(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """Prints one paragraph, each of its lines indented."""
        line = self.join(*parts)
        self.console.print(Padding(line, (0, 0, 0, indent), expand=False) if indent else line)

    def point(self, mark: str, *parts: str | tuple[str, str], style: str = "", indent: int = 0) -> None:
        """Prints a paragraph that hangs from a mark."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row(" " * indent + mark, self.join(*parts), style=style)
        self.console.print(grid)

    def warn(self, sentence: str) -> None:
        self.point(self.marks.warning, sentence, style="yellow")

    def cut(self, raw: str, width: int, style: str = "") -> Text:
        """One line of at most `width` columns; an ellipsis stands for what is left out."""
        text = self.text(raw, style)
        text.truncate(width, overflow="ellipsis" if self.marks is UNICODE_MARKS else "crop")
        text.no_wrap = True
        return text


def open_screen(stream: TextIO | None = None) -> Screen:
    """The screen on `stream`, standard error unless told. `NO_COLOR`, `TERM=dumb` and `COLUMNS` are honoured."""
    target = SteadyStream(sys.stderr if stream is None else stream)
    terminal = target.isatty()
    console = Console(
        file=cast(IO[str], target), highlight=False, markup=False, emoji=False,
        width=None if terminal or "COLUMNS" in os.environ else LOG_WIDTH,
    )
    marks = UNICODE_MARKS if _shows(UNICODE_MARKS, target.encoding) else ASCII_MARKS
    return Screen(console, marks, animated=terminal and not console.is_dumb_terminal)


def _shows(marks: Marks, encoding: str) -> bool:
    try:
        "".join(vars(marks).values()).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True

"""The terminal: its width, the marks it can show, and a stream that never fails."""

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

_TRAILING_BLANKS = re.compile(r" +((?:\x1b\[[\d;]*m)*)\n")

LOG_WIDTH = 100
"""Columns of tables in a file or a pipe."""
NARROW_WIDTH = 90
"""Columns below which tables put cells below each other."""


@dataclass(frozen=True)
class Marks:
    """A character for each state. A set uses only characters that its encodings have."""

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


class SafeStream(io.TextIOBase):
    """A stream that never raises, even if its window or pipe is closed or its encoding lacks a character.

    A batch must not fail because its progress can no longer be shown.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._encoding = usable_encoding(stream)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def write(self, text: str) -> int:
        if self._stream is not None:
            # Rich pads cells with blanks. At the end of a line they clutter logs, and wrap when a window shrinks.
            trimmed = _TRAILING_BLANKS.sub(r"\1\n", text)
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
    """Return the encoding of `stream`, or ASCII if it has none or an unknown one."""
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or "ascii").name
    except LookupError:
        return "ascii"


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether `stream` is an open terminal."""
    if stream is None:
        return False
    try:
        return stream.isatty()
    except ValueError:
        return False


@dataclass(frozen=True)
class Screen:
    """Where tables and progress are shown."""

    console: Console
    marks: Marks
    animated: bool
    """Whether it can rewrite lines, i.e. is a terminal that can move its cursor."""

    @property
    def width(self) -> int:
        return self.console.width

    @property
    def narrow(self) -> bool:
        return self.console.width < NARROW_WIDTH

    def text(self, raw: str, style: str = "") -> Text:
        """Return text from outside, made safe for this terminal."""
        return safe_text(raw, style, encoding=self.console.encoding)

    def join(self, *parts: str | tuple[str, str], separator: str = "") -> Text:
        """Return parts (text, or text and style) as one line. Text from outside is made safe."""
        pieces = [self.text(part) if isinstance(part, str) else self.text(*part) for part in parts]
        joined = self.text(separator).join(pieces)
        joined.overflow = "fold"
        return joined

    def print(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """Print one paragraph, with all of its lines indented."""
        line = self.join(*parts)
        self.console.print(Padding(line, (0, 0, 0, indent), expand=False) if indent else line)

    def print_item(self, mark: str, *parts: str | tuple[str, str], style: str = "", indent: int = 0) -> None:
        """Print a paragraph with a hanging mark."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row(" " * indent + mark, self.join(*parts), style=style)
        self.console.print(grid)

    def warn(self, sentence: str) -> None:
        self.print_item(self.marks.warning, sentence, style="yellow")

    def truncate(self, raw: str, width: int, style: str = "") -> Text:
        """Return one line of at most `width` columns, with an ellipsis if it was cut."""
        text = self.text(raw, style)
        text.truncate(width, overflow="ellipsis" if self.marks is UNICODE_MARKS else "crop")
        text.no_wrap = True
        return text


def open_screen(stream: TextIO | None = None) -> Screen:
    """Return the screen on `stream`, by default standard error. Respects `NO_COLOR`, `TERM=dumb` and `COLUMNS`."""
    target = SafeStream(sys.stderr if stream is None else stream)
    terminal = target.isatty()
    # Without TERM nothing is known about the terminal, not even that it can move its cursor.
    unknown = terminal and not os.environ.get("TERM") and os.name != "nt"
    environment = {**os.environ, "TERM": "dumb"} if unknown else os.environ
    console = Console(
        _environ=environment,
        file=cast(IO[str], target), highlight=False, markup=False, emoji=False,
        width=None if terminal or "COLUMNS" in os.environ else LOG_WIDTH,
    )
    marks = UNICODE_MARKS if _can_show(UNICODE_MARKS, target.encoding) else ASCII_MARKS
    return Screen(console, marks, animated=terminal and not console.is_dumb_terminal)


def _can_show(marks: Marks, encoding: str) -> bool:
    try:
        "".join(vars(marks).values()).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True

"""Screens of a given width and encoding whose output can be read back."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from rich.cells import cell_len

from pressrun.cli.screen import Screen, open_screen


@dataclass
class CapturedScreen:
    screen: Screen
    written: io.BytesIO
    encoding: str

    @property
    def text(self) -> str:
        return self.written.getvalue().decode(self.encoding)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def widest(self) -> int:
        return max(map(cell_len, self.lines), default=0)


@pytest.fixture
def capture_screen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CapturedScreen]:
    """Return `capture_screen(width, encoding, terminal)`: what is printed on its `.screen` is in its `.text`."""

    def make(width: int = 100, encoding: str = "utf-8", terminal: bool = False) -> CapturedScreen:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm-256color")
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
            monkeypatch.delenv(name, raising=False)
        written = io.BytesIO()
        stream = io.TextIOWrapper(written, encoding=encoding, write_through=True)
        if terminal:
            monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
        return CapturedScreen(open_screen(stream), written, encoding)

    return make

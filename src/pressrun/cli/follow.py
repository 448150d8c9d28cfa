"""`pressrun logs --follow`: the logs of a book as they grow, until nothing more can come."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pressrun.cli.results import write_stream

LOOKS_EVERY = 0.2
"""Seconds."""


def _letters() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("replace")


@dataclass
class _Tail:
    """What of a log has not been shown yet."""

    path: Path
    offset: int = 0
    _decoder: codecs.IncrementalDecoder = field(default_factory=_letters)
    _line: str = ""

    def news(self, harmless: Callable[[str], str] | None, *, last: bool) -> str:
        """What has come since the last call. What goes through `harmless` comes in whole lines, as half a sequence of
        letters tells nothing; with the `last` call comes the rest of a line."""
        if self.path.stat().st_size < self.offset:
            self.offset = 0  # the log began anew
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read()
        self.offset += len(data)
        text = self._decoder.decode(data, last)
        if harmless is None:
            return text
        whole, end, self._line = (self._line + text).rpartition("\n")
        if last:
            return harmless(whole + end + self._line)
        return harmless(whole) + end if end else ""


def follow(
    logs: Callable[[], Iterable[Path]],
    first: Path | None,
    goes_on: Callable[[], bool],
    says: Callable[[Path], None],
    harmless: Callable[[str], str] | None = None,
) -> None:
    """Writes what `first` holds, and then what is added to any of `logs()`, until `goes_on()` is false.

    `says` is told the log whose text follows, whenever it is another one. It ends too when nobody reads it any more.
    """
    tails = {path: _Tail(path, 0 if path == first else path.stat().st_size) for path in logs()}
    shown: Path | None = None
    last = False
    while not last:
        last = not goes_on()  # asked before the logs are read: what was said until then is in them
        for path in sorted(logs(), key=lambda path: path.stat().st_mtime):
            text = tails.setdefault(path, _Tail(path)).news(harmless, last=last)
            if text and path != shown:
                says(path)
                shown = path
            if text and not write_stream(text):
                return
        if not last:
            time.sleep(LOOKS_EVERY)

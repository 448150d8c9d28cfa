"""What it brings to ask for several parts of a text at once: gTTS before a server that takes its time.

The real library asks Google Translate's voice on this machine, through a proxy that ends TLS, as a first try does:
nothing is kept yet. Both ways alternate within one run; the figure is the ratio of their medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import Figure, parse_arguments, report_figures
from pressrun.services.protocols import Context
from pressrun.services.voices import gtts

PARTS = 20
ANSWER = 0.3
"""Seconds the server takes for a part."""
AT_ONCE = 4
TEXT = [f"This is the sentence that has the number {number} in a text about a hut." for number in range(1, PARTS + 1)]


@contextmanager
def server() -> Iterator[None]:
    """The voice as a process of its own, so that its work is not ours."""
    command = (sys.executable, "-m", "tests.loopback.speech", str(ANSWER))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        os.environ.update(json.loads(process.stdout.readline()))
        yield
        process.communicate()


def spoken(workers: int) -> float:
    """Seconds until all parts are spoken and kept."""
    with tempfile.TemporaryDirectory() as folder:
        context = Context(Path(folder), {}, Path(folder) / "parts", workers)
        clock = time.perf_counter()
        gtts.prepare([" ".join(TEXT)], "en", 165, lambda *_: None, context)
        seconds = time.perf_counter() - clock
        kept = len(list((Path(folder) / "parts").iterdir()))
        if kept != PARTS:
            raise SystemExit(f"{kept} parts were spoken instead of {PARTS}")
    return seconds


def main() -> int:
    options = parse_arguments(__doc__ or "")
    alone, together = [], []
    with server():
        spoken(AT_ONCE)  # the library is imported, the server knows its sounds
        for _ in range(1 if options.short else 5):
            alone.append(spoken(1))
            together.append(spoken(AT_ONCE))
    one, several = statistics.median(alone), statistics.median(together)
    figures = [
        Figure(f"{PARTS} parts, {AT_ONCE} at once against one by one", one / several, "x", required=3.3, at_most=False),
        Figure("one by one", one, "s"),
        Figure(f"{AT_ONCE} at once", several, "s"),
    ]
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())

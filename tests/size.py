"""Size of the tests: a short form by default, the long form with `PRESSRUN_TESTS=full` (see CONTRIBUTING.md)."""

from __future__ import annotations

import os

VARIABLE = "PRESSRUN_TESTS"
FULL = {"": False, "short": False, "full": True}[os.environ.get(VARIABLE, "")]


def examples(full: int) -> int:
    """Return the number of examples for Hypothesis: `full`, or a quarter of it in the short form."""
    return full if FULL else max(full // 4, 15)


def time_limit(seconds: float) -> float:
    """Return the limit for something that takes at most `seconds` on a machine with a free processor.

    Several tests run at once, so on a busy machine it is longer by the processes that share a processor.
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))

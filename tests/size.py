"""Size of the tests: a short form by default, the long form with `PRESSRUN_TESTS=full` (see CONTRIBUTING.md)."""

from __future__ import annotations

import os

VARIABLE = "PRESSRUN_TESTS"
FULL = {"": False, "short": False, "full": True}[os.environ.get(VARIABLE, "")]


def examples(full: int) -> int:
    """Return the number of examples for Hypothesis: `full`, or a quarter of it in the short form."""
    return full if FULL else max(full // 4, 15)

"""How much the tests try: a short form for `make test`, and all of it with `PRESSRUN_TESTS=full`."""

from __future__ import annotations

import os

VARIABLE = "PRESSRUN_TESTS"
FULL = {"": False, "short": False, "full": True}[os.environ.get(VARIABLE, "")]


def examples(full: int) -> int:
    """Return how many examples Hypothesis tries: `full`, or a quarter of it in the short form."""
    return full if FULL else max(full // 4, 15)

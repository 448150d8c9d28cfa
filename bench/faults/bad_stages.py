"""Promise 8: no stage, however badly it behaves, makes the batch swell, hang, or end without a reason."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

from bench.faults.bad_stage import TIMEOUT
from bench.faults.trial import new_trial, repeat
from bench.report import Figure

GRACE = 1.0
"""Seconds between TERM and KILL; the setting's default."""
START = 6.0
"""Seconds that the start of the command, the plan and the summary may take on a busy machine."""
REASONS = {
    "hang": r"Timeout \(>5 seconds in work\)",
    "ignore": r"Timeout \(>5 seconds in work\)",
    "stop": r"Timeout \(>5 seconds in work\)",
    "swell": r"Out of memory",
    "murdered": r"ended by signal 9.*memory",
    "ask": "",
}
"""What must be said; the empty string for a stage that ends well: nobody answers, so its input is at its end."""


@dataclass(frozen=True)
class Seen:
    seconds: float
    peak_mib: float
    """The most that the command, or any process below it, had in memory."""
    exit: int
    output: str


def figures(flood: int) -> list[Figure]:
    """`flood` is in bytes."""
    titles = ["behave", f"flood {flood}", f"babble {flood // 10}"]
    normal, flooded, babbled = (_run(title) for title in titles)
    bad = dict(zip(REASONS, repeat(len(REASONS), lambda number, _: _run(list(REASONS)[number]), seed=8), strict=True))
    unnamed = [how for how, seen in bad.items() if not _is_named(how, seen)]
    for how in unnamed:
        print(f"{how}: exit code {bad[how].exit}\n{bad[how].output}", file=sys.stderr)
    limited = [bad[how].seconds for how in ("hang", "ignore", "stop")]
    return [
        Figure(f"8 memory for {flood / 1e6:g} MB of output", flooded.peak_mib - normal.peak_mib, "MiB", required=20),
        Figure(f"8 memory for {flood / 1e7:g} MB of events", babbled.peak_mib - normal.peak_mib, "MiB", required=20),
        Figure("8 floods that failed", sum(each.exit != 0 for each in (normal, flooded, babbled)), "", required=0),
        Figure("8 longest of those ended by timeout and grace", max(limited), "s", required=TIMEOUT + GRACE + START),
        Figure("8 bad stages without a reason", len(unnamed), "", required=0),
    ]


def _is_named(how: str, seen: Seen) -> bool:
    if not REASONS[how]:
        return seen.exit == 0
    # A table may have broken the line anywhere.
    found = re.search(REASONS[how].replace(" ", r"\s+"), seen.output, re.DOTALL)
    return seen.exit == 1 and found is not None


def _run(title: str) -> Seen:
    with new_trial(PRESSRUN_PIPELINE="bench.faults.bad_stage:BAD", COLUMNS="200") as trial:
        trial.list_books(title)
        output = trial.folder / "output"
        with output.open("wb") as file:
            clock = time.monotonic()
            process = subprocess.Popen(
                trial.argv(), env=trial.variables(), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True,
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - clock
        kib = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
        return Seen(seconds, kib / 1024, process.returncode, output.read_text(encoding="utf-8", errors="replace"))

"""`python -m bench.faults [--short] [--only N,N] [--json FILE]`: the promises, what was measured, and the machine."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.faults import (
    bad_stages,
    broken_database,
    eight_batches,
    full_disk,
    fuzz,
    hand_edits,
    hostile_input,
    killed_stages,
    killed_writers,
    left_behind,
    power_cuts,
)
from bench.faults.sizes import LONG, SHORT, Sizes
from bench.report import Figure, report_figures

Proof = Callable[[Sizes], list[Figure]]
PROOFS: dict[int, Proof] = {
    1: lambda size: killed_writers.figures(size.writer_kills),
    2: lambda size: power_cuts.figures(size.power_cuts, size.simulated_updates),
    3: lambda size: left_behind.figures(size.ends),
    4: lambda size: left_behind.supervisor_figures(size.supervisor_kills),
    5: lambda size: killed_stages.figures_of(killed_stages.PLACES[size.stage_kills]()),
    6: lambda size: eight_batches.figures(size.shared_books),
    7: lambda size: full_disk.figures(size.full_disks),
    8: lambda size: bad_stages.figures(size.flood),
    9: lambda size: broken_database.figures(size.broken_databases),
    10: lambda size: hand_edits.figures(size.edited_batches),
    11: lambda size: [
        *hostile_input.title_figures(size.titles), *hostile_input.file_figures(size.files), *fuzz.figures(size.fuzz)
    ],
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description="Proves the promises by force.")
    parser.add_argument("--short", action="store_true", help="fewer trials, for a quick look")
    parser.add_argument("--only", metavar="N,N", help="only the promises with these numbers")
    parser.add_argument("--fuzz", type=float, metavar="S", help="seconds for the parsers: 20 when short, else 600")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    _hand_down_no_ignored_signals()
    size = SHORT if given.short else LONG
    if given.fuzz is not None:
        size = replace(size, fuzz=given.fuzz)
    wanted = [int(number) for number in given.only.split(",")] if given.only else list(PROOFS)
    figures: list[Figure] = []
    for number in wanted:
        clock = time.monotonic()
        try:
            figures += PROOFS[number](size)
        except RuntimeError as reason:
            print(f"Promise {number}, skipped: {reason}.", file=sys.stderr)
        figures.append(Figure(f"{number} duration", round(time.monotonic() - clock, 1), "s"))
    return report_figures(figures, given.json)


def _hand_down_no_ignored_signals() -> None:
    """Batches ignore what was ignored when they began. Under `nohup`, or behind an `&` of a script, they would all be
    deaf to what ends them here; in place of that this process alone is."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


if __name__ == "__main__":
    sys.exit(main())

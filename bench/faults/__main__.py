"""`python -m bench.faults [--short] [--only N,N] [--json FILE]`: the promises, what was measured, and the machine."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
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
from bench.report import Figure, conclude

Proof = Callable[[], list[Figure]]
SHORT: dict[int, Proof] = {
    1: partial(killed_writers.figures, 200),
    2: partial(power_cuts.figures, 20),
    3: partial(left_behind.figures, 10),
    4: partial(left_behind.supervisor_figures, 5),
    5: killed_stages.short_figures,
    6: partial(eight_batches.figures, 20),
    7: partial(full_disk.figures, 7),
    8: partial(bad_stages.figures, 1_000_000_000),
    9: partial(broken_database.figures, 13),
    10: partial(hand_edits.figures, 3),
    11: partial(hostile_input.figures, 12),
}
LONG: dict[int, Proof] = SHORT | {
    1: partial(killed_writers.figures, 500),
    2: partial(power_cuts.figures, 60),
    3: partial(left_behind.figures, 50),
    4: partial(left_behind.supervisor_figures, 25),
    5: partial(killed_stages.figures, 7),
    7: partial(full_disk.figures, 20),
    10: partial(hand_edits.figures, 20),
    11: partial(hostile_input.figures, len(hostile_input.HOSTILE)),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description="Proves the promises by force.")
    parser.add_argument("--short", action="store_true", help="the sizes of the test suite")
    parser.add_argument("--only", metavar="N,N", help="only the promises with these numbers")
    parser.add_argument("--fuzz", type=float, metavar="S", help="seconds for the parsers: 20 when short, else 600")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    _hand_down_no_ignored_signals()
    proofs = SHORT if given.short else LONG
    seconds = given.fuzz if given.fuzz is not None else 20.0 if given.short else 600.0
    wanted = [int(number) for number in given.only.split(",")] if given.only else list(proofs)
    figures: list[Figure] = []
    for number in wanted:
        clock = time.monotonic()
        try:
            figures += proofs[number]()
            figures += fuzz.figures(seconds) if number == 11 and seconds else []
        except RuntimeError as reason:
            print(f"Promise {number}, skipped: {reason}.", file=sys.stderr)
        figures.append(Figure(f"{number} duration", round(time.monotonic() - clock, 1), "s"))
    return conclude(figures, given.json)


def _hand_down_no_ignored_signals() -> None:
    """Batches ignore what was ignored when they began. Under `nohup`, or behind an `&` of a script, they would all be
    deaf to what ends them here; in place of that this process alone is."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


if __name__ == "__main__":
    sys.exit(main())

"""How often the fault benches try what they try: for `make test`, for `--short`, and for the long form."""

from __future__ import annotations

from dataclasses import dataclass

from bench.faults.broken_database import FORMS
from bench.faults.full_disk import PLACES
from bench.faults.hostile_input import HOSTILE


@dataclass(frozen=True)
class Sizes:
    writer_kills: int
    power_cuts: int
    ends: int
    """Batches that are ended, for each way of ending one."""
    supervisor_kills: int
    stage_kills: str
    """Which places of a book are killed at: "few", "some" or "all"."""
    shared_books: int
    """Books that eight batches make together."""
    full_disks: int
    """Places at which the disk is full."""
    flood: int
    """Bytes that a stage prints."""
    broken_databases: int
    edited_batches: int
    titles: int
    files: int
    """Hostile files, besides those that could touch something outside the workspace."""
    fuzz: float
    """Seconds."""
    simulated_updates: int = 4


TEST = Sizes(
    writer_kills=40, power_cuts=5, ends=4, supervisor_kills=2, stage_kills="few", shared_books=6, full_disks=4,
    flood=100_000_000, broken_databases=7, edited_batches=2, titles=8, files=5, fuzz=5.0,
)
SHORT = Sizes(
    writer_kills=200, power_cuts=20, ends=10, supervisor_kills=5, stage_kills="some", shared_books=20, full_disks=7,
    flood=1_000_000_000, broken_databases=len(FORMS), edited_batches=3, titles=12, files=17,
    fuzz=20.0,
)
LONG = Sizes(
    writer_kills=500, power_cuts=60, ends=50, supervisor_kills=25, stage_kills="all", shared_books=20,
    full_disks=len(PLACES), flood=1_000_000_000, broken_databases=len(FORMS), edited_batches=20,
    titles=len(HOSTILE), files=17, fuzz=600.0, simulated_updates=6,
)

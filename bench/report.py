"""One table for every bench: what must be, what was measured, and the machine it was measured on."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A measured figure; a `must` of None is for information, and `at_most` says which side is good."""

    what: str
    measured: float
    unit: str
    must: float | None = None
    aim: float | None = None
    at_most: bool = True

    @property
    def met(self) -> bool:
        if self.must is None:
            return True
        return self.measured <= self.must if self.at_most else self.measured >= self.must


def arguments(description: str, only: tuple[str, ...] = ()) -> argparse.Namespace:
    """The options of every bench, and `--only` where it has parts with names."""
    parser = argparse.ArgumentParser(description=description)
    if only:
        parser.add_argument("--only", choices=only, help="this part alone")
    parser.add_argument("--short", action="store_true", help="fewer repetitions, for a quick look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


def machine() -> dict[str, str | int]:
    """What the figures depend on, without the name of the machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return {
        "processor": model,
        "cores": os.cpu_count() or 1,
        "system": platform.system(),
        "python": platform.python_version(),
    }


def conclude(figures: list[Figure], json_file: Path | None) -> int:
    """Prints the table, writes the JSON, and gives the exit code: 1 where a must is missed."""
    width = max(len(figure.what) for figure in figures)
    print(f"{'':{width}}  {'must':>12}  {'aim':>12}  {'measured':>14}")
    for figure in figures:
        sign = "≤" if figure.at_most else "≥"
        must = f"{sign} {figure.must:g}" if figure.must is not None else ""
        aim = f"{sign} {figure.aim:g}" if figure.aim is not None else ""
        verdict = "" if figure.met else "  missed"
        print(f"{figure.what:{width}}  {must:>12}  {aim:>12}  {figure.measured:>9.3g} {figure.unit:<4}{verdict}")
    host = machine()
    print(", ".join(f"{name} {value}" for name, value in host.items()))
    if json_file:
        rows = [asdict(figure) | {"met": figure.met} for figure in figures]
        json_file.write_text(json.dumps({"machine": host, "figures": rows}, indent=2) + "\n", encoding="utf-8")
    return 0 if all(figure.met for figure in figures) else 1

"""One table for every bench: what is required, what was measured, and the machine it was measured on."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A measured figure. Without `required` it is for information; `at_most` says which side of it is good."""

    name: str
    measured: float
    unit: str
    required: float | None = None
    target: float | None = None
    at_most: bool = True

    @property
    def met(self) -> bool:
        if self.required is None:
            return True
        return self.measured <= self.required if self.at_most else self.measured >= self.required


def parse_arguments(description: str, only: tuple[str, ...] = ()) -> argparse.Namespace:
    """Parse the options of every bench, and `--only` if it has named parts."""
    parser = argparse.ArgumentParser(description=description)
    if only:
        parser.add_argument("--only", choices=only, help="run only this part")
    parser.add_argument("--short", action="store_true", help="fewer repetitions, for a quick look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


def machine() -> dict[str, str | int]:
    """Return what the figures depend on, without the name of the machine."""
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


def report_figures(figures: list[Figure], json_file: Path | None) -> int:
    """Print the table, write the JSON, and return the exit code: 1 if a figure misses what is required."""
    width = max(len(figure.name) for figure in figures)
    print(f"{'':{width}}  {'required':>12}  {'target':>12}  {'measured':>14}")
    for figure in figures:
        sign = "≤" if figure.at_most else "≥"
        required = f"{sign} {figure.required:g}" if figure.required is not None else ""
        target = f"{sign} {figure.target:g}" if figure.target is not None else ""
        verdict = "" if figure.met else "  missed"
        print(f"{figure.name:{width}}  {required:>12}  {target:>12}  {figure.measured:>9.3g} {figure.unit:<4}{verdict}")
    host = machine()
    print(", ".join(f"{name} {value}" for name, value in host.items()))
    if json_file:
        rows = [asdict(figure) | {"met": figure.met} for figure in figures]
        json_file.write_text(json.dumps({"machine": host, "figures": rows}, indent=2) + "\n", encoding="utf-8")
    return 0 if all(figure.met for figure in figures) else 1

"""What bulk jobs cost and what they bear: downloads and everything around the queue, on a PostgreSQL of its own."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module

import bench.bulk
from bench.queueing import world
from bench.report import Figure, parse_arguments, report_figures


def main() -> int:
    names = [each.name for each in pkgutil.iter_modules(bench.bulk.__path__) if not each.name.startswith("_")]
    parts = {name: part.measure for name in names if hasattr(part := import_module(f"bench.bulk.{name}"), "measure")}
    options = parse_arguments(__doc__ or "", only=tuple(parts))
    figures: list[Figure] = []
    with world.server() as url:
        for name, measure in parts.items():
            if options.only in (None, name):
                figures += measure(url, short=options.short)
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())

"""What the queue costs and what it bears, on a PostgreSQL of its own."""

from __future__ import annotations

import sys
from typing import Protocol

from bench.queueing import world
from bench.queueing.chaos import chaos
from bench.queueing.claim import claim
from bench.queueing.create import create
from bench.queueing.listing import listing
from bench.queueing.overhead import overhead
from bench.queueing.readme import readme
from bench.queueing.schema import schema
from bench.queueing.takeover import takeover
from bench.queueing.two_machines import two_machines
from bench.report import Figure, parse_arguments, report_figures


class Part(Protocol):
    def __call__(self, url: str, *, short: bool) -> list[Figure]: ...


PARTS: dict[str, Part] = {
    "overhead": overhead,
    "create": create,
    "claim": claim,
    "takeover": takeover,
    "list": listing,
    "chaos": chaos,
    "machines": two_machines,
    "readme": readme,
    "schema": schema,
}


def main() -> int:
    options = parse_arguments(__doc__ or "", only=tuple(PARTS))
    figures: list[Figure] = []
    with world.server() as url:
        for name, part in PARTS.items():
            if options.only in (None, name):
                figures += part(url, short=options.short)
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())

"""Scripts of one batch that say nearly the same: a site that finds such videos may take all of them for spam."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

from pressrun.errors import PressrunError
from pressrun.model.result import BatchResult
from pressrun.model.script import Script
from pressrun.services.writers.originality import runs, tokens
from pressrun.store import json_files

SCRIPT = "script.json"
LARGEST_SHARE = 0.5
"""Share of the runs of eight words of the shorter script above which two scripts count as near copies."""
MOST_BOOKS = 50
"""Books of one run of which every two are compared; of more, each with the next, as all pairs would be too many."""
MOST_TOLD = 20
"""Pairs that are named; of more, their number."""


def with_near_copies(result: BatchResult, workspace: Path) -> BatchResult:
    """`result` with a warning for every two books made in it whose scripts are near copies of each other."""
    made = [each for each in result.books if each.outcome != "skipped" and each.run_folder]
    found = [_script(workspace / str(each.run_folder) / SCRIPT) for each in made]
    pairs = near_copies(found)
    warnings = [
        f"{made[one].book} and {made[other].book} have nearly the same script: {share:.0%} of the runs of eight words"
        for one, other, share in pairs[:MOST_TOLD]
    ]
    if len(pairs) > MOST_TOLD:
        warnings.append(f"{len(pairs) - MOST_TOLD:,} more pairs of books have nearly the same script")
    return replace(result, warnings=(*result.warnings, *warnings))


def near_copies(scripts: Sequence[Script | None]) -> list[tuple[int, int, float]]:
    """(index, index, share) of the scripts that share more than `LARGEST_SHARE`; None shares nothing."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for at, script in enumerate(scripts):
        if script is None:
            continue
        spoken = (script.hook, *(scene.narration for scene in script.scenes), script.close)
        distinct = {run for text in spoken for run in runs(tokens(text, script.language), script.language)}
        sizes[at] = len(distinct)
        for run in distinct:
            places[run].append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for books in places.values():
        shared.update(combinations(books, 2) if len(books) <= MOST_BOOKS else pairwise(books))
    shares = ((one, other, count / min(sizes[one], sizes[other])) for (one, other), count in shared.items())
    return sorted(each for each in shares if each[2] > LARGEST_SHARE)


def _script(path: Path) -> Script | None:
    """A book may have failed before it had one, and what cannot be read was told by its stage."""
    try:
        return json_files.load(path, Script) if path.is_file() else None
    except (PressrunError, OSError):
        return None

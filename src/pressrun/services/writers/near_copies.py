"""Find near-duplicate scripts in one batch: a site may treat videos of such scripts as spam."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

from pressrun.errors import PressrunError
from pressrun.model.result import BatchResult
from pressrun.model.script import Script
from pressrun.services.writers.originality import tokens, word_runs
from pressrun.store import json_files

SCRIPT = "script.json"
MAX_SHARE = 0.5
"""Share of the eight-word runs of the shorter script above which two scripts count as near copies."""
MAX_BOOKS_COMPARED = 50
"""Up to this many books, every pair is compared; above it, only neighbours, because all pairs would be too many."""
MAX_PAIRS_NAMED = 20
"""Maximum pairs that are named; above it, only their number."""


def warn_of_near_copies(result: BatchResult, workspace: Path) -> BatchResult:
    """Return `result` with a warning for every two of its books whose scripts are near copies."""
    made = [each for each in result.books if each.outcome != "skipped" and each.run_folder]
    found = [_script(workspace / str(each.run_folder) / SCRIPT) for each in made]
    pairs = find_near_copies(found)
    warnings = [
        f"{made[one].book} and {made[other].book} have nearly the same script: {share:.0%} of the eight-word runs match"
        for one, other, share in pairs[:MAX_PAIRS_NAMED]
    ]
    if len(pairs) > MAX_PAIRS_NAMED:
        warnings.append(f"{len(pairs) - MAX_PAIRS_NAMED:,} more pairs of books have nearly the same script")
    return replace(result, warnings=(*result.warnings, *warnings))


def find_near_copies(scripts: Sequence[Script | None]) -> list[tuple[int, int, float]]:
    """Return (index, index, share) of the scripts that share more than `MAX_SHARE`; None shares nothing."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for at, script in enumerate(scripts):
        if script is None:
            continue
        spoken = (script.hook, *(scene.narration for scene in script.scenes), script.close)
        distinct = {run for text in spoken for run in word_runs(tokens(text, script.language), script.language)}
        sizes[at] = len(distinct)
        for run in distinct:
            places[run].append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for books in places.values():
        shared.update(combinations(books, 2) if len(books) <= MAX_BOOKS_COMPARED else pairwise(books))
    shares = ((one, other, count / min(sizes[one], sizes[other])) for (one, other), count in shared.items())
    return sorted(each for each in shares if each[2] > MAX_SHARE)


def _script(path: Path) -> Script | None:
    """Return None if the book failed before it had a script; its stage has reported an unreadable one."""
    try:
        return json_files.load(path, Script) if path.is_file() else None
    except (PressrunError, OSError):
        return None

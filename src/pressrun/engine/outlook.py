"""The estimate of a whole plan: when it will end, and whether the disk has room for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pressrun.engine.admission import processors
from pressrun.engine.estimates import Expected, Past, expect, load
from pressrun.model.plan import Estimate, PlanRow
from pressrun.settings import RunSettings
from pressrun.store import run_folder

if TYPE_CHECKING:
    from pressrun.engine.plan import Planner


def estimated(planner: Planner, rows: Sequence[PlanRow]) -> tuple[list[PlanRow], Estimate | None]:
    """The rows with what each will take, and the whole; None where no past run says anything, or nothing runs."""
    to_run = [row for row in rows if row.stages]
    past = load(planner.workspace, planner.pipeline) if to_run else Past()
    if not past.samples:
        return list(rows), None
    expected = _of_each(planner, to_run, past)
    known = [each for each in expected.values() if each.seconds]
    if not known:
        return list(rows), None
    rows = [
        replace(row, seconds=round(each.seconds, 1)) if (each := expected.get(row.number)) and each.seconds else row
        for row in rows
    ]
    estimate = Estimate(
        round(together(known, planner.settings.run), 1),
        sum(each.disk for each in known),
        shutil.disk_usage(planner.workspace.root).free,
        sum(row.uploads for row in to_run),
        tuple(name for name in planner.pipeline.names if any(name in each.unknown for each in expected.values())),
    )
    return rows, estimate


def together(books: Sequence[Expected], run: RunSettings) -> float:
    """Seconds from the first book to the last, with as many at once as the settings allow.

    Never less than the longest book, nor than what the stages that compute take on the processors there are.
    """
    whole = sum(each.seconds for each in books) + run.delay * (len(books) - 1)
    if run.workers == 1:
        return whole
    at_once = min(run.workers, len(books))
    computing = sum(each.computing for each in books) / processors()
    return max(whole / at_once, computing, max(each.seconds for each in books))


def _of_each(planner: Planner, rows: Sequence[PlanRow], past: Past) -> dict[int, Expected]:
    """Row number -> what it takes. Books that begin anew all take the same, for all that is known of them."""
    begun: dict[tuple[str, ...], Expected] = {}
    expected: dict[int, Expected] = {}
    for row in rows:
        if row.action == "resume" and row.run_folder:
            folder = run_folder.read(planner.workspace.root / row.run_folder, planner.pipeline.names)
            with os.scandir(folder.path) as found:
                there = {each.name: each.stat().st_size for each in found if each.is_file()}
            expected[row.number] = expect(past, planner.pipeline, row.stages, planner.wanted(folder), there)
            continue
        if row.stages not in begun:
            begun[row.stages] = expect(past, planner.pipeline, row.stages, planner.wanted(None), {})
        expected[row.number] = begun[row.stages]
    return expected

"""Estimate how long a plan will take and how much disk space it needs, from what past runs took.

A stage takes the median of the samples with about the same input size, of those with the same settings if there are
any. Its products, estimated the same way, are the input of the next stage.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from pressrun.engine.admission import available_processors
from pressrun.engine.freshness import EffectiveConfig
from pressrun.engine.history import History, config_hash, load_history
from pressrun.engine.planner import Planner
from pressrun.model.plan import Estimate, PlanRow
from pressrun.model.stage import Pipeline
from pressrun.settings import RunSettings, is_setting_used
from pressrun.store import run_folder


@dataclass(frozen=True)
class BookEstimate:
    """Estimated time and disk space of one book."""

    seconds: float = 0.0
    computing: float = 0.0
    """Processor seconds of the stages that compute: their seconds times the processors they keep busy."""
    disk: int = 0
    """Bytes."""
    unknown: tuple[str, ...] = ()
    """Stages without a past run."""


def estimate_plan(planner: Planner, rows: Sequence[PlanRow]) -> tuple[list[PlanRow], Estimate | None]:
    """Return the rows with their estimated seconds, and the estimate of the whole plan.

    The estimate is None if nothing runs or no past run is known.
    """
    spec = planner.spec
    to_run = [row for row in rows if row.stages]
    history = load_history(spec.workspace, spec.pipeline) if to_run else History()
    if not history.samples:
        return list(rows), None
    books = _estimate_rows(planner, to_run, history)
    known = [each for each in books.values() if each.seconds]
    if not known:
        return list(rows), None
    rows = [
        replace(row, seconds=round(each.seconds, 1)) if (each := books.get(row.number)) and each.seconds else row
        for row in rows
    ]
    estimate = Estimate(
        round(batch_seconds(known, spec.settings.run), 1),
        sum(each.disk for each in known),
        shutil.disk_usage(spec.workspace.root).free,
        sum(row.uploads for row in to_run),
        tuple(name for name in spec.pipeline.names if any(name in each.unknown for each in books.values())),
    )
    return rows, estimate


def batch_seconds(books: Sequence[BookEstimate], run: RunSettings) -> float:
    """Return the seconds from the first book to the last, with as many at once as the settings allow.

    It is never less than the longest book, or than the computing stages take on all available processors.
    """
    whole = sum(each.seconds for each in books) + run.delay * (len(books) - 1)
    if run.workers == 1:
        return whole
    at_once = min(run.workers, len(books))
    computing = sum(each.computing for each in books) / available_processors()
    return max(whole / at_once, computing, max(each.seconds for each in books))


def estimate_book(
    history: History, pipeline: Pipeline, stages: Sequence[str], config: EffectiveConfig, existing: Mapping[str, int]
) -> BookEstimate:
    """Estimate what `stages` of one book take; `existing` has the files of its run folder with their bytes."""
    sizes = dict(existing)
    seconds, computing, disk = 0.0, 0.0, 0
    unknown = []
    for stage in pipeline.with_settings(config.settings).stages:
        if stage.name not in stages:
            continue
        settings = {name: config.settings[name] for name in stage.settings if is_setting_used(name, config.services)}
        services = {kind: config.services[kind] for kind in stage.services}
        read = sum(sizes[name] for name in stage.needs) if all(name in sizes for name in stage.needs) else None
        nearest = history.nearest(stage, config_hash(stage.version, settings, services), read)
        if not nearest:
            unknown.append(stage.name)
            continue
        took = median(each.seconds for each in nearest)
        seconds += took
        computing += took * stage.processors(config.services)
        for name in stage.makes:
            if found := [each.made[name] for each in nearest if name in each.made]:
                sizes[name] = round(median(found))
                disk += sizes[name]
        disk += round(median(each.published for each in nearest))
    return BookEstimate(seconds, computing, disk, tuple(unknown))


def _estimate_rows(planner: Planner, rows: Sequence[PlanRow], history: History) -> dict[int, BookEstimate]:
    """Row number -> estimate. Books that start fresh with the same stages share one: nothing is known about them."""
    pipeline = planner.spec.pipeline
    fresh: dict[tuple[str, ...], BookEstimate] = {}
    estimates: dict[int, BookEstimate] = {}
    for row in rows:
        if row.action == "resume" and row.run_folder:
            folder = run_folder.read(planner.spec.workspace.root / row.run_folder, pipeline.names)
            with os.scandir(folder.path) as found:
                existing = {each.name: each.stat().st_size for each in found if each.is_file()}
            estimates[row.number] = estimate_book(history, pipeline, row.stages, planner.config(folder), existing)
            continue
        if row.stages not in fresh:
            fresh[row.stages] = estimate_book(history, pipeline, row.stages, planner.config(None), {})
        estimates[row.number] = fresh[row.stages]
    return estimates

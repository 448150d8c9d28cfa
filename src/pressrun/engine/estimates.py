"""What a batch will take, judged by what past runs took: time, and room on the disk.

Each stage that succeeded is a sample: how much it read, how long it took, what it made. What a stage will take is the
median of the samples that read about as much, of those with the same settings where there are any; what it will make is
what the next stage is judged by. The samples of a workspace stand in `runs/.estimates.json`, the newest of each stage.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

from pressrun.engine.freshness import Wanted
from pressrun.errors import BrokenFileError, PressrunError
from pressrun.model.plan import Plan
from pressrun.model.result import BatchResult
from pressrun.model.stage import Pipeline, Stage
from pressrun.settings import is_setting_used
from pressrun.store import json_files
from pressrun.store.run_folder import STAGES, StageRecord
from pressrun.store.workspace import Workspace

NAME = ".estimates.json"
KEPT = 60
"""Samples of a stage; the oldest go first."""
NEAREST = 9
"""Samples that a median is taken of, so that one slow night does not count."""
FOLDERS_LOOKED_INTO = 40
"""Run folders that are read where there is no file of samples yet, the newest: some 40 ms."""


@dataclass(frozen=True)
class Sample:
    """A stage that succeeded."""

    stage: str
    like: str
    """Names its version, settings and services; samples of the same are better."""
    read: int
    """Bytes of the files that it needs."""
    seconds: float
    made: dict[str, int]
    """File -> bytes."""
    published: int = 0
    """Bytes of a copy on this machine."""


@dataclass(frozen=True)
class Expected:
    """What a book will take: seconds, those of stages that compute, bytes on the disk, and stages nobody knows of."""

    seconds: float = 0.0
    computing: float = 0.0
    """Seconds, each counted with the processors that it takes."""
    disk: int = 0
    unknown: tuple[str, ...] = ()


@dataclass
class Past:
    """The samples of a workspace."""

    samples: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_stage: dict[str, list[Sample]] = {}
        for each in self.samples:
            self._by_stage.setdefault(each.stage, []).append(each)

    def nearest(self, stage: Stage, like: str, read: int | None) -> list[Sample]:
        """The samples to judge by; those of about the size `read`, where it is known."""
        known = self._by_stage.get(stage.name, [])
        known = [each for each in known if each.like == like] or known
        if read is not None:
            wanted = read
            known = sorted(known, key=lambda each: abs(math.log((each.read + 1) / (wanted + 1))))
        return known[:NEAREST]


def likeness(version: int, settings: Mapping[str, Any], services: Mapping[str, str]) -> str:
    text = json.dumps([version, settings, services], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def expect(
    past: Past, pipeline: Pipeline, stages: Sequence[str], wanted: Wanted, there: Mapping[str, int]
) -> Expected:
    """What `stages` of one book will take; `there` are the files of its run folder with their sizes."""
    sizes = dict(there)
    seconds, computing, disk = 0.0, 0.0, 0
    unknown = []
    for stage in pipeline.with_settings(wanted.settings).stages:
        if stage.name not in stages:
            continue
        settings = {name: wanted.settings[name] for name in stage.settings if is_setting_used(name, wanted.services)}
        services = {kind: wanted.services[kind] for kind in stage.services}
        read = sum(sizes[name] for name in stage.needs) if all(name in sizes for name in stage.needs) else None
        near = past.nearest(stage, likeness(stage.version, settings, services), read)
        if not near:
            unknown.append(stage.name)
            continue
        took = median(each.seconds for each in near)
        seconds += took
        computing += took * stage.processors(wanted.services)
        for name in stage.makes:
            if found := [each.made[name] for each in near if name in each.made]:
                sizes[name] = round(median(found))
                disk += sizes[name]
        disk += round(median(each.published for each in near))
    return Expected(seconds, computing, disk, tuple(unknown))


def load(workspace: Workspace, pipeline: Pipeline) -> Past:
    """The samples of the workspace. A file of them that cannot be read counts as none: it is a help, no more."""
    path = workspace.runs / NAME
    try:
        if path.exists():
            return Past(json_files.load(path, list[Sample]))
        names = sorted((each.name for each in workspace.runs.iterdir() if each.name[:1].isdigit()), reverse=True)
    except (BrokenFileError, OSError):
        return Past()
    folders = [workspace.runs / name for name in names[:FOLDERS_LOOKED_INTO]]
    return Past([sample for folder in reversed(folders) for sample in samples_of(folder, pipeline)])


def with_what_it_took(
    result: BatchResult, plan: Plan, workspace: Workspace, pipeline: Pipeline, began: datetime
) -> BatchResult:
    """`result` beside what the plan expected; what its stages took is remembered for the next plan."""
    folders = [each.run_folder for each in result.books if each.run_folder and each.seconds]
    disk = learn(workspace, pipeline, folders, began.astimezone(UTC).isoformat(timespec="seconds"))
    return replace(result, estimate=plan.estimate, disk=disk)


def learn(workspace: Workspace, pipeline: Pipeline, folders: Iterable[str], since: str) -> int:
    """Adds what the stages took that ran in `folders` since a moment (ISO 8601, UTC), and returns the bytes they made.

    A file that cannot be written costs nothing but better estimates.
    """
    new = [
        sample for folder in folders for sample in samples_of(workspace.root / folder, pipeline, since)
    ]
    if new:
        kept: dict[str, list[Sample]] = {}
        for each in [*load(workspace, pipeline).samples, *new]:
            kept.setdefault(each.stage, []).append(each)
        with suppress(OSError, PressrunError):
            # Of a first batch the folders have been read already.
            distinct = {stage: list({repr(each): each for each in samples}.values()) for stage, samples in kept.items()}
            json_files.save(
                workspace.runs / NAME, [each for samples in distinct.values() for each in samples[-KEPT:]]
            )
    return sum(sum(each.made.values()) + each.published for each in new)


def samples_of(folder: Path, pipeline: Pipeline, since: str = "") -> list[Sample]:
    """The stages of a run folder that succeeded, those that began since then; none where it cannot be read."""
    try:
        records = json_files.load(folder / STAGES, dict[str, StageRecord])
    except (BrokenFileError, OSError):
        return []
    sizes = {name: output.size for record in records.values() for name, output in record.outputs.items()}
    samples = []
    for stage in pipeline.stages:
        record = records.get(stage.name)
        known = record.fingerprint if record else None
        if record is None or known is None or record.error or (record.started or "") < since:
            continue
        with suppress(KeyError):  # a need that no stage has recorded, or a setting that the stage has not read then
            named = stage.with_settings(known.settings)
            samples.append(
                Sample(
                    stage.name,
                    likeness(known.version, known.settings, known.services),
                    sum(sizes[name] for name in named.needs),
                    record.seconds,
                    {name: output.size for name, output in record.outputs.items()},
                    _published(folder, named),
                )
            )
    return samples


def _published(folder: Path, stage: Stage) -> int:
    """Bytes of the file that the stage published into a folder of this machine."""
    if not stage.receipt:
        return 0
    with suppress(BrokenFileError, KeyError, TypeError, ValueError):
        address = urlsplit(str(json_files.load_plain(folder / stage.receipt)["url"]))
        path = Path(unquote(address.path))
        if address.scheme == "file" and path.is_file():
            return path.stat().st_size
    return 0

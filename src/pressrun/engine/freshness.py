"""Which stages of a book run, and why. The whole of resuming is decided here.

A stage is fresh when its checkpoint says success, its fingerprint is unchanged, and its products are there with
their recorded size. Otherwise it runs, and so does all that needs what it makes. A publishing step that succeeded
is never stale, and nothing before it runs again on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressrun.model.plan import RunOptions
from pressrun.model.stage import Pipeline, Stage
from pressrun.store.run_folder import Fingerprint, RunFolder, file_sha256


@dataclass(frozen=True)
class Wanted:
    """What a run should be made with: the settings and services in force for one run folder."""

    settings: Mapping[str, Any]
    services: Mapping[str, str]


@dataclass(frozen=True)
class Decision:
    """`stages` run, in order; `reasons` has a sentence for every stage of the pipeline."""

    stages: tuple[str, ...]
    reasons: dict[str, str]
    published: bool
    """Whether a publishing step had succeeded before."""
    publishes_again: tuple[str, ...]
    """Publishing steps that had succeeded and run again because the user asked for it."""


def decide(pipeline: Pipeline, folder: RunFolder | None, wanted: Wanted, options: RunOptions) -> Decision:
    """Decides for one book; `folder` is None for a fresh start, where --from has nothing to refer to."""
    start = pipeline.index(options.start_at) if options.start_at and folder else None
    last = pipeline.index(options.until) if options.until else len(pipeline.stages) - 1
    done = [folder is not None and folder.checkpoint.get(stage.name) == "success" for stage in pipeline.stages]
    published = [stage.publishes and done[i] for i, stage in enumerate(pipeline.stages)]
    publish_again = start is not None and bool(pipeline.stages[start].publishes)
    again_from = start if start is not None and publish_again else len(published)
    settled = max((i for i, each in enumerate(published) if each and i < again_from), default=-1)

    run: list[str] = []
    reasons: dict[str, str] = {}
    remade: set[str] = set()
    for i, stage in enumerate(pipeline.stages):
        if stage.when and not wanted.settings[stage.when]:
            runs, reason = False, f'skipped, as the setting "{stage.when}" is off'
        elif start is not None and i >= start:
            runs = publish_again or not published[i]
            reason = f"asked for with --from {options.start_at}" if runs else "published, and stays as it is"
        else:
            stale = "" if folder is None else stale_reason(stage, folder, wanted)
            changed = next((need for need in stage.needs if need in remade), None)
            if folder is None:
                runs, reason = True, "fresh start"
            elif i <= settled:
                runs, reason = False, f"published with older settings ({stale})" if stale and done[i] else "done"
            else:
                runs = bool(stale or changed)
                reason = stale or (f"{changed} is made anew" if changed else "done")
        if runs and i > last:
            runs, reason = False, f"after --until {options.until}"
        reasons[stage.name] = reason
        if runs:
            run.append(stage.name)
            remade.update(stage.makes)
    again = tuple(stage.name for i, stage in enumerate(pipeline.stages) if published[i] and stage.name in run)
    return Decision(tuple(run), reasons, any(published), again)


def stale_reason(stage: Stage, folder: RunFolder, wanted: Wanted) -> str:
    """Why the stage is not fresh, in words for the user, or the empty string."""
    checkpoint = folder.checkpoint.get(stage.name)
    record = folder.record(stage.name)
    if checkpoint != "success" or record.fingerprint is None:
        return {None: "not done yet", "failed": "failed before", "skipped": "was skipped before"}.get(
            checkpoint, "not done yet"
        )
    return _changed_input(stage, folder, wanted, record.fingerprint) or _changed_product(stage, folder)


def fingerprint(stage: Stage, folder: RunFolder, wanted: Wanted, reads: Mapping[str, str]) -> Fingerprint:
    """What the stage depends on, now. Raises `FileNotFoundError` for a file it needs."""
    return Fingerprint(
        version=stage.version,
        settings={name: wanted.settings[name] for name in stage.settings},
        services={kind: wanted.services[kind] for kind in stage.services},
        needs={name: folder.sha256(name) for name in stage.needs},
        reads=dict(reads),
    )


def _changed_input(stage: Stage, folder: RunFolder, wanted: Wanted, known: Fingerprint) -> str:
    if known.version != stage.version:
        return f"the stage works differently now: version {known.version} -> {stage.version}"
    for name in stage.services:
        if known.services.get(name) != wanted.services[name]:
            return f"{name} changed: {known.services.get(name, 'none')} -> {wanted.services[name]}"
    for name in stage.settings:
        if name not in known.settings or known.settings[name] != wanted.settings[name]:
            return f"{name} changed: {known.settings.get(name, 'none')} -> {wanted.settings[name]}"
    for name in stage.needs:
        if not (folder.path / name).is_file():
            return f"{name} is missing"
        if known.needs.get(name) != folder.sha256(name):
            return f"{name} changed"
    for location, digest in known.reads.items():
        # A source that is gone cannot be read again; what was made of it stays.
        if Path(location).is_file() and file_sha256(Path(location)) != digest:
            return f"{Path(location).name} changed"
    return ""


def _changed_product(stage: Stage, folder: RunFolder) -> str:
    outputs = folder.record(stage.name).outputs
    for name in stage.makes:
        path = folder.path / name
        if not path.is_file():
            return f"{name} is missing"
        if name not in outputs or path.stat().st_size != outputs[name].size:
            return f"{name} was changed"
    return ""

"""Which stages of a book run, and why. The whole of resuming is decided here.

A stage is fresh when its checkpoint says success, its fingerprint is unchanged, and its products are there with
their recorded size (one that people may edit may have changed). Otherwise it runs, and so does all that needs what
it makes. A publishing step that succeeded is never stale, and nothing before it runs again on its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressrun.model.plan import RunOptions
from pressrun.model.stage import Pipeline, Stage
from pressrun.settings import is_setting_used
from pressrun.store.run_folder import Fingerprint, RunFolder, file_sha256, listing_sha256

STYLE_BELOW = "modern"
"""The style that a table `[style]` begins with when it names none."""


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
    later: tuple[str, ...]
    """Stages that would run but for --until."""
    published: bool
    """Whether a publishing step had succeeded before."""
    publishes_again: tuple[str, ...]
    """Publishing steps that had succeeded and run again because the user asked for it."""


def decide(pipeline: Pipeline, folder: RunFolder | None, wanted: Wanted, options: RunOptions) -> Decision:
    """Decides for one book; `folder` is None for a fresh start, where --from has nothing to refer to."""
    pipeline = pipeline.with_settings(wanted.settings)
    verdicts = [_Verdict(True, "fresh start")] * len(pipeline.stages)
    published = [False] * len(pipeline.stages)
    if folder is not None:
        published = [bool(stage.publishes) and _done(stage, folder) for stage in pipeline.stages]
        verdicts = _judge(pipeline, folder, wanted, options, published)
        verdicts = _restore_lost_products(pipeline, folder, verdicts)
    last = pipeline.index(options.until) if options.until else len(pipeline.stages)
    run: list[str] = []
    later: list[str] = []
    reasons: dict[str, str] = {}
    for i, (stage, verdict) in enumerate(zip(pipeline.stages, verdicts, strict=True)):
        reasons[stage.name] = verdict.reason
        if stage.when and not wanted.settings[stage.when]:
            reasons[stage.name] = f'skipped, as the setting "{stage.when}" is off'
        elif verdict.runs and i > last:
            reasons[stage.name] = f"after --until {options.until}"
            later.append(stage.name)
        elif verdict.runs:
            run.append(stage.name)
    again = [
        stage.name
        for stage, was_published, verdict in zip(pipeline.stages, published, verdicts, strict=True)
        if was_published and verdict.asked and stage.name in run
    ]
    return Decision(tuple(run), reasons, tuple(later), any(published), tuple(again))


@dataclass(frozen=True)
class _Verdict:
    runs: bool
    reason: str
    asked: bool = False
    """By --from."""


def _judge(
    pipeline: Pipeline, folder: RunFolder, wanted: Wanted, options: RunOptions, published: list[bool]
) -> list[_Verdict]:
    """Stage by stage, forwards: what is stale, what follows from it, and where publishing settled everything."""
    start = pipeline.index(options.start_at) if options.start_at else len(pipeline.stages)
    publish_again = start < len(pipeline.stages) and bool(pipeline.stages[start].publishes)
    # A step that published elsewhere, or a first copy, settles what is before it too, while its second try is open.
    settling = [each or bool(folder.record(stage.name).published) for each, stage in zip(
        published, pipeline.stages, strict=True
    )]
    settled = max((i for i, each in enumerate(settling) if each and not (publish_again and i >= start)), default=-1)
    verdicts: list[_Verdict] = []
    remade: set[str] = set()
    for i, stage in enumerate(pipeline.stages):
        if i >= start and published[i] and not publish_again:
            verdict = _Verdict(False, "published, and stays as it is")
        elif i >= start:
            verdict = _Verdict(True, f"asked for with --from {options.start_at}", asked=True)
        elif i <= settled:
            verdict = _settled(stage, folder, wanted)
        else:
            changed = next((f"{need} is made anew" for need in stage.needs if need in remade), "")
            stale = stale_reason(stage, folder, wanted) or changed or _revisited(stage, folder)
            verdict = _Verdict(bool(stale), stale or "done")
        if verdict.runs and not (stage.when and not wanted.settings[stage.when]):
            remade.update(stage.makes)
        verdicts.append(verdict)
    return verdicts


def _revisited(stage: Stage, folder: RunFolder) -> str:
    failed = next((name for name in stage.revisits if _failed_for(stage.revisits_after, name, folder)), None)
    return f"{failed} failed before, and what this stage looks at may have changed since" if failed else ""


def _failed_for(errors: tuple[str, ...], name: str, folder: RunFolder) -> bool:
    error = folder.record(name).error
    return folder.checkpoint.get(name) == "failed" and (not errors or error is None or error.kind in errors)


def _settled(stage: Stage, folder: RunFolder, wanted: Wanted) -> _Verdict:
    """A stage before or at a publishing step that succeeded: only what a killed --from left open runs."""
    if stage.when and not wanted.settings[stage.when]:
        return _Verdict(False, "done")
    stale = stale_reason(stage, folder, wanted)
    if _done(stage, folder):
        return _Verdict(False, f"published with older settings ({stale})" if stale else "done")
    return _Verdict(not stage.optional, stale)


def _restore_lost_products(pipeline: Pipeline, folder: RunFolder, verdicts: list[_Verdict]) -> list[_Verdict]:
    """Backwards: a stage runs again when a file it made is lost and a stage that runs needs it.

    A publishing step that lost its receipt finds what it published by its marker, and sends nothing.
    """
    restored = list(verdicts)
    needed: set[str] = set()
    for i in reversed(range(len(pipeline.stages))):
        stage = pipeline.stages[i]
        wanted_files = needed & set(stage.makes) | (
            {stage.receipt} if stage.receipt and _done(stage, folder) else set()
        )
        lost = next((name for name in stage.makes if name in wanted_files and not (folder.path / name).is_file()), None)
        if lost and not restored[i].runs:
            restored[i] = _Verdict(True, f"{lost} is missing")
        if restored[i].runs:
            needed.update(stage.needs)
    return restored


def _done(stage: Stage, folder: RunFolder) -> bool:
    return folder.checkpoint.get(stage.name) == "success"


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
        settings={name: wanted.settings[name] for name in stage.settings if is_setting_used(name, wanted.services)},
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
        if not is_setting_used(name, wanted.services):
            continue
        if name not in known.settings or known.settings[name] != wanted.settings[name]:
            return f"{name} changed: {_change(name, known.settings.get(name, 'none'), wanted.settings[name])}"
    for name in stage.needs:
        if not (folder.path / name).is_file():
            return f"{name} is missing"
        if known.needs.get(name) != folder.sha256(name):
            return f"{name} changed"
    for location, digest in known.reads.items():
        if location.endswith("/"):
            if listing_sha256(Path(location)) != digest:
                return f"the folder {Path(location).name} has other files now"
            continue
        # A source that is gone cannot be read again; what was made of it stays.
        if Path(location).is_file() and file_sha256(Path(location)) != digest:
            return f"{Path(location).name} changed"
    return ""


def _change(name: str, before: Any, now: Any) -> str:
    """What became what. A table `[style]` is kept as JSON, of which only the parts that differ are worth reading."""
    if name != "style":
        return f"{before} -> {now}"
    old, new = _style_table(before), _style_table(now)
    parts = sorted(key for key in old.keys() | new.keys() if key != "name" and old.get(key) != new.get(key))
    *most, last = parts or [""]
    its = f"its {', '.join(most)} and {last}" if most else f"its {last}" if last else ""
    names = "" if old["name"] == new["name"] else f"{old['name']} -> {new['name']}"
    return ", and ".join(each for each in (names, its) if each)


def _style_table(setting: Any) -> dict[str, Any]:
    text = str(setting)
    if not text.lstrip().startswith("{"):
        return {"name": text}
    try:
        return {"name": STYLE_BELOW, **json.loads(text)}
    except ValueError:
        return {"name": text}


def _changed_product(stage: Stage, folder: RunFolder) -> str:
    outputs = folder.record(stage.name).outputs
    for name in stage.makes:
        path = folder.path / name
        if not path.is_file():
            return f"{name} is missing"
        if name in stage.editable:
            continue
        if name not in outputs or path.stat().st_size != outputs[name].size:
            return f"{name} was changed"
    return ""

"""Which stages of a book run, and why. The whole of resuming is decided here.

A stage is fresh when its checkpoint says success, its fingerprint is unchanged, and its products are there with
their recorded size (one that people may edit may have changed). Otherwise it runs, and so does all that needs what
it makes. A publishing step that succeeded is never stale, and nothing before it runs again on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressrun.model.plan import RunOptions
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Checkpoint, Pipeline, Stage
from pressrun.settings import is_setting_used
from pressrun.store.run_folder import Fingerprint, RunFolder, file_sha256, listing_sha256

_UP_TO_DATE = Reason(ReasonKind.UP_TO_DATE)
_UNFINISHED: dict[Checkpoint | None, ReasonKind] = {
    "failed": ReasonKind.FAILED_BEFORE,
    "skipped": ReasonKind.SKIPPED_BEFORE,
}


@dataclass(frozen=True)
class Wanted:
    """What a run should be made with: the settings and services in force for one run folder."""

    settings: Mapping[str, Any]
    services: Mapping[str, str]


@dataclass(frozen=True)
class Decision:
    """`stages` run, in order; `reasons` has one for every stage of the pipeline."""

    stages: tuple[str, ...]
    reasons: dict[str, Reason]
    later: tuple[str, ...]
    """Stages that would run but for --until."""
    published: bool
    """Whether a publishing step had succeeded before."""
    publishes_again: tuple[str, ...]
    """Publishing steps that had succeeded and run again because the user asked for it."""


def decide(pipeline: Pipeline, folder: RunFolder | None, wanted: Wanted, options: RunOptions) -> Decision:
    """Decides for one book; `folder` is None for a fresh start, where --from has nothing to refer to."""
    pipeline = pipeline.with_settings(wanted.settings)
    verdicts = [_Verdict(True, Reason(ReasonKind.FRESH_START))] * len(pipeline.stages)
    published = [False] * len(pipeline.stages)
    if folder is not None:
        published = [bool(stage.publishes) and _done(stage, folder) for stage in pipeline.stages]
        verdicts = _judge(pipeline, folder, wanted, options, published)
        verdicts = _restore_lost_products(pipeline, folder, verdicts)
    last = pipeline.index(options.until) if options.until else len(pipeline.stages)
    run: list[str] = []
    later: list[str] = []
    reasons: dict[str, Reason] = {}
    for i, (stage, verdict) in enumerate(zip(pipeline.stages, verdicts, strict=True)):
        reasons[stage.name] = verdict.reason
        if stage.when and not wanted.settings[stage.when]:
            reasons[stage.name] = Reason(ReasonKind.SWITCHED_OFF, {"setting": stage.when})
        elif verdict.runs and i > last:
            reasons[stage.name] = Reason(ReasonKind.AFTER_UNTIL, {"stage": options.until})
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
    reason: Reason
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
            verdict = _Verdict(False, Reason(ReasonKind.PUBLISHED))
        elif i >= start:
            verdict = _Verdict(True, Reason(ReasonKind.REQUESTED_BY_FROM, {"stage": options.start_at}), asked=True)
        elif i <= settled:
            verdict = _settled(stage, folder, wanted)
        else:
            rebuilt = next((need for need in stage.needs if need in remade), None)
            stale = (
                stale_reason(stage, folder, wanted)
                or (Reason(ReasonKind.FILE_REBUILT, {"file": rebuilt}) if rebuilt else None)
                or _revisited(stage, folder)
            )
            verdict = _Verdict(stale is not None, stale or _UP_TO_DATE)
        if verdict.runs and not (stage.when and not wanted.settings[stage.when]):
            remade.update(stage.makes)
        verdicts.append(verdict)
    return verdicts


def _revisited(stage: Stage, folder: RunFolder) -> Reason | None:
    failed = next((name for name in stage.revisits if _failed_for(stage.revisits_after, name, folder)), None)
    return Reason(ReasonKind.LATER_STAGE_FAILED, {"stage": failed}) if failed else None


def _failed_for(errors: tuple[str, ...], name: str, folder: RunFolder) -> bool:
    error = folder.record(name).error
    return folder.checkpoint.get(name) == "failed" and (not errors or error is None or error.kind in errors)


def _settled(stage: Stage, folder: RunFolder, wanted: Wanted) -> _Verdict:
    """A stage before or at a publishing step that succeeded: only what a killed --from left open runs."""
    if stage.when and not wanted.settings[stage.when]:
        return _Verdict(False, _UP_TO_DATE)
    stale = stale_reason(stage, folder, wanted)
    if _done(stage, folder):
        return _Verdict(False, Reason(ReasonKind.PUBLISHED_OUTDATED, {"why": stale}) if stale else _UP_TO_DATE)
    return _Verdict(not stage.optional, stale or _UP_TO_DATE)


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
            restored[i] = _Verdict(True, Reason(ReasonKind.FILE_MISSING, {"file": lost}))
        if restored[i].runs:
            needed.update(stage.needs)
    return restored


def _done(stage: Stage, folder: RunFolder) -> bool:
    return folder.checkpoint.get(stage.name) == "success"


def stale_reason(stage: Stage, folder: RunFolder, wanted: Wanted) -> Reason | None:
    """Return why the stage is not fresh, or None if it is."""
    checkpoint = folder.checkpoint.get(stage.name)
    record = folder.record(stage.name)
    if checkpoint != "success" or record.fingerprint is None:
        return Reason(_UNFINISHED.get(checkpoint, ReasonKind.NOT_RUN_YET))
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


def _changed_input(stage: Stage, folder: RunFolder, wanted: Wanted, known: Fingerprint) -> Reason | None:
    if known.version != stage.version:
        return Reason(ReasonKind.STAGE_CHANGED, {"before": known.version, "now": stage.version})
    for name in stage.services:
        if known.services.get(name) != wanted.services[name]:
            values = {"service": name, "before": known.services.get(name, "none"), "now": wanted.services[name]}
            return Reason(ReasonKind.SERVICE_CHANGED, values)
    for name in stage.settings:
        if not is_setting_used(name, wanted.services):
            continue
        if name not in known.settings or known.settings[name] != wanted.settings[name]:
            values = {"setting": name, "before": known.settings.get(name, "none"), "now": wanted.settings[name]}
            return Reason(ReasonKind.SETTING_CHANGED, values)
    for name in stage.needs:
        if not (folder.path / name).is_file():
            return Reason(ReasonKind.FILE_MISSING, {"file": name})
        if known.needs.get(name) != folder.sha256(name):
            return Reason(ReasonKind.FILE_CHANGED, {"file": name})
    for location, digest in known.reads.items():
        if location.endswith("/"):
            if listing_sha256(Path(location)) != digest:
                return Reason(ReasonKind.FOLDER_CHANGED, {"folder": Path(location).name})
            continue
        # A source that is gone cannot be read again; what was made of it stays.
        if Path(location).is_file() and file_sha256(Path(location)) != digest:
            return Reason(ReasonKind.FILE_CHANGED, {"file": Path(location).name})
    return None


def _changed_product(stage: Stage, folder: RunFolder) -> Reason | None:
    outputs = folder.record(stage.name).outputs
    for name in stage.makes:
        path = folder.path / name
        if not path.is_file():
            return Reason(ReasonKind.FILE_MISSING, {"file": name})
        if name in stage.editable:
            continue
        if name not in outputs or path.stat().st_size != outputs[name].size:
            return Reason(ReasonKind.PRODUCT_CHANGED, {"file": name})
    return None

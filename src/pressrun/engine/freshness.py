"""Decide which stages of a book run, and why. Every resume is decided here.

A stage is fresh if its checkpoint says success, its fingerprint is unchanged and its products exist with their recorded
size (a product that people may edit may have changed). A stage that is not fresh runs, and so does every stage that
needs one of its products. A publishing stage that succeeded is never stale, and no stage before it runs again on its
own: what the public sees must not change because a setting did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressrun.model.plan import Decision, RunOptions
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
class EffectiveConfig:
    """The settings and services that apply to one run folder."""

    settings: Mapping[str, Any]
    services: Mapping[str, str]


def decide(pipeline: Pipeline, folder: RunFolder | None, config: EffectiveConfig, options: RunOptions) -> Decision:
    """Decide for one book. Without a `folder` it starts fresh, and --from has nothing to refer to."""
    pipeline = pipeline.with_settings(config.settings)
    if folder is None:
        verdicts = [_Verdict(True, Reason(ReasonKind.FRESH_START))] * len(pipeline.stages)
    else:
        verdicts = _judge_stages(pipeline, folder, config, options)
        verdicts = _restore_lost_products(pipeline, folder, verdicts)
    last = pipeline.index(options.until) if options.until else len(pipeline.stages)
    run: list[str] = []
    later: list[str] = []
    reasons: dict[str, Reason] = {}
    for i, (stage, verdict) in enumerate(zip(pipeline.stages, verdicts, strict=True)):
        reasons[stage.name] = verdict.reason
        if not stage.is_enabled(config.settings):
            reasons[stage.name] = Reason(ReasonKind.SWITCHED_OFF, {"setting": stage.enabled_by})
        elif verdict.runs and i > last:
            reasons[stage.name] = Reason(ReasonKind.AFTER_UNTIL, {"stage": options.until})
            later.append(stage.name)
        elif verdict.runs:
            run.append(stage.name)
    again = [
        stage.name
        for stage, verdict in zip(pipeline.stages, verdicts, strict=True)
        if folder is not None and _is_published(stage, folder) and verdict.requested and stage.name in run
    ]
    return Decision(tuple(run), reasons, tuple(later), tuple(again))


@dataclass(frozen=True)
class _Verdict:
    runs: bool
    reason: Reason
    requested: bool = False
    """Whether --from requests it."""


def _judge_stages(
    pipeline: Pipeline, folder: RunFolder, config: EffectiveConfig, options: RunOptions
) -> list[_Verdict]:
    """Judge the stages forwards, in three zones.

    Stages from --from on run again, whether they are fresh or not. The exception is a stage that published: it stays as
    it is, unless --from names a publishing stage, which requests a second copy.

    Stages up to the last one that published are frozen. They run only if they have no success at all, which happens
    when an earlier --from was killed half-way: `_judge_frozen` finishes what that one started. A stage freezes them as
    soon as it published anywhere, so they also stay frozen while a second copy, or a copy for another destination, is
    unfinished and the stage's own checkpoint is empty. A stage that is about to publish again for this --from does not
    count, because the stages before it may well be stale now.

    The stages in between run if they are stale themselves, if an earlier stage rebuilds a file they need, or if a
    later stage failed in a way that this one may be able to fix. A stage that is switched off rebuilds nothing.
    """
    start = pipeline.index(options.start_at) if options.start_at else len(pipeline.stages)
    publish_again = start < len(pipeline.stages) and bool(pipeline.stages[start].publishes)
    frozen_by = [
        i for i, stage in enumerate(pipeline.stages)
        if (_is_published(stage, folder) or folder.record(stage.name).published) and not (publish_again and i >= start)
    ]
    last_frozen = max(frozen_by, default=-1)
    verdicts: list[_Verdict] = []
    rebuilt: set[str] = set()
    for i, stage in enumerate(pipeline.stages):
        if i >= start and _is_published(stage, folder) and not publish_again:
            verdict = _Verdict(False, Reason(ReasonKind.PUBLISHED))
        elif i >= start:
            verdict = _Verdict(True, Reason(ReasonKind.REQUESTED_BY_FROM, {"stage": options.start_at}), requested=True)
        elif i <= last_frozen:
            verdict = _judge_frozen(stage, folder, config)
        else:
            stale = (
                stale_reason(stage, folder, config) or _rebuilt_need(stage, rebuilt) or _failed_later(stage, folder)
            )
            verdict = _Verdict(stale is not None, stale or _UP_TO_DATE)
        if verdict.runs and stage.is_enabled(config.settings):
            rebuilt.update(stage.makes)
        verdicts.append(verdict)
    return verdicts


def _judge_frozen(stage: Stage, folder: RunFolder, config: EffectiveConfig) -> _Verdict:
    """Judge a stage that a later publication froze: it stays, whatever its settings are now, or finishes a --from."""
    if not stage.is_enabled(config.settings):
        return _Verdict(False, _UP_TO_DATE)
    stale = stale_reason(stage, folder, config)
    if stale is None:
        return _Verdict(False, _UP_TO_DATE)
    if _is_done(stage, folder):
        return _Verdict(False, Reason(ReasonKind.PUBLISHED_OUTDATED, {"why": stale}))
    return _Verdict(True, stale)


def _rebuilt_need(stage: Stage, rebuilt: set[str]) -> Reason | None:
    need = next((need for need in stage.needs if need in rebuilt), None)
    return Reason(ReasonKind.FILE_REBUILT, {"file": need}) if need else None


def _failed_later(stage: Stage, folder: RunFolder) -> Reason | None:
    """Return the reason to rerun a stage that may fix the error of a later one, e.g. with another source."""
    kinds = stage.rerun.errors
    for name in stage.rerun.after:
        error = folder.record(name).error
        if folder.checkpoint.get(name) == "failed" and (not kinds or error is None or error.kind in kinds):
            return Reason(ReasonKind.LATER_STAGE_FAILED, {"stage": name})
    return None


def _restore_lost_products(pipeline: Pipeline, folder: RunFolder, verdicts: list[_Verdict]) -> list[_Verdict]:
    """Go backwards and let a stage run again if a file it made is lost and a stage that runs needs it.

    A publishing stage that lost its receipt finds what it published by its marker, and sends nothing.
    """
    restored = list(verdicts)
    needed: set[str] = set()
    for i in reversed(range(len(pipeline.stages))):
        stage = pipeline.stages[i]
        receipts = {stage.receipt} if stage.receipt and _is_done(stage, folder) else set()
        lost = next(
            (name for name in stage.makes if name in needed | receipts and not (folder.path / name).is_file()), None
        )
        if lost and not restored[i].runs:
            restored[i] = _Verdict(True, Reason(ReasonKind.FILE_MISSING, {"file": lost}))
        if restored[i].runs:
            needed.update(stage.needs)
    return restored


def _is_done(stage: Stage, folder: RunFolder) -> bool:
    return folder.checkpoint.get(stage.name) == "success"


def _is_published(stage: Stage, folder: RunFolder) -> bool:
    return bool(stage.publishes) and _is_done(stage, folder)


def stale_reason(stage: Stage, folder: RunFolder, config: EffectiveConfig) -> Reason | None:
    """Return why the stage is not fresh, or None if it is."""
    checkpoint = folder.checkpoint.get(stage.name)
    record = folder.record(stage.name)
    if checkpoint != "success" or record.fingerprint is None:
        return Reason(_UNFINISHED.get(checkpoint, ReasonKind.NOT_RUN_YET))
    return _changed_input(stage, folder, config, record.fingerprint) or _changed_product(stage, folder)


def fingerprint(stage: Stage, folder: RunFolder, config: EffectiveConfig, reads: Mapping[str, str]) -> Fingerprint:
    """Return everything the stage depends on, as it is now. Raises `FileNotFoundError` for a missing need."""
    return Fingerprint(
        version=stage.version,
        settings={name: config.settings[name] for name in stage.settings if is_setting_used(name, config.services)},
        services={kind: config.services[kind] for kind in stage.services},
        needs={name: folder.sha256(name) for name in stage.needs},
        reads=dict(reads),
    )


def _changed_input(stage: Stage, folder: RunFolder, config: EffectiveConfig, known: Fingerprint) -> Reason | None:
    if known.version != stage.version:
        return Reason(ReasonKind.STAGE_CHANGED, {"before": known.version, "now": stage.version})
    for name in stage.services:
        if known.services.get(name) != config.services[name]:
            values = {"service": name, "before": known.services.get(name, "none"), "now": config.services[name]}
            return Reason(ReasonKind.SERVICE_CHANGED, values)
    for name in stage.settings:
        if not is_setting_used(name, config.services):
            continue
        if name not in known.settings or known.settings[name] != config.settings[name]:
            values = {"setting": name, "before": known.settings.get(name, "none"), "now": config.settings[name]}
            return Reason(ReasonKind.SETTING_CHANGED, values)
    for name in stage.needs:
        if not (folder.path / name).is_file():
            return Reason(ReasonKind.FILE_MISSING, {"file": name})
        if known.needs.get(name) != folder.sha256(name):
            return Reason(ReasonKind.FILE_CHANGED, {"file": name})
    for location, digest in known.reads.items():
        path = Path(location)
        if location.endswith("/"):
            if listing_sha256(path) != digest:
                return Reason(ReasonKind.FOLDER_CHANGED, {"folder": path.name})
        # A source that is gone cannot be read again, so what was made from it stays.
        elif path.is_file() and file_sha256(path) != digest:
            return Reason(ReasonKind.FILE_CHANGED, {"file": path.name})
    return None


def _changed_product(stage: Stage, folder: RunFolder) -> Reason | None:
    outputs = folder.record(stage.name).outputs
    for name in stage.makes:
        path = folder.path / name
        if not path.is_file():
            return Reason(ReasonKind.FILE_MISSING, {"file": name})
        if name in stage.editable:
            continue
        # Sizes are enough to notice a truncated or replaced file, and hashing every video would slow each plan down.
        if name not in outputs or path.stat().st_size != outputs[name].size:
            return Reason(ReasonKind.PRODUCT_CHANGED, {"file": name})
    return None

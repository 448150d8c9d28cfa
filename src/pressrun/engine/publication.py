"""Publication: the destination of a book, the stages that publish it elsewhere, and uploads with unknown outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pressrun.engine.freshness import EffectiveConfig
from pressrun.errors import UploadUnknownError, UsageError
from pressrun.model.plan import Decision, PlanRow
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline, Stage
from pressrun.settings import is_setting_used
from pressrun.store.run_folder import RunFolder

_TARGET_SETTING = "publish_to"
_PRODUCTS = {"youtube_url": "video", "short_url": "short"}


def destination(stage: Stage, settings: Mapping[str, Any], services: Mapping[str, str]) -> str:
    """Return the publisher that `stage` uses, with its target if it has one: "youtube", "bucket s3://books"."""
    publisher = services.get("publisher", "") if "publisher" in stage.services else ""
    has_target = _TARGET_SETTING in stage.settings and is_setting_used(_TARGET_SETTING, services)
    target = str(settings.get(_TARGET_SETTING, "")) if has_target else ""
    return f"{publisher} {target}".strip()


def _destination(stage: Stage, config: EffectiveConfig) -> str:
    return destination(stage, config.settings, config.services)


def published_url(stage: Stage, folder: RunFolder, config: EffectiveConfig) -> str | None:
    """Return the address of what `stage` published to the destination of `config`, or None."""
    wanted = _destination(stage, config)
    if _last_destination(stage, folder) == wanted:
        return folder.receipt_url(stage.receipt)
    return folder.record(stage.name).published.get(wanted)


def preferred_url(stage: Stage, folder: RunFolder) -> str | None:
    """Return the address that the database keeps for `stage`: the last one, but a web address before a local file."""
    last = folder.receipt_url(stage.receipt)
    if last is None or _is_web_address(last):
        return last
    return next(filter(_is_web_address, reversed(folder.record(stage.name).published.values())), last)


def _is_web_address(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _last_destination(stage: Stage, folder: RunFolder) -> str | None:
    """Return the destination of the receipt in the run folder."""
    known = folder.record(stage.name).fingerprint
    if folder.checkpoint.get(stage.name) != "success" or known is None:
        return None
    return destination(stage, known.settings, known.services)


def republish_config(
    config: EffectiveConfig, folder: RunFolder, now: EffectiveConfig, explicit: frozenset[str], pipeline: Pipeline
) -> EffectiveConfig:
    """Return the config to publish a finished folder elsewhere.

    It is the folder's own, except for the publisher and the settings that only publishing stages read: those come
    from `now` if they were set explicitly. Everything else must stay, or the files would count as outdated.
    """
    steps = publishing_stages(pipeline, config)
    of_other_stages = {name for stage in pipeline.stages if not stage.publishes for name in stage.settings}
    of_publishing = {name for stage in steps for name in stage.settings} - of_other_stages
    settings = {**now.settings, **folder.item.settings}
    settings |= {name: now.settings[name] for name in of_publishing & explicit}
    services = {**config.services, "publisher": now.services["publisher"]}
    return EffectiveConfig({name: settings[name] for name in now.settings}, services)


def publishing_stages(pipeline: Pipeline, config: EffectiveConfig) -> list[Stage]:
    """Return the stages that publish, without those that are switched off."""
    stages = [stage for stage in pipeline.with_settings(config.settings).stages if stage.publishes]
    return [stage for stage in stages if stage.is_enabled(config.settings)]


def decide_republish(pipeline: Pipeline, folder: RunFolder, config: EffectiveConfig) -> Decision:
    """Return the stages that publish to a destination where the book is not published yet. Nothing else runs.

    Raises `UsageError` if the book is not finished or its files are gone.
    """
    steps = publishing_stages(pipeline, config)
    missing = [stage for stage in steps if published_url(stage, folder, config) is None]
    reasons = dict.fromkeys(pipeline.names, Reason(ReasonKind.UNCHANGED))
    if not missing:
        return Decision((), reasons)
    _require_finished(pipeline, folder, config)
    # Later stages read the address in a receipt, so a stage whose receipt names another destination runs too. It
    # sends nothing twice: the publisher finds what it published there before by its marker.
    again = [
        stage for stage in steps if stage in missing or _last_destination(stage, folder) != _destination(stage, config)
    ]
    reasons |= {
        stage.name: Reason(ReasonKind.PUBLISHES_TO, {"destination": _destination(stage, config)}) for stage in again
    }
    return Decision(tuple(stage.name for stage in again), reasons)


def nothing_to_publish_error(row: PlanRow) -> UsageError:
    """Return the error for a book without a run folder."""
    if row.status == "done":
        return UsageError(
            f"The run folder of {row.book} is gone, so there is nothing to publish",
            remedy=f'Create it again: run-pipeline "{row.book}" --no-skip',
        )
    return UsageError(f"{row.book} was never started", remedy=f'Run first: run-pipeline "{row.book}"')


def _require_finished(pipeline: Pipeline, folder: RunFolder, config: EffectiveConfig) -> None:
    book = folder.item.book
    stages = pipeline.with_settings(config.settings).stages
    for stage in stages:
        is_due = not stage.publishes and stage.is_enabled(config.settings)
        if is_due and folder.checkpoint.get(stage.name) != "success":
            raise UsageError(
                f"{book} is not finished: {stage.name} did not run", remedy=f'Run first: run-pipeline "{book}"'
            )
    made_by = {name: stage for stage in stages for name in stage.makes}
    for step in publishing_stages(pipeline, config):
        for name in step.needs:
            if not made_by[name].publishes and not (folder.path / name).is_file():
                raise UsageError(
                    f"{name} of {book} is missing in {folder.path}",
                    remedy=f'Create it again: run-pipeline "{book}" --from {made_by[name].name}',
                )


def product_label(stage: Stage) -> str:
    """Return what users call the product of a publishing stage."""
    return _PRODUCTS.get(stage.publishes, stage.name)


def publication_marker(folder: RunFolder, stage: Stage) -> str:
    """Return the name of a publication: the same after a crash, another one for each requested copy."""
    return f"{folder.item.id}-{stage.name}-{max(folder.record(stage.name).publication, 1)}"


def unresolved_stage(pipeline: Pipeline, folder: RunFolder) -> Stage | None:
    """Return the stage that may have published without knowing it, or None."""
    for stage in pipeline.stages:
        error = folder.record(stage.name).error
        failed = folder.checkpoint.get(stage.name) == "failed"
        if stage.publishes and failed and error is not None and error.kind == UploadUnknownError.__name__:
            return stage
    return None


def upload_record(folder: RunFolder, stage: Stage, publisher: str) -> Path:
    """Return the path where a publisher records an upload that it has started."""
    return folder.path / f"{stage.name}.parts" / f"{publisher}.json"


def possible_duplicate_warning(steps: Iterable[Stage], folder: RunFolder, config: EffectiveConfig) -> Reason | None:
    """Return a warning if one of `steps` started an upload to another publisher and its outcome is unknown."""
    for stage in steps:
        if not stage.publishes:
            continue
        finished = {place.partition(" ")[0] for place in folder.record(stage.name).published}
        for path in sorted(upload_record(folder, stage, "*").parent.glob("*.json")):
            if path.stem not in finished and path.stem != config.services.get("publisher"):
                return Reason(ReasonKind.MAYBE_PUBLISHED, {"product": product_label(stage), "publisher": path.stem})
    return None


def unresolved_upload(folder: RunFolder, stage: Stage) -> Reason:
    """Return the warning of the plan about a book whose `stage` may have published."""
    return Reason(ReasonKind.UPLOAD_UNRESOLVED, {"product": product_label(stage), "book": str(folder.item.book)})


def unresolved_upload_error(folder: RunFolder, stage: Stage) -> UsageError:
    book = folder.item.book
    return UsageError(
        f"It is unknown whether the {product_label(stage)} of {book} was published",
        remedy=f'Answer with: pressrun resolve "{book}" --url URL, or --not-published',
    )

"""Where a book is published, what is left to publish in another place, and what nobody knows about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pressrun.engine.freshness import Decision, Wanted
from pressrun.errors import UploadUnknownError, UsageError
from pressrun.model.plan import PlanRow
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline, Stage
from pressrun.settings import is_setting_used
from pressrun.store.run_folder import RunFolder

_TARGET = "publish_to"
_WHAT = {"youtube_url": "video", "short_url": "short"}


def place(stage: Stage, settings: Mapping[str, Any], services: Mapping[str, str]) -> str:
    """The publisher that `stage` uses, with the address of its place if it has one: "youtube", "bucket s3://books"."""
    publisher = services.get("publisher", "") if "publisher" in stage.services else ""
    target = str(settings.get(_TARGET, "")) if _TARGET in stage.settings and is_setting_used(_TARGET, services) else ""
    return f"{publisher} {target}".strip()


def _where(stage: Stage, wanted: Wanted) -> str:
    return place(stage, wanted.settings, wanted.services)


def published_at(stage: Stage, folder: RunFolder, wanted: Wanted) -> str | None:
    """The address of what `stage` published in the place that is `wanted`, or None."""
    where = _where(stage, wanted)
    if _current_place(stage, folder) == where:
        return folder.receipt_url(stage.receipt)
    return folder.record(stage.name).published.get(where)


def address_to_keep(stage: Stage, folder: RunFolder) -> str | None:
    """What the database names of what `stage` published: the last address, but one on the web before one that is not,
    such as that of a file."""
    last = folder.receipt_url(stage.receipt)
    if last is None or _on_the_web(last):
        return last
    return next(filter(_on_the_web, reversed(folder.record(stage.name).published.values())), last)


def _on_the_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _current_place(stage: Stage, folder: RunFolder) -> str | None:
    """The place of the receipt in the run folder."""
    known = folder.record(stage.name).fingerprint
    if folder.checkpoint.get(stage.name) != "success" or known is None:
        return None
    return place(stage, known.settings, known.services)


def elsewhere(wanted: Wanted, folder: RunFolder, now: Wanted, explicit: frozenset[str], pipeline: Pipeline) -> Wanted:
    """What to publish with in another place: the folder's own settings, but for those of publishing set `now`."""
    steps = publishing(pipeline, wanted)
    of_making = {name for stage in pipeline.stages if not stage.publishes for name in stage.settings}
    of_publishing = {name for stage in steps for name in stage.settings} - of_making
    settings = {**now.settings, **folder.item.settings}
    settings |= {name: now.settings[name] for name in of_publishing & explicit}
    services = {**wanted.services, "publisher": now.services["publisher"]}
    return Wanted({name: settings[name] for name in now.settings}, services)


def publishing(pipeline: Pipeline, wanted: Wanted) -> list[Stage]:
    """The stages that publish, with those left out that are switched off."""
    stages = [stage for stage in pipeline.with_settings(wanted.settings).stages if stage.publishes]
    return [stage for stage in stages if not stage.when or wanted.settings[stage.when]]


def decide_elsewhere(pipeline: Pipeline, folder: RunFolder, wanted: Wanted) -> Decision:
    """The stages that publish where the book is not published yet. Nothing is made anew.

    Raises `UsageError` for a book that is not finished, or whose files are gone.
    """
    steps = publishing(pipeline, wanted)
    missing = [stage for stage in steps if published_at(stage, folder, wanted) is None]
    reasons = dict.fromkeys(pipeline.names, Reason(ReasonKind.UNCHANGED))
    if not missing:
        return Decision((), reasons, (), True, ())
    _check_finished(pipeline, folder, wanted)
    # A step whose receipt is that of another place goes along: the others read the address in it. What it published
    # here before is found by its marker.
    again = [stage for stage in steps if stage in missing or _current_place(stage, folder) != _where(stage, wanted)]
    reasons |= {
        stage.name: Reason(ReasonKind.PUBLISHES_TO, {"destination": _where(stage, wanted)}) for stage in again
    }
    return Decision(tuple(stage.name for stage in again), reasons, (), True, ())


def nothing_to_publish(row: PlanRow) -> UsageError:
    """The error for a book without a run folder."""
    if row.status == "done":
        return UsageError(
            f"The run folder of {row.book} is gone, so there is nothing to publish",
            remedy=f'Make it again: run-pipeline "{row.book}" --no-skip',
        )
    return UsageError(f"{row.book} has not been begun", remedy=f'Run first: run-pipeline "{row.book}"')


def _check_finished(pipeline: Pipeline, folder: RunFolder, wanted: Wanted) -> None:
    book = folder.item.book
    stages = pipeline.with_settings(wanted.settings).stages
    for stage in stages:
        off = stage.optional or (stage.when and not wanted.settings[stage.when])
        if not (stage.publishes or off) and folder.checkpoint.get(stage.name) != "success":
            raise UsageError(
                f"{book} is not finished: {stage.name} has not been done", remedy=f'Run first: run-pipeline "{book}"'
            )
    made_by = {name: stage for stage in stages for name in stage.makes}
    for step in publishing(pipeline, wanted):
        for name in step.needs:
            if not made_by[name].publishes and not (folder.path / name).is_file():
                raise UsageError(
                    f"{name} of {book} is missing in {folder.path}",
                    remedy=f'Make it again: run-pipeline "{book}" --from {made_by[name].name}',
                )


def what(stage: Stage) -> str:
    """What a publishing stage publishes, as a user calls it."""
    return _WHAT.get(stage.publishes, stage.name)


def unknown_stage(pipeline: Pipeline, folder: RunFolder) -> Stage | None:
    """The stage of which nobody knows whether it published, or None."""
    for stage in pipeline.stages:
        error = folder.record(stage.name).error
        failed = folder.checkpoint.get(stage.name) == "failed"
        if stage.publishes and failed and error is not None and error.kind == UploadUnknownError.__name__:
            return stage
    return None


def session_file(folder: RunFolder, stage: Stage, publisher: str) -> Path:
    """Where a publisher keeps what it knows of an upload that it has begun."""
    return folder.path / f"{stage.name}.parts" / f"{publisher}.json"


def may_be_elsewhere(steps: Iterable[Stage], folder: RunFolder, wanted: Wanted) -> Reason | None:
    """Return a warning if one of `steps` started an upload to another publisher and how that ended is unknown."""
    for stage in steps:
        if not stage.publishes:
            continue
        ended = {where.partition(" ")[0] for where in folder.record(stage.name).published}
        for path in sorted(session_file(folder, stage, "*").parent.glob("*.json")):
            if path.stem not in ended and path.stem != wanted.services.get("publisher"):
                return Reason(ReasonKind.MAYBE_PUBLISHED, {"product": what(stage), "publisher": path.stem})
    return None


def unresolved_upload(folder: RunFolder, stage: Stage) -> Reason:
    """Return what the plan says of a book whose `stage` may have published."""
    return Reason(ReasonKind.UPLOAD_UNRESOLVED, {"product": what(stage), "book": str(folder.item.book)})


def unresolved_upload_error(folder: RunFolder, stage: Stage) -> UsageError:
    book = folder.item.book
    return UsageError(
        f"It is not known whether the {what(stage)} of {book} was published",
        remedy=f'Say so with: pressrun resolve "{book}" --url URL, or --not-published',
    )

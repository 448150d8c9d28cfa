"""The declaration of a stage, and of a pipeline as an ordered tuple of stages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pressrun.errors import PipelineError

Checkpoint = Literal["success", "failed", "skipped"]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Cost:
    """The processors and the memory that a stage needs; without any it mostly waits for answers."""

    computes: bool = False
    """It keeps all its workers busy most of its time."""
    computes_with: tuple[tuple[str, int], ...] = ()
    """It also computes with these services, such as "transcriber:whisper", each with the processors it keeps busy."""
    computes_if: tuple[str, ...] = ()
    """With those services, only if a file that it needs says so: file name, keys that lead to a value, that value."""
    memory: int = 0
    """MB at its peak, besides those for pictures; 0 if it is too little to matter."""
    memory_per_megapixel: int = 0
    """MB more for each million pixels of the setting `resolution`."""
    memory_with: tuple[tuple[str, int], ...] = ()
    """MB more at its peak with these services, such as "voice:kokoro", until a peak is measured on this machine."""
    memory_for: tuple[tuple[str, str, str, int], ...] = ()
    """Service, setting, value, and MB in place of those of `memory_with`, e.g. for a larger model. A setting such as
    `owner/whisper-small` matches by its end."""


@dataclass(frozen=True)
class Rerun:
    """A stage runs again after a later one failed, because the remedy may be in this one: another source, say."""

    after: tuple[str, ...] = ()
    """Later stages."""
    errors: tuple[str, ...] = ()
    """Names of the error classes that count; empty for all."""


@dataclass(frozen=True)
class Stage:
    """One step of a pipeline. It always runs as a process of its own.

    `settings` and `services` name everything the stage may read of the kind. It cannot read anything else, so a changed
    setting makes exactly those stages stale that depend on it.
    """

    name: str
    run: str = ""
    """The module whose `run(work)` does the stage."""
    needs: tuple[str, ...] = ()
    """Files of the run folder that it reads."""
    makes: tuple[str, ...] = ()
    """Files of the run folder that must exist after a success. In these names and those of `needs`, `{setting}` is
    replaced by the value of a setting that the stage declares."""
    settings: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    """Kinds of service that it uses: source, transcriber, writer, voice, cover, publisher."""
    version: int = 1
    """Raised by hand when the stage makes something else from the same input."""
    attempts: int = 3
    """Only errors marked retryable are tried again."""
    timeout: float = 1800.0
    """Seconds one attempt may take."""
    enabled_by: str = ""
    """The setting that switches the stage on; if it is off, the checkpoint says `"skipped"`."""
    editable: tuple[str, ...] = ()
    """Products that people may edit: an edited one is kept, and what needs it is rebuilt."""
    workers: int = 1
    """How many parts of its work it may do at once."""
    cost: Cost = field(default_factory=Cost)
    rerun: Rerun = field(default_factory=Rerun)
    publishes: str = ""
    """For a stage that publishes: the field of the database that gets the URL."""
    receipt: str = ""
    """For a stage that publishes: the file among `makes` whose `url` is the published address."""

    def is_enabled(self, settings: Mapping[str, Any]) -> bool:
        """Return whether these settings switch the stage on."""
        return not self.enabled_by or bool(settings[self.enabled_by])

    def processors(self, services: Mapping[str, str]) -> int:
        """Return how many processors it keeps busy with `services` (kind -> name); 0 if it mostly waits."""
        if self.cost.computes:
            return max(1, self.workers)
        in_use = {f"{kind}:{services.get(kind)}" for kind in self.services}
        return max((number for service, number in self.cost.computes_with if service in in_use), default=0)

    def with_settings(self, settings: Mapping[str, Any]) -> Stage:
        """Return the stage with `{setting}` replaced in its file names."""

        def named(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(_PLACEHOLDER.sub(lambda found: str(settings[found[1]]), name) for name in names)

        return replace(self, needs=named(self.needs), makes=named(self.makes))


@dataclass(frozen=True)
class Pipeline:
    """A named, ordered tuple of stages; `pipeline` creates and checks it."""

    name: str
    stages: tuple[Stage, ...]
    given: tuple[str, ...] = ()
    """Files that are in the run folder before the first stage."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(stage.name for stage in self.stages)

    def index(self, name: str) -> int:
        return self.names.index(name)

    def with_settings(self, settings: Mapping[str, Any]) -> Pipeline:
        """Return the pipeline with `{setting}` replaced in all file names."""
        return replace(self, stages=tuple(stage.with_settings(settings) for stage in self.stages))


def pipeline(name: str, *stages: Stage, given: tuple[str, ...] = ()) -> Pipeline:
    """Return a checked pipeline; `given` names the files that are in the run folder before the first stage.

    Raises `PipelineError` if two stages have the same name or make the same file; if a stage needs a file that no
    earlier stage always makes (one that can be switched off does not); if a stage has no module; if a publishing stage
    has no receipt; or if a stage uses a setting, a service or a file that it does not declare.
    """
    makers = dict.fromkeys(given, "the caller")
    always_made = set(given)
    names: set[str] = set()
    for stage in stages:
        where = f"Pipeline {name}, stage {stage.name}"
        if stage.name in names:
            raise PipelineError(f"{where}: the name is used twice", remedy="Give each stage a name of its own.")
        for need in stage.needs:
            if need not in always_made:
                raise PipelineError(
                    f"{where}: needs {need}, which no earlier stage always makes",
                    remedy="Reorder the stages, or let an earlier one make the file.",
                )
        for product in stage.makes:
            if product in makers:
                raise PipelineError(
                    f"{where}: makes {product}, which {makers[product]} already makes",
                    remedy="Let only one stage make each file.",
                )
            makers[product] = stage.name
        _check_declarations(stage, where)
        names.add(stage.name)
        if not stage.enabled_by:
            always_made.update(stage.makes)
    return Pipeline(name, stages, given)


def _check_declarations(stage: Stage, where: str) -> None:
    """Raise `PipelineError` for a stage that contradicts itself."""
    placeholders = {name for each in (*stage.needs, *stage.makes) for name in _PLACEHOLDER.findall(each)}
    for setting in sorted(placeholders - set(stage.settings)):
        raise PipelineError(
            f"{where}: the name of a file contains the setting {setting}, which the stage does not declare",
            remedy="Add it to the settings of the stage.",
        )
    services = {service for service, _ in (*stage.cost.computes_with, *stage.cost.memory_with)}
    kinds = {service.partition(":")[0] for service in services | {each[0] for each in stage.cost.memory_for}}
    if not (kinds <= set(stage.services) and set(stage.cost.computes_if[:1]) <= set(stage.needs)):
        raise PipelineError(
            f"{where}: its cost depends on a service or a file that it does not declare",
            remedy="Add it to the services or the needs of the stage.",
        )
    if bool(stage.publishes) != bool(stage.receipt) or (stage.receipt and stage.receipt not in stage.makes):
        raise PipelineError(
            f"{where}: a publishing stage needs a receipt among the files it makes",
            remedy="Set both publishes and receipt.",
        )
    if not stage.run:
        raise PipelineError(f"{where}: has no module", remedy="Set run to the module of the stage.")

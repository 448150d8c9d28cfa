"""The declaration of a stage, and of a pipeline as an ordered tuple of stages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pressrun.errors import PipelineError

Checkpoint = Literal["success", "failed", "skipped"]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Stage:
    """One step of a pipeline. It always runs as a process of its own.

    `settings` and `services` name everything the stage may read of the kind: its `work` hands out nothing else, so
    that a changed setting makes exactly the stages stale that depend on it.
    """

    name: str
    run: str = ""
    """The module whose `run(work)` does the stage."""
    needs: tuple[str, ...] = ()
    """Files of the run folder that it reads."""
    makes: tuple[str, ...] = ()
    """Files of the run folder that must exist after a success. In these names and those of `needs`, `{setting}` stands
    for the value of a setting that the stage declares."""
    settings: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    """Kinds of service that it uses: source, transcriber, writer, voice, cover, publisher."""
    version: int = 1
    """Raised by hand when the stage makes something else of the same input."""
    attempts: int = 3
    """Total tries; only errors marked retryable are tried again."""
    timeout: float = 1800.0
    """Seconds one attempt may take."""
    optional: bool = False
    """A failure becomes a warning and the run goes on."""
    when: str = ""
    """The setting that switches the stage on; off means `"skipped"`."""
    revisits: tuple[str, ...] = ()
    """It runs again when one of these later stages failed: the remedy may lie in what it looks at."""
    revisits_after: tuple[str, ...] = ()
    """Names of the errors for which it does; empty stands for all of them."""
    editable: tuple[str, ...] = ()
    """Products that people may edit: a changed one is kept, and what needs it is made anew."""
    workers: int = 1
    """How many parts it may do at once inside itself."""
    processor: bool = False
    """It computes on `workers` processors most of its time; other stages mostly wait for somebody's answer."""
    processor_with: tuple[tuple[str, int], ...] = ()
    """Services, as "transcriber:whisper", with which it computes too, each with the processors that it keeps busy."""
    processor_where: tuple[str, ...] = ()
    """And only where a file that it needs says so: its name, the fields that lead to a value, and that value."""
    memory: int = 0
    """MB that it needs at its peak, beside those for its pictures. 0 where that is too little to matter."""
    memory_per_megapixel: int = 0
    """MB more for each million pixels of a picture, for a stage that reads the setting `resolution`."""
    publishes: str = ""
    """The field of the database that gets the URL, for a step that publishes."""
    receipt: str = ""
    """The file among `makes` whose `url` is the published address."""
    command: tuple[str, ...] = ()
    """What to start instead of `run`, for a stage that is not Python."""

    def processors(self, services: Mapping[str, str]) -> int:
        """How many it keeps busy where `services` (kind -> name) are in use; 0 for a stage that mostly waits."""
        if self.processor:
            return max(1, self.workers)
        in_use = {f"{kind}:{services.get(kind)}" for kind in self.services}
        return max((number for service, number in self.processor_with if service in in_use), default=0)

    def with_settings(self, settings: Mapping[str, Any]) -> Stage:
        """The stage with the names of its files as these settings make them."""

        def named(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(_PLACEHOLDER.sub(lambda found: str(settings[found[1]]), name) for name in names)

        return replace(self, needs=named(self.needs), makes=named(self.makes))


@dataclass(frozen=True)
class Pipeline:
    """A named, ordered tuple of stages; made by `pipeline`, which checks it."""

    name: str
    stages: tuple[Stage, ...]
    given: tuple[str, ...] = ()
    """Files that lie in the run folder before the first stage."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(stage.name for stage in self.stages)

    def index(self, name: str) -> int:
        return self.names.index(name)

    def with_settings(self, settings: Mapping[str, Any]) -> Pipeline:
        """The pipeline with the names of all files as these settings make them."""
        return replace(self, stages=tuple(stage.with_settings(settings) for stage in self.stages))


def pipeline(name: str, *stages: Stage, given: tuple[str, ...] = ()) -> Pipeline:
    """A checked pipeline; `given` names the files that lie in the run folder before the first stage.

    Raises `PipelineError` when two stages share a name, two make the same file, a stage needs a file that no sure
    earlier stage makes (an optional or switched stage is not sure), a publishing stage has no receipt, or a setting,
    a service or a file stands for something in a stage that does not declare it.
    """
    made = dict.fromkeys(given, "whoever makes the run folder")
    sure = set(given)
    seen: set[str] = set()
    for stage in stages:
        where = f"Pipeline {name}, stage {stage.name}"
        if stage.name in seen:
            raise PipelineError(f"{where}: the name is used twice", remedy="Give each stage a name of its own.")
        for need in stage.needs:
            if need not in sure:
                raise PipelineError(
                    f"{where}: needs {need}, which no sure earlier stage makes",
                    remedy="Reorder the stages, or let an earlier one make the file.",
                )
        for product in stage.makes:
            if product in made:
                raise PipelineError(
                    f"{where}: makes {product}, which {made[product]} makes too", remedy="Let one stage make each file."
                )
            made[product] = stage.name
        unknown = {name for each in (*stage.needs, *stage.makes) for name in _PLACEHOLDER.findall(each)}
        for setting in sorted(unknown - set(stage.settings)):
            raise PipelineError(
                f"{where}: names a file after the setting {setting}, which it does not declare",
                remedy="Add it to the settings of the stage.",
            )
        kinds = {service.partition(":")[0] for service, _ in stage.processor_with}
        if not (kinds <= set(stage.services) and set(stage.processor_where[:1]) <= set(stage.needs)):
            raise PipelineError(
                f"{where}: computes by a service or a file that it does not declare",
                remedy="Add it to the services or the needs of the stage.",
            )
        if bool(stage.publishes) != bool(stage.receipt) or (stage.receipt and stage.receipt not in stage.makes):
            raise PipelineError(
                f"{where}: a publishing stage names a receipt among the files it makes",
                remedy="Set both publishes and receipt.",
            )
        if not (stage.run or stage.command):
            raise PipelineError(f"{where}: has neither run nor command", remedy="Name the module that does the stage.")
        seen.add(stage.name)
        if not (stage.optional or stage.when):
            sure.update(stage.makes)
    return Pipeline(name, stages, given)

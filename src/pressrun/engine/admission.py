"""Decide which stages of a batch may run at once: those that compute share the processors and the free memory.

A stage that mostly waits for answers runs as soon as its book comes to it. A stage that computes starts when enough
processors are idle and, if it declares how much memory it needs, that much is free; it always starts if no other one
is running. The stage that has waited longest comes first, so that small stages cannot overtake a large one for ever. A
stage that has finished computing and only sends its result releases its processors before it ends.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pressrun.engine.free_memory import free_memory
from pressrun.engine.stop import StopToken
from pressrun.errors import BrokenFileError
from pressrun.model.picture_size import parse_size
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Stage
from pressrun.store import json_files
from pressrun.store.measurements import Measurement

RESERVED_MEMORY = 256
"""MB of free memory that stay free for everything else on the machine."""
MEMORY_SETTLING_TIME = 15.0
"""Seconds until the memory of a stage that just started shows in what the system reports as used.

Until then its declared need is subtracted from the free memory, or several large stages would start at once and
together use more than there is.
"""
POLL_INTERVAL = 0.05
"""Seconds between two checks whether a waiting stage may start. Free memory changes without telling anyone."""


def available_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processors_needed(stage: Stage, services: Mapping[str, str], folder: Path) -> int:
    """Return how many processors `stage` keeps busy on the run folder at `folder`; 0 if it mostly waits.

    Whether a transcription computes depends on what search chose: captions are only read, speech is recognized. If
    captions turn out to be unreadable, the stage recognizes speech without a turn. That is rare, and asking for a turn
    then would need a way back from the stage to the engine.
    """
    number = stage.processors(services)
    if stage.cost.computes or not stage.cost.computes_if or not number:
        return number
    name, *keys, wanted = stage.cost.computes_if
    value: Any = None
    with suppress(BrokenFileError):  # the stage itself reports what is wrong with it
        value = json_files.load_plain(folder / name)
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return number if value == wanted else 0


MEASURED_RESERVE = 1.1
"""Memory that is reserved for a stage, relative to the highest measured peak: the next input may need a little more."""


def memory_needed(
    stage: Stage,
    settings: Mapping[str, Any],
    services: Mapping[str, str],
    measured: Mapping[str, Measurement] = MappingProxyType({}),
) -> int:
    """Return the MB that `stage` needs with these settings and services (kind -> name).

    What its services declare is replaced by what was `measured` (`memory_key` -> measurement), because the memory of a
    model depends on the machine. The rest of the declaration is the minimum: it follows from the size of the pictures.
    """
    # An invalid size needs nothing here; the stage itself reports it.
    width, height = parse_size(str(settings.get("resolution", ""))) or (0, 0)
    pictures = round(stage.cost.memory_per_megapixel * width * height / 1e6)
    least = stage.cost.memory + pictures
    key = memory_key(stage, settings, services)
    if key in measured and measured[key].memory:
        return max(least, round(measured[key].memory * MEASURED_RESERVE))
    used = _services_with_memory(stage, services)
    with_services = {service: memory for service, memory in stage.cost.memory_with if service in used}
    for service, name, value, memory in stage.cost.memory_for:
        parts = value.split("-")
        if service in used and re.split(r"[/\\-]", str(settings.get(name, "")))[-len(parts):] == parts:
            with_services[service] = memory
    return least + sum(with_services.values())


def memory_key(stage: Stage, settings: Mapping[str, Any], services: Mapping[str, str]) -> str:
    """Return the name under which the measured peak of a stage is stored; empty if it declares no memory."""
    used = _services_with_memory(stage, services)
    if (stage.cost.memory_with and not used) or not (stage.cost.memory or used):
        return ""
    names = {name: None for service, name, _, _ in stage.cost.memory_for if service in used}
    if stage.cost.memory_per_megapixel:
        names |= dict.fromkeys(("resolution", "video_codec"))
    return " ".join((f"stage:{stage.name}", *used, *(f"{name}={settings.get(name, '')}" for name in names)))


def _services_with_memory(stage: Stage, services: Mapping[str, str]) -> list[str]:
    in_use = {f"{kind}:{services.get(kind)}" for kind in stage.services}
    return [service for service, _ in stage.cost.memory_with if service in in_use]


@dataclass(eq=False)
class _Turn:
    """A stage that waits or runs."""

    processors: int
    memory: int
    """MB."""
    alone: bool = False
    """Whether no other stage may run at the same time."""
    started: float = 0.0


@dataclass
class Admission:
    """Starts the computing stages of one batch. At most `limit` run at once; 0 leaves that to the processors."""

    limit: int = 0
    cores: int = field(default_factory=available_processors)
    free: Callable[[], int] = free_memory
    """Returns the free memory in MB."""
    clock: Callable[[], float] = time.monotonic
    _running: list[_Turn] = field(default_factory=list)
    _waiting: list[_Turn] = field(default_factory=list)
    """In the order in which they came."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def turn(
        self, processors: int, memory: int, stop: StopToken, on_wait: Callable[[Reason], None], *, alone: bool = False
    ) -> Iterator[Callable[[], None] | None]:
        """Wait until a stage may run that keeps `processors` busy and needs `memory` MB; 0 processors never wait.

        With `alone`, it waits until no other stage runs, and none starts while it runs.

        The stage holds its place during the block, or until it calls what is yielded. Yields None if `stop` came first.
        `on_wait` is called with what the stage waits for, each time that changes.
        """
        turn = _Turn(max(processors, int(alone)), memory, alone)
        try:
            may_run = self._wait(turn, stop, on_wait) if turn.processors else not stop.no_new_stages
            yield partial(self._release, turn) if may_run else None
        finally:
            self._release(turn)

    def _release(self, turn: _Turn) -> None:
        with self._lock:
            for turns in (self._waiting, self._running):
                if turn in turns:
                    turns.remove(turn)

    def _wait(self, turn: _Turn, stop: StopToken, on_wait: Callable[[Reason], None]) -> bool:
        with self._lock:
            self._waiting.append(turn)
        reported: ReasonKind | None = None
        while not stop.no_new_stages:
            with self._lock:
                blocked_by = self._blocked_by(turn)
                if blocked_by is None:
                    turn.started = self.clock()
                    self._waiting.remove(turn)
                    self._running.append(turn)
                    return True
            # Outside the lock: an observer may take its time, and others may start or release meanwhile.
            if blocked_by.kind is not reported:
                reported = blocked_by.kind
                on_wait(blocked_by)
            stop.wait(POLL_INTERVAL)
        return False

    def _blocked_by(self, turn: _Turn) -> Reason | None:
        """Return what a turn has to wait for now, or None."""
        is_first = self._waiting[0] is turn
        if is_first and not self._running:
            # Even if it needs more than there is: waiting would not change that, and the batch would never end.
            return None
        if not is_first or not self._has_processor(turn):
            return Reason(ReasonKind.NO_FREE_PROCESSOR)
        if turn.memory:
            free = max(0, self.free() - RESERVED_MEMORY - self._unsettled_memory())
            if free < turn.memory:
                return Reason(ReasonKind.NOT_ENOUGH_MEMORY, {"needed": turn.memory, "free": free})
        return None

    def _has_processor(self, turn: _Turn) -> bool:
        if turn.alone or any(each.alone for each in self._running):
            return not self._running
        if self.limit:
            return len(self._running) < self.limit
        return sum(each.processors for each in self._running) + turn.processors <= self.cores

    def _unsettled_memory(self) -> int:
        """MB that stages will use that started a moment ago, and that still count as free."""
        now = self.clock()
        return sum(each.memory for each in self._running if now - each.started < MEMORY_SETTLING_TIME)

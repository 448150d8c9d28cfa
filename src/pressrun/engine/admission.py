"""Which stages of a batch may run at once: those that compute share the processors and the free memory.

A stage that waits for somebody's answer runs whenever its book comes to it. One that needs the processor is let in
when the processors have room for it and, where it declares what memory it needs, when that much is free; it is always
let in when no other is running. The one that has waited longest comes first, so that a large stage is not passed over
by small ones for ever. A stage that has done its computing, and only sends what it made, gives its place back before it
ends.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pressrun.engine.free_memory import free_memory
from pressrun.engine.stop import StopToken
from pressrun.errors import BrokenFileError
from pressrun.model.picture_size import parse_size
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Stage
from pressrun.store import json_files

RESERVE = 256
"""MB of free memory that are left to everything else on the machine."""
SETTLES = 15.0
"""Seconds after which the memory of a stage that was let in is taken to show in what the system reports as free."""
LOOKS_EVERY = 0.05
"""Seconds between two looks at whether a stage that waits may begin."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processors_needed(stage: Stage, services: Mapping[str, str], folder: Path) -> int:
    """How many processors `stage` will keep busy on the run folder at `folder`; 0 where it mostly waits.

    A transcription is known by what search chose. Where those captions turn out to be unreadable, and sound is written
    down in their place, it runs without a turn: it is rare, and to ask for one would take a way back to the stage.
    """
    number = stage.processors(services)
    if stage.processor or not stage.processor_where or not number:
        return number
    name, *fields, wanted = stage.processor_where
    value: Any = None
    with suppress(BrokenFileError):  # the stage itself says what is wrong with it
        value = json_files.load_plain(folder / name)
    for each in fields:
        value = value.get(each) if isinstance(value, dict) else None
    return number if value == wanted else 0


def memory_needed(stage: Stage, settings: Mapping[str, Any]) -> int:
    """MB that `stage` declares it needs with these settings."""
    # What is no size at all needs nothing: the stage itself says what is wrong with it.
    width, height = parse_size(str(settings.get("resolution", ""))) or (0, 0)
    return stage.memory + round(stage.memory_per_megapixel * width * height / 1e6)


@dataclass(eq=False)
class _Turn:
    """One stage that waits or runs."""

    processors: int
    memory: int
    """MB."""
    began: float = 0.0


@dataclass
class Admission:
    """Lets the stages of one batch in. `limit` is how many that compute may run at once, 0 for as the processors allow.

    `free` gives the free memory in MB.
    """

    limit: int = 0
    cores: int = field(default_factory=processors)
    free: Callable[[], int] = free_memory
    clock: Callable[[], float] = time.monotonic
    _running: list[_Turn] = field(default_factory=list)
    _line: list[_Turn] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def turn(
        self, processors: int, memory: int, stop: StopToken, says: Callable[[Reason], None]
    ) -> Iterator[Callable[[], None] | None]:
        """Waits until a stage may run that keeps `processors` busy and needs `memory` MB; at once for 0 processors.

        Holds its place during the block, or until what is yielded is called. Yields None when `stop` came first.
        `says` is told what it waits for, each time that this is another thing.
        """
        turn = _Turn(processors, memory)
        try:
            may_run = self._wait(turn, stop, says) if processors else not stop.nothing_new
            yield partial(self._give_back, turn) if may_run else None
        finally:
            self._give_back(turn)

    def _give_back(self, turn: _Turn) -> None:
        with self._lock:
            for where in (self._line, self._running):
                if turn in where:
                    where.remove(turn)

    def _wait(self, turn: _Turn, stop: StopToken, says: Callable[[Reason], None]) -> bool:
        with self._lock:
            self._line.append(turn)
        told: ReasonKind | None = None
        while not stop.nothing_new:
            with self._lock:
                obstacle = self._obstacle(turn)
                if obstacle is None:
                    turn.began = self.clock()
                    self._line.remove(turn)
                    self._running.append(turn)
                    return True
            if obstacle.kind is not told:
                told = obstacle.kind
                says(obstacle)
            stop.wait(LOOKS_EVERY)
        return False

    def _obstacle(self, turn: _Turn) -> Reason | None:
        """Return what a turn has to wait for now, or None."""
        if not self._running and self._line[0] is turn:
            return None
        if self._line[0] is not turn or not self._has_room(turn):
            return Reason(ReasonKind.NO_FREE_PROCESSOR)
        if turn.memory:
            free = max(0, self.free() - RESERVE - self._not_yet_taken())
            if free < turn.memory:
                return Reason(ReasonKind.NOT_ENOUGH_MEMORY, {"needed": turn.memory, "free": free})
        return None

    def _has_room(self, turn: _Turn) -> bool:
        if self.limit:
            return len(self._running) < self.limit
        return sum(each.processors for each in self._running) + turn.processors <= self.cores

    def _not_yet_taken(self) -> int:
        """MB that stages let in a moment ago will take, and that still count as free."""
        now = self.clock()
        return sum(each.memory for each in self._running if now - each.began < SETTLES)

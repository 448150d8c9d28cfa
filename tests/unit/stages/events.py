"""Records the events of a stage."""

from __future__ import annotations

from typing import TypeVar

from pressrun.model.stage_protocol import Fact, Note, Progress, Reads, StageEvent
from pressrun.stages.work import EventPipe

E = TypeVar("E", bound=StageEvent)


class Recorder(EventPipe):
    """Keeps every event that a stage sends."""

    def __init__(self) -> None:
        super().__init__(None)
        self.sent: list[StageEvent] = []

    def send(self, event: StageEvent) -> None:
        self.sent.append(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.sent if isinstance(event, kind)]

    @property
    def notes(self) -> list[str]:
        return [note.text for note in self.of(Note)]

    @property
    def facts(self) -> dict[str, str]:
        return {fact.name: fact.value for fact in self.of(Fact)}

    @property
    def read(self) -> list[str]:
        return [each.path for each in self.of(Reads)]

    @property
    def steps(self) -> list[tuple[float, float]]:
        """(done, total) of each progress."""
        return [(each.done, each.total) for each in self.of(Progress)]

"""The protocol between the engine and the process of a stage.

The engine starts `python -m pressrun.stages STAGE RUN_FOLDER` with a `Task` as JSON in the environment. The stage
writes events to a pipe as JSON lines, such as `{"event": "note", "text": "..."}`, and exits with 0 after a success.
"""

from __future__ import annotations

import json
import math
from typing import Any, cast

import msgspec

from pressrun.model.conversion import convert
from pressrun.redaction import redact

TASK_VARIABLE = "PRESSRUN_TASK"
EVENTS_DESCRIPTOR = 3
MAX_EVENT_BYTES = 1 << 16
"""A longer event is dropped."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Input of the process of a stage, besides its run folder."""

    stage: str
    run: str
    """The module whose `run(work)` does the stage."""
    workspace: str
    settings: tuple[str, ...] = ()
    """Names of the settings it may read."""
    services: tuple[str, ...] = ()
    """Kinds of service it may use."""
    workers: int = 1
    version: int = 1
    marker: str = ""
    """Names this publication, for publishing stages."""
    values: dict[str, Any] = {}
    """Settings that replace those of the run folder."""


class Progress(msgspec.Struct, frozen=True, tag_field="event", tag="progress"):
    """`done` of `total` units; a total of 0 means unknown."""

    done: float
    total: float
    unit: str


class Note(msgspec.Struct, frozen=True, tag_field="event", tag="note"):
    """A sentence for the user."""

    text: str
    warning: bool = False
    """Whether it is stored, and repeated in the summary, in the report and in later plans."""


class Fact(msgspec.Struct, frozen=True, tag_field="event", tag="fact"):
    """Something about how a product was made, for `stages.json`."""

    name: str
    value: str


class Computed(msgspec.Struct, frozen=True, tag_field="event", tag="computed"):
    """From now on the stage only waits for answers, so another stage may use its processors."""


class TimeLimit(msgspec.Struct, frozen=True, tag_field="event", tag="time_limit"):
    """This attempt may take at least so many seconds, because its input is large."""

    seconds: float


class Reads(msgspec.Struct, frozen=True, tag_field="event", tag="reads"):
    """The stage depends on a file outside the run folder, or on the names in a folder (a path that ends in "/")."""

    path: str
    sha256: str


class Failure(msgspec.Struct, frozen=True, tag_field="event", tag="error"):
    """The error that ends the stage, with the fields of an `ErrorReport`."""

    kind: str
    message: str
    remedy: str
    retryable: bool


StageEvent = Progress | Note | Fact | Computed | TimeLimit | Reads | Failure

# The `json` of the standard library, because it carries the surrogates of file names that are not UTF-8.


def encode_task(task: Task) -> str:
    return json.dumps(msgspec.to_builtins(task))


def decode_task(text: str) -> Task:
    return convert(json.loads(text), Task)


def encode_event(event: StageEvent) -> bytes:
    """Return the line of an event, without secrets."""
    plain: dict[str, Any] = msgspec.to_builtins(event)
    shown = {name: redact(value) if isinstance(value, str) else value for name, value in plain.items()}
    return json.dumps(shown).encode() + b"\n"


def decode_event(line: bytes) -> StageEvent | None:
    """Return the event of a line, or None for any other text: a stage may write anything to its pipe."""
    try:
        event: StageEvent = convert(json.loads(line), cast(Any, StageEvent))
        numbers = {Progress: ("done", "total"), TimeLimit: ("seconds",)}.get(type(event), ())
        finite = all(math.isfinite(getattr(event, name)) for name in numbers)
    except (ValueError, OverflowError, RecursionError):
        return None
    return event if finite else None

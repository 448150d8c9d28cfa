"""Transcribers: name -> module with `ready` and `write_down`. The order is that of preference for "auto"."""

from __future__ import annotations

from pressrun.services.protocols import Transcriber
from pressrun.services.transcribers import none as none

TRANSCRIBERS: dict[str, Transcriber] = {"none": none}

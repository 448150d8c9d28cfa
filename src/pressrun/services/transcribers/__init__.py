"""Transcribers: name -> module with `ready` and `write_down`. The order is that of preference for "auto"."""

from __future__ import annotations

from pressrun.services.protocols import Transcriber
from pressrun.services.transcribers import none as none
from pressrun.services.transcribers import pocketsphinx, whisper

TRANSCRIBERS: dict[str, Transcriber] = {"whisper": whisper, "pocketsphinx": pocketsphinx, "none": none}

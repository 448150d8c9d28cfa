"""Transcribers: name -> module. If the setting is "auto", the first one that is ready is used."""

from __future__ import annotations

from pressrun.services.protocols import Transcriber
from pressrun.services.registry import Registry

TRANSCRIBERS: Registry[Transcriber] = Registry(__name__, "whisper", "pocketsphinx", "none")

"""Voices: name -> module. If the setting is "auto", the first one that is ready is used."""

from __future__ import annotations

from pressrun.services.protocols import Voice
from pressrun.services.registry import Registry

VOICES: Registry[Voice] = Registry(__name__, "openai", "kokoro", "piper", "gtts", "espeak", "edge")

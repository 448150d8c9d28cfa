"""Voices: name -> module with `ready` and `speak`."""

from __future__ import annotations

from pressrun.services.protocols import Voice
from pressrun.services.voices import espeak as espeak

VOICES: dict[str, Voice] = {"espeak": espeak}

"""Voices: name -> module with `ready` and `speak`. The order is that of preference when the setting is "auto"."""

from __future__ import annotations

from pressrun.services.protocols import Voice
from pressrun.services.voices import espeak as espeak
from pressrun.services.voices import gtts as gtts
from pressrun.services.voices import openai as openai

VOICES: dict[str, Voice] = {"openai": openai, "gtts": gtts, "espeak": espeak}

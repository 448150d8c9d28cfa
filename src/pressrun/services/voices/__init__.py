"""Voices: name -> module. If the setting is "auto", the first one that is ready is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.services.protocols import Voice
from pressrun.services.registry import Registry

VOICES: Registry[Voice] = Registry(__name__, "openai", "gtts", "espeak")

if TYPE_CHECKING:  # that each is what a voice must be
    from pressrun.services.voices import espeak, gtts, openai

    _MODULES: tuple[Voice, ...] = (openai, gtts, espeak)

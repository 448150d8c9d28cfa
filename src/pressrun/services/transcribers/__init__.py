"""Transcribers: name -> module. If the setting is "auto", the first one that is ready is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.services.protocols import Transcriber
from pressrun.services.registry import Registry

TRANSCRIBERS: Registry[Transcriber] = Registry(__name__, "whisper", "pocketsphinx", "none")

if TYPE_CHECKING:  # that each is what a transcriber must be
    from pressrun.services.transcribers import none, pocketsphinx, whisper

    _MODULES: tuple[Transcriber, ...] = (whisper, pocketsphinx, none)

"""Transcribe offline with faster-whisper and a model on this machine. Nothing is downloaded.

The extra "whisper" includes a small model for English; `pressrun models get` downloads others.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pressrun.error_reports import error_text
from pressrun.errors import ServiceUnavailableError, SourceError
from pressrun.model.script import Segment
from pressrun.services.languages import parse_language
from pressrun.services.protocols import Context, Progress, Readiness
from pressrun.services.transcribers.decoding import decode_audio, media_seconds
from pressrun.services.transcribers.models import is_english_only, model_folder

NAME = "whisper"
NEEDS_NETWORK = False
LOW_QUALITY = False
_DAMAGED = "Get the model again with: pressrun models get NAME, or set whisper_model to another."


def ready(context: Context) -> Readiness:
    """Check for the library and the files of the model without importing either."""
    from importlib.util import find_spec

    model = str(context.settings.get("whisper_model", "")).strip()
    if find_spec("faster_whisper") is None:
        remedy = "Install it: pip install 'pressrun[whisper]'"
        return Readiness(False, "faster-whisper is not installed", remedy, configured=bool(model))
    try:
        language = parse_language(str(context.settings.get("language", "auto"))) or "auto"
        folder = model_folder(model, context.workspace, language)
    except ServiceUnavailableError as error:
        return Readiness(False, error.message, error.remedy, configured=bool(model))
    languages = "English only" if is_english_only(folder) else "many languages"
    return Readiness(True, f"the model in {folder}; {languages}; needs no network", configured=bool(model))


def transcribe(media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:
    """Return the segments of the speech in `media`.

    Raises `ServiceUnavailableError` if the model is missing or does not support the language, and `SourceError` if no
    speech is recognized.
    """
    import numpy as np

    folder = model_folder(str(context.settings.get("whisper_model", "")), context.workspace, language)
    os.environ["HF_HUB_OFFLINE"] = "1"
    from faster_whisper import WhisperModel

    total = media_seconds(media)
    sound = np.concatenate([np.zeros(0, np.int16), *(np.frombuffer(piece, "<i2") for piece in decode_audio(media))])
    try:
        model = WhisperModel(str(folder), device="auto", compute_type="default", local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise ServiceUnavailableError(
            f"The model in {folder} cannot be used: {error_text(error)[:200]}", remedy=_DAMAGED
        ) from error
    code = None if language == "auto" else re.split("[-_]", language.lower())[0]
    try:
        pieces, _ = model.transcribe(sound.astype(np.float32) / 32768, language=code)
        found = []
        for piece in pieces:
            progress(min(float(piece.end), total), total, "seconds")
            if text := " ".join(str(piece.text).split()):
                found.append(Segment(text, round(float(piece.start), 2), round(float(piece.end), 2)))
    except ValueError as error:
        raise SourceError(
            f"{media.name} cannot be transcribed: {error_text(error)[:200]}",
            remedy="Set language to auto, or use a model that supports the language.",
        ) from error
    if not found:
        raise SourceError(f"{media.name}: no speech was recognized", remedy="Put its text next to it as .txt.")
    return tuple(found)

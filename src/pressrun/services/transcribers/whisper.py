"""Transcribe offline with faster-whisper and a model on this machine. Nothing is downloaded.

The extra "whisper" includes a small model for English; `pressrun models get` downloads others.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from pressrun.error_reports import error_text
from pressrun.errors import ServiceUnavailableError, SourceError
from pressrun.model.script import Segment
from pressrun.services.languages import parse_language
from pressrun.services.protocols import Context, Progress, Readiness
from pressrun.services.transcribers.features import BlockwiseExtractor
from pressrun.services.transcribers.models import is_english_only, load_model, model_folder
from pressrun.services.transcribers.transcription import transcribe_media

NAME = "whisper"
NEEDS_NETWORK = False
LOW_QUALITY = False


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
    folder = model_folder(str(context.settings.get("whisper_model", "")), context.workspace, language)
    code = "auto" if language == "auto" else re.split("[-_]", language.lower())[0]
    try:
        found = transcribe_media(
            media, code, _model_identity(folder), lambda: _load_model(folder), progress, context
        )
    except ValueError as error:
        raise SourceError(
            f"{media.name} cannot be transcribed: {error_text(error)[:200]}",
            remedy="Set language to auto, or use a model that supports the language.",
        ) from error
    return tuple(
        Segment(each.segment.text, round(each.segment.start, 2), round(each.segment.end, 2)) for each in found
    )


def _load_model(folder: Path) -> Any:
    model = load_model(folder)
    model.feature_extractor = BlockwiseExtractor(model.feature_extractor)
    return model


def _model_identity(folder: Path) -> tuple[str, ...]:
    """Return what tells apart models whose words may differ: versions of the libraries, and the size and ends of the
    model file."""
    from importlib.metadata import version

    path = folder / "model.bin"
    size, edge = path.stat().st_size, 1 << 20
    with path.open("rb") as file:
        digest = hashlib.sha256(file.read(edge))
        file.seek(max(0, size - edge))
        digest.update(file.read())
    return version("faster-whisper"), version("ctranslate2"), str(size), digest.hexdigest()

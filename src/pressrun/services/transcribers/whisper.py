"""Transcribe offline with faster-whisper and a model on this machine. Nothing is downloaded.

The extra "whisper" includes a small model for English; `pressrun models get` downloads others.
"""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path
from typing import Any

from pressrun.error_reports import error_text
from pressrun.errors import ServiceUnavailableError, SourceError
from pressrun.model.script import Segment
from pressrun.services.languages import parse_language
from pressrun.services.protocols import Context, Progress, Readiness
from pressrun.services.transcribers.features import BlockwiseExtractor
from pressrun.services.transcribers.models import (
    is_english_only,
    load_model,
    measurement_name,
    model_folder,
    model_name,
    peak_memory,
)
from pressrun.services.transcribers.transcription import transcribe_media
from pressrun.store.measurements import record_measurement

NAME = "whisper"
NEEDS_NETWORK = False
LOW_QUALITY = False
MIN_MEASURED_SECONDS = 60.0
"""Sound of a recording below which its speed says little about the next one."""


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
        return Readiness(False, error.message[0].lower() + error.message[1:], error.remedy, configured=bool(model))
    languages = "English only" if is_english_only(folder) else "many languages"
    return Readiness(True, f"the model {model_name(folder)}; {languages}; needs no network", configured=bool(model))


def transcribe(media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:
    """Return the segments of the speech in `media`.

    Raises `ServiceUnavailableError` if the model is missing or does not support the language, and `SourceError` if no
    speech is recognized.
    """
    folder = model_folder(str(context.settings.get("whisper_model", "")), context.workspace, language)
    code = "auto" if language == "auto" else re.split("[-_]", language.lower())[0]
    meter = SpeedMeter(progress)

    def load() -> Any:
        meter.is_counting = True
        return _load_model(folder)

    try:
        found = transcribe_media(media, code, _model_identity(folder), load, meter.on_progress, context)
    except ValueError as error:
        raise SourceError(
            f"{media.name} cannot be transcribed: {error_text(error)[:200]}",
            remedy="Set language to auto, or use a model that supports the language.",
        ) from error
    if meter.is_counting:
        record_measurement(measurement_name(folder), memory=peak_memory(), speed=meter.speed())
    return tuple(
        Segment(each.segment.text, round(each.segment.start, 2), round(each.segment.end, 2)) for each in found
    )


class SpeedMeter:
    """Passes progress on, and measures it from the moment at which the model is loaded."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._positions: list[tuple[float, float]] = []
        """First and latest position in the sound, each with its time."""
        self.is_counting = False

    def on_progress(self, done: float, total: float, unit: str) -> None:
        self._progress(done, total, unit)
        if self.is_counting:
            self._positions = [*self._positions[:1], (done, time.perf_counter())]

    def speed(self) -> float:
        """Return the seconds that a second of sound took, or 0 if there was too little of it."""
        if len(self._positions) < 2:
            return 0.0
        (first, started), (last, ended) = self._positions
        return (ended - started) / (last - first) if last - first >= MIN_MEASURED_SECONDS else 0.0


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

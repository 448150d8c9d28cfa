"""Transcribe many languages offline with faster-whisper and a model on this machine. Nothing is downloaded."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pressrun.error_reports import error_text
from pressrun.errors import ServiceUnavailableError, SourceError
from pressrun.model.script import Segment
from pressrun.services.protocols import Context, Progress, Readiness
from pressrun.services.transcribers.decoding import decode_audio, media_seconds

NAME = "whisper"
NEEDS_NETWORK = False
LOW_QUALITY = False
REQUIRED_FILES = ("model.bin", "tokenizer.json")
"""Files of a model folder. The library would download a missing tokenizer."""
DOWNLOAD_HINT = "Download one, e.g. with: hf download Systran/faster-whisper-small"


def ready(context: Context) -> Readiness:
    """Check for the library and the files of the model without importing either."""
    from importlib.util import find_spec

    model = str(context.settings.get("whisper_model", "")).strip()
    if find_spec("faster_whisper") is None:
        remedy = "Install it: pip install 'pressrun[whisper]'"
        return Readiness(False, "faster-whisper is not installed", remedy, configured=bool(model))
    if not model:
        return Readiness(False, "whisper_model is not set", f"Set whisper_model to a folder or name. {DOWNLOAD_HINT}")
    try:
        folder = model_folder(model, context.workspace)
    except ServiceUnavailableError as error:
        return Readiness(False, error.message, error.remedy, configured=True)
    return Readiness(True, f"the model in {folder}; needs no network", configured=True)


def transcribe(media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:
    """Return the segments of the speech in `media`.

    Raises `ServiceUnavailableError` if the model is missing, and `SourceError` if no speech is recognized.
    """
    import numpy as np

    folder = model_folder(str(context.settings["whisper_model"]).strip(), context.workspace)
    os.environ["HF_HUB_OFFLINE"] = "1"
    from faster_whisper import WhisperModel

    total = media_seconds(media)
    sound = np.concatenate([np.zeros(0, np.int16), *(np.frombuffer(piece, "<i2") for piece in decode_audio(media))])
    try:
        model = WhisperModel(str(folder), device="auto", compute_type="default", local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise ServiceUnavailableError(
            f"The model in {folder} cannot be used: {error_text(error)[:200]}", remedy=DOWNLOAD_HINT
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


def model_folder(model: str, workspace: Path) -> Path:
    """Return the folder of a model, given by its path or by its name in the Hugging Face cache.

    Raises `ServiceUnavailableError` if it is not on this machine: it is never downloaded.
    """
    folder = workspace / Path(model).expanduser()
    if _is_path(model):
        if not folder.is_dir():
            raise ServiceUnavailableError(
                f"Setting whisper_model: folder not found: {folder}", remedy=f"Fix the path. {DOWNLOAD_HINT}"
            )
        return _is_complete(folder)
    if found := _cached_model(model) or (folder if folder.is_dir() else None):
        return _is_complete(found)
    raise ServiceUnavailableError(
        f'Setting whisper_model: model "{model}" is not on this machine', remedy=f"{DOWNLOAD_HINT}; or set its folder."
    )


def _is_complete(folder: Path) -> Path:
    for name in REQUIRED_FILES:
        if not (folder / name).is_file():
            raise ServiceUnavailableError(
                f"Setting whisper_model: {folder} has no {name}", remedy=f"Use a complete model folder. {DOWNLOAD_HINT}"
            )
    return folder


def _is_path(model: str) -> bool:
    """Return whether `model` can only be a folder; `owner/name` may also be a model in the cache."""
    return model.startswith((".", "~", "/")) or model.count("/") > 1 or "\\" in model or Path(model).is_absolute()


def _cached_model(model: str) -> Path | None:
    """Return the snapshot of a model in the cache, with any owner if only a name is given."""
    owner, _, name = model.rpartition("/")
    if not re.fullmatch(r"[\w.\-]+", name) or not re.fullmatch(r"[\w.\-]*", owner):
        return None
    forms = [f"{owner}--{name}"] if owner else [f"*--faster-whisper-{name}", f"*--faster-{name}"]
    for cached in (each for form in forms for each in sorted(_hub_folder().glob(f"models--{form}"))):
        head = cached / "refs" / "main"
        named = [cached / "snapshots" / head.read_text(encoding="utf-8").strip()] if head.is_file() else []
        for folder in (*named, *sorted(cached.glob("snapshots/*"), reverse=True)):
            if folder.is_dir():
                return folder
    return None


def _hub_folder() -> Path:
    """Return the cache folder of Hugging Face, by the variables that its own programs read."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = os.environ.get("HF_HOME") or Path(cache, "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home, "hub"))

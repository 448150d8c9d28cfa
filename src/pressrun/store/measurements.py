"""Remember what was measured on this machine, in the user's cache: memory at the peak, and time per second of sound."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from filelock import FileLock, Timeout

from pressrun.store.atomic import write_bytes

FILE = "measurements.json"
MAX_VALUES = 10
"""Newest values of each kind that are stored."""
LOCK_TIMEOUT = 2.0
"""Seconds to wait for another process; then the measurement is dropped."""


@dataclass(frozen=True)
class Measurement:
    """What is known about one thing; 0 if nothing was measured."""

    memory: int = 0
    """MB: the highest of the newest peaks."""
    speed: float = 0.0
    """Seconds that a second of sound takes: the median of the newest runs."""


def measurements_file() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("pressrun", appauthor=False) / FILE


def load_measurements() -> dict[str, Measurement]:
    """Return name -> measurement. A missing or damaged file is empty: everything in it can be measured again."""
    found = {}
    for name, values in _read(measurements_file()).items():
        memory, speed = (_numbers(values, kind) for kind in ("memory", "speed"))
        found[name] = Measurement(round(max(memory, default=0)), median(speed) if speed else 0.0)
    return found


def record_measurement(name: str, *, memory: int = 0, speed: float = 0.0) -> None:
    """Add the values that are not 0. A cache that cannot be written changes nothing, and is no error."""
    path = measurements_file()
    with suppress(OSError, Timeout):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{FILE}.lock"), timeout=LOCK_TIMEOUT):
            known = _read(path)
            values = known.setdefault(name, {})
            for kind, value in (("memory", memory), ("speed", round(speed, 4))):
                if value:
                    values[kind] = [*_numbers(values, kind), value][-MAX_VALUES:]
            write_bytes(path, json.dumps(known, indent=1).encode())


def _read(path: Path) -> dict[str, dict[str, Any]]:
    with suppress(OSError, ValueError, RecursionError):
        content = json.loads(path.read_bytes())
        if isinstance(content, dict):
            return {name: values for name, values in content.items() if isinstance(values, dict)}
    return {}


def _numbers(values: dict[str, Any], kind: str) -> list[float]:
    found = values.get(kind)
    return [each for each in found if type(each) in (int, float)] if isinstance(found, list) else []

"""Measurements of this machine: the newest values count, and a damaged file is as good as none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.store import measurements
from pressrun.store.measurements import MAX_VALUES, Measurement, load_measurements, record_measurement


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cache" / "measurements.json"
    monkeypatch.setattr(measurements, "measurements_file", lambda: path)
    return path


def test_the_highest_peak_and_the_median_speed_are_known() -> None:
    for memory, speed in ((300, 0.1), (310, 0.3), (0, 0.2)):
        record_measurement("whisper:small", memory=memory, speed=speed)
    assert load_measurements() == {"whisper:small": Measurement(310, 0.2)}


def test_only_the_newest_values_count() -> None:
    for memory in (900, *[300] * MAX_VALUES):
        record_measurement("whisper:small", memory=memory)
    assert load_measurements()["whisper:small"] == Measurement(300)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a": 1, "b": {"memory": "many", "speed": [true, "x"]}}'])
def test_a_damaged_file_is_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert all(each.memory == 0 for each in load_measurements().values())
    record_measurement("whisper:small", memory=300)
    assert load_measurements()["whisper:small"].memory == 300


def test_a_cache_that_cannot_be_written_changes_nothing(file: Path) -> None:
    file.parent.write_text("a file")
    record_measurement("whisper:small", memory=300)
    assert load_measurements() == {}

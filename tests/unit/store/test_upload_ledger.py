"""Uploads are counted per publisher and day, and problems with the ledger never prevent an upload."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pressrun.store.upload_ledger import LEDGER_VARIABLE, UploadLedger, ledger_path, quota_day

NOON = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
NEXT_DAY = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def ledger(folder: Path, now: datetime = NOON) -> UploadLedger:
    return UploadLedger(folder / "uploads.json", lambda: now)


def test_a_day_ends_at_midnight_pacific_time_in_winter_and_summer() -> None:
    assert quota_day(datetime(2026, 1, 15, 7, 59, tzinfo=UTC)) == date(2026, 1, 14)
    assert quota_day(datetime(2026, 1, 15, 8, 0, tzinfo=UTC)) == date(2026, 1, 15)
    assert quota_day(datetime(2026, 7, 15, 6, 59, tzinfo=UTC)) == date(2026, 7, 14)
    assert quota_day(datetime(2026, 7, 15, 7, 0, tzinfo=UTC)) == date(2026, 7, 15)


def test_a_missing_ledger_is_empty_and_reading_does_not_create_it(tmp_path: Path) -> None:
    assert ledger(tmp_path / "none").today("youtube").markers == frozenset()
    assert not list(tmp_path.iterdir())


def test_an_upload_is_counted_for_its_publisher_and_its_day(tmp_path: Path) -> None:
    assert ledger(tmp_path / "account").count("youtube", "a", 100) == (True, "")
    assert ledger(tmp_path / "account").today("youtube").markers == {"a"}
    assert ledger(tmp_path / "account").today("other").markers == frozenset()
    assert ledger(tmp_path / "account", NEXT_DAY).today("youtube").markers == frozenset()


def test_a_retry_counts_once_and_is_allowed_even_at_the_limit(tmp_path: Path) -> None:
    for _ in range(3):
        assert ledger(tmp_path).count("youtube", "a", 1) == (True, "")
    assert len(ledger(tmp_path).today("youtube").markers) == 1


def test_above_the_limit_nothing_is_allowed_or_counted(tmp_path: Path) -> None:
    ledger(tmp_path).count("youtube", "a", 1)
    assert ledger(tmp_path).count("youtube", "b", 1) == (False, "")
    assert ledger(tmp_path).today("youtube").markers == {"a"}
    assert ledger(tmp_path, NEXT_DAY).count("youtube", "b", 1) == (True, "")


def test_without_a_limit_everything_is_allowed_and_counted(tmp_path: Path) -> None:
    for number in range(5):
        assert ledger(tmp_path).count("youtube", str(number), 0)[0]
    assert len(ledger(tmp_path).today("youtube").markers) == 5


def test_old_days_are_removed(tmp_path: Path) -> None:
    ledger(tmp_path, datetime(2026, 11, 1, 20, tzinfo=UTC)).count("youtube", "old", 100)
    ledger(tmp_path).count("youtube", "new", 100)
    assert [each["marker"] for each in json.loads((tmp_path / "uploads.json").read_text())["uploads"]] == ["new"]


@pytest.mark.parametrize("content", ["{", "[1]", '{"uploads": [{"publisher": 3}]}', "\x00\xff"])
def test_a_broken_ledger_is_reported_and_kept_and_restarts_at_zero(tmp_path: Path, content: str) -> None:
    (tmp_path / "uploads.json").write_text(content, encoding="latin-1")
    tally = ledger(tmp_path).today("youtube")
    assert tally.markers == frozenset()
    assert "uploads.json" in tally.problem
    assert (tmp_path / "uploads.json").read_text(encoding="latin-1") == content
    allowed, problem = ledger(tmp_path).count("youtube", "a", 100)
    assert allowed
    assert str(tmp_path / "uploads.json.broken") in problem
    assert (tmp_path / "uploads.json.broken").read_text(encoding="latin-1") == content
    assert ledger(tmp_path).today("youtube").markers == {"a"}


def test_an_unwritable_ledger_does_not_prevent_an_upload(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    allowed, problem = ledger(tmp_path / "file" / "deeper").count("youtube", "a", 100)
    assert allowed
    assert problem.startswith("This upload could not be counted: ")
    assert "not a directory" in problem.lower()
    assert (tmp_path / "file").read_text() == "not a folder"


def test_concurrent_processes_count_every_upload_and_never_exceed_the_limit(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pressrun.store.upload_ledger import UploadLedger\n"
        "ledger = UploadLedger(Path(sys.argv[1]))\n"
        "print(sum(ledger.count('youtube', f'{sys.argv[2]}-{n}', 25)[0] for n in range(10)))"
    )
    path = tmp_path / "uploads.json"
    started = [
        subprocess.Popen([sys.executable, "-c", program, path, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    allowed = [int(process.communicate(timeout=30)[0]) for process in started]
    assert sum(allowed) == 25
    assert len(json.loads(path.read_text())["uploads"]) == 25


def test_the_location_of_the_ledger_can_be_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LEDGER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert ledger_path().name == "uploads.json"
    assert ledger_path().parent.name == "pressrun"
    monkeypatch.setenv(LEDGER_VARIABLE, str(tmp_path / "mine.json"))
    assert ledger_path() == tmp_path / "mine.json"

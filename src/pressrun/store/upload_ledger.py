"""How many uploads were begun today, per publisher: one small file of the user, shared by all workspaces.

A quota belongs to an account and not to a workspace, so the file lies in the user's data folder. It is a help and never
a hindrance: one that cannot be read or written is said, and nothing fails for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from filelock import FileLock, Timeout

from pressrun.errors import BrokenFileError, PressrunError
from pressrun.store import json_files

LEDGER_VARIABLE = "PRESSRUN_UPLOAD_LEDGER"
KEPT_DAYS = 3
PATIENCE = 10.0
"""Seconds to wait for the ledger; a holder needs it for milliseconds."""


@dataclass(frozen=True)
class Upload:
    """One upload that was begun."""

    publisher: str
    marker: str
    """Of the publication; a further try of the same one on the same day counts no second time."""
    day: str
    """The day of the quota, as 2026-11-20."""


@dataclass(frozen=True)
class Uploads:
    """The file."""

    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True)
class Tally:
    """Markers of the uploads that were begun today; `trouble` says why there may be more than are known."""

    markers: frozenset[str] = frozenset()
    trouble: str = ""


def _now() -> datetime:
    return datetime.now(UTC)


def quota_day(moment: datetime) -> date:
    """The day that `moment` counts for: Google's quotas begin anew at midnight Pacific time
    (https://developers.google.com/youtube/v3/getting-started#quota)."""
    return moment.astimezone(_pacific()).date()


def _pacific() -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        # A machine without time zones: the winter's midnight, which comes an hour late in summer and never early.
        return timezone(timedelta(hours=-8))


def ledger_path() -> Path:
    """Where the ledger is: as `PRESSRUN_UPLOAD_LEDGER` says, else in the user's data folder."""
    if named := os.environ.get(LEDGER_VARIABLE):
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("pressrun", appauthor=False) / "uploads.json"


@dataclass(frozen=True)
class UploadLedger:
    """The ledger at `path`; `clock` gives the time with its zone."""

    path: Path
    clock: Callable[[], datetime] = _now

    def today(self, publisher: str) -> Tally:
        """What was begun today. Writes nothing; a ledger that cannot be read counts as empty, and `trouble` says so."""
        try:
            return self._tally(self._read(), publisher)
        except (BrokenFileError, OSError) as error:
            return Tally(trouble=f"The count of uploads cannot be read and begins anew: {_words(error)}")

    def count(self, publisher: str, marker: str, limit: int) -> tuple[bool, str]:
        """Counts the upload `marker`, unless `limit` are counted today (0: no limit).

        Returns whether it may begin, and what is wrong with the ledger, if anything; trouble never forbids an upload.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=PATIENCE):
                uploads, trouble = self._read_or_set_aside()
                known = self._tally(uploads, publisher).markers
                if marker in known:
                    return True, trouble
                if limit and len(known) >= limit:
                    return False, trouble
                today = quota_day(self.clock())
                oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
                kept = tuple(each for each in uploads.uploads if each.day >= oldest)
                json_files.save(self.path, Uploads((*kept, Upload(publisher, marker, today.isoformat()))))
                return True, trouble
        except (OSError, Timeout, PressrunError) as error:
            return True, f"This upload could not be counted: {_words(error)}"

    def _tally(self, uploads: Uploads, publisher: str) -> Tally:
        today = quota_day(self.clock()).isoformat()
        return Tally(
            frozenset(each.marker for each in uploads.uploads if (each.publisher, each.day) == (publisher, today))
        )

    def _read(self) -> Uploads:
        return json_files.load(self.path, Uploads) if self.path.exists() else Uploads()

    def _read_or_set_aside(self) -> tuple[Uploads, str]:
        try:
            return self._read(), ""
        except BrokenFileError as error:
            aside = self.path.with_name(f"{self.path.name}.broken")
            self.path.replace(aside)
            return Uploads(), f"The count of uploads begins anew: {error.message}; the file is kept as {aside}"


def _words(error: Exception) -> str:
    if isinstance(error, PressrunError):
        return error.message
    if isinstance(error, Timeout):
        return f"{error.lock_file} is locked by another process"
    return f"{getattr(error, 'filename', None) or ''}: {getattr(error, 'strerror', None) or error}".lstrip(": ")

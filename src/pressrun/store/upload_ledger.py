"""Count today's uploads per publisher in one small file of the user, which all workspaces share.

A quota belongs to an account and not to a workspace, so the file is in the user's data folder. The ledger is only a
help: if it cannot be read or written, that is reported, and the upload happens anyway.
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
MAX_KEPT_DAYS = 3
LOCK_TIMEOUT = 10.0
"""Seconds to wait for the ledger. A holder needs it for milliseconds."""


@dataclass(frozen=True)
class Upload:
    """One upload that was started."""

    publisher: str
    marker: str
    """Identifies the publication. Retrying it on the same day does not count again."""
    day: str
    """The day of the quota, e.g. 2026-11-20."""


@dataclass(frozen=True)
class Uploads:
    """The content of the ledger."""

    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True)
class Tally:
    """Markers of the uploads that were started today. If `problem` is set, there may be more than these."""

    markers: frozenset[str] = frozenset()
    problem: str = ""


def _now() -> datetime:
    return datetime.now(UTC)


def quota_day(moment: datetime) -> date:
    """Return the day that `moment` counts for. Google resets quotas at midnight Pacific time
    (https://developers.google.com/youtube/v3/getting-started#quota)."""
    return moment.astimezone(_pacific()).date()


def _pacific() -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        # A machine without time zone data: midnight in winter, which is an hour late in summer and never early.
        return timezone(timedelta(hours=-8))


def ledger_path() -> Path:
    """Return `PRESSRUN_UPLOAD_LEDGER`, or a path in the user's data folder."""
    if named := os.environ.get(LEDGER_VARIABLE):
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("pressrun", appauthor=False) / "uploads.json"


@dataclass(frozen=True)
class UploadLedger:
    """The ledger at `path`. `clock` returns the time with its zone."""

    path: Path
    clock: Callable[[], datetime] = _now

    def today(self, publisher: str) -> Tally:
        """Return today's uploads without writing anything. An unreadable ledger has no uploads and a problem."""
        try:
            return self._tally(self._read(), publisher)
        except (BrokenFileError, OSError) as error:
            return Tally(problem=f"The upload counter cannot be read and restarts at 0: {_describe(error)}")

    def count(self, publisher: str, marker: str, limit: int) -> tuple[bool, str]:
        """Count the upload `marker`, unless `limit` uploads are already counted today (0: unlimited).

        Returns whether the upload may start, and the problem with the ledger, if any. A problem never prevents an
        upload.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=LOCK_TIMEOUT):
                uploads, problem = self._read_or_set_aside()
                known = self._tally(uploads, publisher).markers
                if marker in known:
                    return True, problem
                if limit and len(known) >= limit:
                    return False, problem
                today = quota_day(self.clock())
                oldest = (today - timedelta(days=MAX_KEPT_DAYS)).isoformat()
                kept = tuple(each for each in uploads.uploads if each.day >= oldest)
                json_files.save(self.path, Uploads((*kept, Upload(publisher, marker, today.isoformat()))))
                return True, problem
        except (OSError, Timeout, PressrunError) as error:
            return True, f"This upload could not be counted: {_describe(error)}"

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
            return Uploads(), f"The upload counter restarts at 0: {error.message}; the old file is kept as {aside}"


def _describe(error: Exception) -> str:
    if isinstance(error, PressrunError):
        return error.message
    if isinstance(error, Timeout):
        return f"{error.lock_file} is locked by another process"
    return f"{getattr(error, 'filename', None) or ''}: {getattr(error, 'strerror', None) or error}".lstrip(": ")

"""The daily upload limit: what is left of it, and which books of a plan wait for the next day.

The setting declares which publisher the limit is for; the engine knows no publisher by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pressrun.model.plan import PlanRow, UploadsLeft
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline
from pressrun.settings import is_setting_used, setting_fields
from pressrun.store.upload_ledger import UploadLedger

SETTING = "uploads_per_day"


@dataclass(frozen=True)
class Quota:
    """`limit` uploads a day (0: no limit). If it is `ignored`, uploads are counted and never wait."""

    limit: int
    ignored: bool
    ledger: UploadLedger

    @property
    def publisher(self) -> str:
        """Return the publisher whose uploads are counted."""
        return str(setting_fields()[SETTING].metadata["of"]).partition(":")[2]

    def counts(self, services: Mapping[str, str]) -> bool:
        """Return whether uploads are counted with `services` (kind -> name)."""
        return is_setting_used(SETTING, services)

    def counted_today(self) -> frozenset[str]:
        """Return the markers of the uploads that started today."""
        return self.ledger.today(self.publisher).markers

    def count_upload(self, marker: str) -> tuple[Reason | None, str]:
        """Count an upload that is about to start.

        Return why it has to wait, or None, and what is wrong with the ledger, or an empty string.
        """
        limit = 0 if self.ignored else self.limit
        allowed, problem = self.ledger.count(self.publisher, marker, limit)
        return None if allowed else uploads_wait(0, self.limit, 1), problem


def uploads_wait(left: int, limit: int, needed: int) -> Reason:
    """Return why the uploads of a book wait for another day."""
    return Reason(ReasonKind.UPLOADS_WAIT, {"left": left, "limit": limit, "needed": needed})


def apply_daily_limit(rows: Sequence[PlanRow], pipeline: Pipeline, uploads: UploadsLeft) -> list[PlanRow]:
    """Return the rows; those without an upload left stop before their first publishing stage."""
    left = uploads.left
    limited = []
    for row in rows:
        # A book that needs more than a whole day's uploads starts on a fresh day and ends on the next.
        needed = min(row.uploads, uploads.of)
        if needed > left:
            limited.append(defer_uploads(row, pipeline, uploads_wait(left, uploads.of, row.uploads)))
        else:
            left -= needed
            limited.append(row)
    return limited


def defer_uploads(row: PlanRow, pipeline: Pipeline, reason: Reason) -> PlanRow:
    """Return `row` up to its first publishing stage, without it; skipped if nothing comes before it."""
    publishing = {stage.name for stage in pipeline.stages if stage.publishes}
    first = next((i for i, name in enumerate(row.stages) if name in publishing), len(row.stages))
    before, after = row.stages[:first], row.stages[first:]
    if not after:
        return row
    decision = replace(
        row.decision,
        stages=before,
        later=(*after, *row.decision.later),
        reasons={**row.decision.reasons, **dict.fromkeys(after, reason)},
    )
    deferred = replace(row, decision=decision, waits=reason, uploads=0)
    if before:
        return replace(deferred, details=row.details.with_also(reason))
    return replace(deferred, action="skip", details=reason)

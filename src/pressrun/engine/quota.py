"""Uploads of a day: what is left of them, and which books of a plan have to wait for the next day.

Which publisher they belong to stands where the setting is declared; the engine knows no publisher by name.
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
    """`limit` uploads a day (0: no limit); `ignored` ones are counted all the same."""

    limit: int
    ignored: bool
    ledger: UploadLedger

    @property
    def publisher(self) -> str:
        """Whose uploads are counted."""
        return str(setting_fields()[SETTING].metadata["of"]).partition(":")[2]

    def counts(self, services: Mapping[str, str]) -> bool:
        """Whether uploads are counted where `services` (kind -> name) are in use."""
        return is_setting_used(SETTING, services)

    def begun(self) -> frozenset[str]:
        """Markers of the uploads that were begun today."""
        return self.ledger.today(self.publisher).markers

    def begin(self, marker: str) -> tuple[Reason | None, str]:
        """Count an upload that is about to start.

        Return why it has to wait, or None, and what is wrong with the ledger, or an empty string.
        """
        limit = 0 if self.ignored else self.limit
        allowed, trouble = self.ledger.count(self.publisher, marker, limit)
        return None if allowed else tomorrow(0, self.limit, 1), trouble


def tomorrow(left: int, limit: int, needed: int) -> Reason:
    """Return why the uploads of a book wait for another day."""
    return Reason(ReasonKind.UPLOADS_WAIT, {"left": left, "limit": limit, "needed": needed})


def spread(rows: Sequence[PlanRow], pipeline: Pipeline, uploads: UploadsLeft) -> list[PlanRow]:
    """The rows with those that no upload is left for brought to their last stage before publishing."""
    left = uploads.left
    spread_rows = []
    for row in rows:
        # One that needs more than a whole day has begins on a fresh day, and ends on the next.
        needed = min(row.uploads, uploads.of)
        if needed > left:
            spread_rows.append(hold(row, pipeline, tomorrow(left, uploads.of, row.uploads)))
        else:
            left -= needed
            spread_rows.append(row)
    return spread_rows


def hold(row: PlanRow, pipeline: Pipeline, why: Reason) -> PlanRow:
    """`row` up to, and without, its first stage that publishes; skipped where nothing is before it."""
    publishing = {stage.name for stage in pipeline.stages if stage.publishes}
    first = next((i for i, name in enumerate(row.stages) if name in publishing), len(row.stages))
    before, after = row.stages[:first], row.stages[first:]
    if not after:
        return row
    reasons = tuple((name, why if name in after else reason) for name, reason in row.reasons)
    held = replace(
        row, stages=before, later=(*after, *row.later), reasons=reasons, waits=why, uploads=0
    )
    if before:
        return replace(held, details=row.details.with_also(why))
    return replace(held, action="skip", details=why)

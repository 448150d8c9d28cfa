"""Validate a request for a batch of ideas without creating it, and estimate what the batch would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pressrun.jobs.connection import Queue
from pressrun.jobs.queries import average_job, workers
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.item_settings import item_settings
from pressrun.kinds.ideas.request import BulkJobRequest
from pressrun.kinds.ideas.rows.model import Rows
from pressrun.kinds.ideas.send import BatchDefaults, check_request


@dataclass(frozen=True)
class Estimate:
    """What a batch would take. A value is None if there is nothing to estimate it from."""

    based_on: int
    """Completed items of the same user that it is based on."""
    seconds: float | None
    """From the start to the end, with the workers that run now, or one."""
    cost: float | None
    """In US dollars."""
    disk_bytes: int | None
    uploads: int
    """Videos and shorts to publish."""


@dataclass(frozen=True)
class Preview:
    """What would become of a request."""

    rows: Rows
    warnings: tuple[str, ...]
    estimate: Estimate

    @property
    def valid(self) -> bool:
        """Whether a batch would be created."""
        return bool(self.rows.accepted)


def preview(queue: Queue, request: BulkJobRequest, defaults: BatchDefaults) -> Preview:
    """Do everything that `send` does before it creates the batch. Raises the same errors, except for unusable rows."""
    checked = check_request(queue, request, defaults)
    return Preview(checked.rows, checked.warnings, _estimate(queue, request, defaults, checked.rows, checked.settings))


def _estimate(
    queue: Queue, request: BulkJobRequest, defaults: BatchDefaults, rows: Rows, settings: dict[str, Any]
) -> Estimate:
    count = len(rows.accepted)
    shorts = sum(
        item_settings(settings, row.idea.idea_data(), defaults.workspace)["shorts"] is True for row in rows.accepted
    )
    average = average_job(queue, IDEAS.name)
    if not average["jobs"]:
        return Estimate(0, None, None, None, count + shorts)
    at_once = sum(each["concurrency"] for each in workers(queue)) or 1
    rounds = -(-count // max(1, min(at_once, request.max_concurrent)))
    return Estimate(
        average["jobs"],
        round(rounds * average["seconds"], 1),
        round(count * average["cost"], 4),
        round(count * average["bytes"]),
        count + shorts,
    )

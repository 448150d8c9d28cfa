"""Rows of the queue with the names that users of the REST API rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pressrun.api.links import Links
from pressrun.api.results import batch_links, rest_state, result_view
from pressrun.jobs.event_text import event_message
from pressrun.jobs.queries import describe
from pressrun.jobs.states import USER_ACTIONS, BatchState, JobStatus

_JOB_STATES = frozenset(JobStatus)
_BATCH_PREFIX = "batch_"
"""Prefix of the kind of an event of the whole batch."""


def batch_view(row: Mapping[str, Any], links: Links) -> dict[str, Any]:
    """Return a row of `batches` as the API shows it."""
    state = BatchState(row["state"])
    return describe(dict(row)) | {
        "allowed": list(USER_ACTIONS[state]),
        "warnings": list(row["request"].get("warnings", ())),
        **batch_links(row, links),
    }


def item_view(row: Mapping[str, Any], links: Links) -> dict[str, Any]:
    """Return a row of `jobs` as the API shows it."""
    return {
        "id": row["id"],
        "row": row["position"],
        "title": row["title"],
        "state": rest_state(row["state"]),
        "priority": row["priority"],
        "percent_complete": round(row["percent"], 1),
        "stage": row["stage"],
        "message": row["message"],
        "stages": row["stages"],
        "attempts": row["attempt"],
        **result_view(row, links),
        "cost": row["cost"],
        "error": row["error"],
        "problems": row["problems"],
        "created_at": row["created_at"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
    }


def event_view(row: Mapping[str, Any], links: Links) -> dict[str, Any]:
    """Return a row of `job_events` as the API shows it."""
    kind: str = row["kind"]
    return {
        "id": row["id"],
        "created_at": row["created_at"],
        "level": row["level"],
        "kind": kind,
        "job_id": row["job_id"],
        "row": row["position"],
        "book": row["title"],
        "stage": row["stage"],
        "progress": None if row["percent"] is None else round(row["percent"], 1),
        "status": _status(kind),
        "scene": row["scene"],
        "scenes_total": row["scenes_total"],
        "message": event_message(row),
        "data": result_view(row["job"], links) if row.get("job") else row["data"],
    }


def _status(kind: str) -> str:
    """Return the state of the item, or the batch, after an event of this kind."""
    if kind.startswith(_BATCH_PREFIX):
        state = kind.removeprefix(_BATCH_PREFIX)
        return BatchState.PENDING if state == "created" else state
    return rest_state(kind) if kind in _JOB_STATES else JobStatus.IN_PROGRESS

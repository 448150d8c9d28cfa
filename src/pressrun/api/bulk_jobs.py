"""The routes below `/api/bulk-jobs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from pressrun.api import answers
from pressrun.api.description import documented
from pressrun.api.reading import (
    BatchId,
    Body,
    Day,
    FromCaller,
    IdempotencyKey,
    PageSize,
    PageToken,
    PlaceToken,
    parsed,
    token_number,
)
from pressrun.api.views import batch_view, item_view
from pressrun.errors import UsageError
from pressrun.jobs import batches, queries
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.queries import GroupBy, Order, Sort
from pressrun.jobs.states import BatchState
from pressrun.kinds.ideas.request import parse_request
from pressrun.kinds.ideas.send import TOLD, Enqueued, enqueue

BASE = "/api/bulk-jobs"
REPLAYED = "Idempotency-Replayed"
LAST_DAY = date(9998, 12, 31)
"""After it there is no day on which it could end."""
DAYS = 30
"""That analytics counts when no start is given."""

router = APIRouter(tags=["bulk jobs"])


def answer(data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = msgspec.json.encode({"success": True, "data": data})
    return Response(body, status, dict(headers or {}), "application/json")


@router.post(f"{BASE}/", include_in_schema=False)
@router.post(BASE, operation_id="createBulkJob", **documented(answers.NewBulkJobAnswer, "create"))
def create(caller: FromCaller, body: Body, idempotency_key: IdempotencyKey = None) -> Response:
    """Makes a batch of the rows that can be used and begins with it as soon as there is room.

    Rows that are rejected are told in `rejected` and kept as skipped items. Where none can be used, nothing is made.
    """
    request = parse_request(parsed(body))
    made = enqueue(
        caller.queue, request, caller.settings.house, project=caller.identity.project, key=idempotency_key
    )
    headers = {"Location": f"{BASE}/{made.batch['id']}"} | ({} if made.new else {REPLAYED: "true"})
    return answer(batch_view(made.batch) | _read(made), 201, headers)


def _read(made: Enqueued) -> dict[str, Any]:
    rows = made.rows
    return {
        "rejected": [each.as_data() for each in rows.rejected[:TOLD]],
        "rejected_total": len(rows.rejected),
        "fixes": [asdict(each) for each in rows.fixes[:TOLD]],
        "fixes_total": len(rows.fixes),
    }


@router.get(f"{BASE}/", include_in_schema=False)
@router.get(BASE, operation_id="listBulkJobs", **documented(answers.BulkJobPageAnswer, "list"))
def list_all(
    caller: FromCaller,
    page_size: PageSize = 20,
    sort: Annotated[Sort, Query(description="What the list is in the order of")] = "created_at",
    order: Annotated[Order, Query(description="Smallest or largest first")] = "desc",
    state: Annotated[BatchState | None, Query(description="Only batches in this state")] = None,
    page_token: PageToken = None,
) -> Response:
    """Lists your batches."""
    page = queries.list_batches(
        caller.queue, sort=sort, order=order, state=state, page_size=page_size, page_token=page_token
    )
    return answer({"jobs": [batch_view(row) for row in page.rows], "next_page_token": page.next_token})


@router.get(f"{BASE}/analytics", operation_id="getAnalytics", **documented(answers.AnalyticsAnswer, "analytics"))
def analytics(
    caller: FromCaller,
    start_date: Annotated[Day, Query(description="First day, in UTC; else 30 days before the last")] = None,
    end_date: Annotated[Day, Query(description="Last day, in UTC; else today")] = None,
    group_by: Annotated[GroupBy, Query(description="What the groups have in common")] = "day",
) -> Response:
    """Counts what your batches of some days made, took and cost. A batch belongs to the day of its creation."""
    end = min(end_date or datetime.now(UTC).date(), LAST_DAY)
    start = start_date or (end - timedelta(days=DAYS) if end.toordinal() > DAYS else date.min)
    if start > end and start_date and end_date:
        raise UsageError(f"The first day, {start}, comes after the last, {end}", remedy="Exchange the two days.")
    return answer(queries.analytics(caller.queue, start, end, group_by))


@router.get(f"{BASE}/{{id}}", operation_id="getBulkJob", **documented(answers.BulkJobAnswer, "one"))
def get_one(caller: FromCaller, batch_id: BatchId) -> Response:
    """Shows a batch."""
    return answer(batch_view(queries.get_batch(caller.queue, batch_id)))


@router.post(f"{BASE}/{{id}}/pause", operation_id="pauseBulkJob", **documented(answers.BulkJobAnswer, "move"))
def pause(caller: FromCaller, batch_id: BatchId) -> Response:
    """Lets stages that run come to their end and starts no new one. Allowed while it is running."""
    return _moved(batches.pause, caller.queue, batch_id)


@router.post(f"{BASE}/{{id}}/resume", operation_id="resumeBulkJob", **documented(answers.BulkJobAnswer, "move"))
def resume(caller: FromCaller, batch_id: BatchId) -> Response:
    """Goes on with a batch that is paused."""
    return _moved(batches.resume, caller.queue, batch_id)


@router.post(f"{BASE}/{{id}}/cancel", operation_id="cancelBulkJob", **documented(answers.BulkJobAnswer, "move"))
def cancel(caller: FromCaller, batch_id: BatchId) -> Response:
    """Ends a batch: what waits is not made, and what runs is stopped within seconds. What is finished stays."""
    return _moved(batches.cancel, caller.queue, batch_id)


@router.post(f"{BASE}/{{id}}/retry", operation_id="retryBulkJob", **documented(answers.BulkJobAnswer, "move"))
def retry(caller: FromCaller, batch_id: BatchId) -> Response:
    """Makes the items of a failed batch that failed, each from the stage that failed."""
    return _moved(batches.retry, caller.queue, batch_id)


def _moved(move: Callable[[Queue, str], Row], queue: Queue, batch_id: str) -> Response:
    return answer(batch_view(move(queue, batch_id)))


@router.get(f"{BASE}/{{id}}/progress", operation_id="getProgress", **documented(answers.ProgressAnswer, "one"))
def progress(caller: FromCaller, batch_id: BatchId) -> Response:
    """Tells how far a batch is and how long it may still take."""
    return answer(queries.progress(caller.queue, batch_id))


@router.get(f"{BASE}/{{id}}/items", operation_id="listItems", **documented(answers.ItemPageAnswer, "page"))
def items(
    caller: FromCaller, batch_id: BatchId, page_size: PageSize = 20, page_token: PlaceToken = None
) -> Response:
    """Lists the items of a batch in the order of its rows, each with how its stages stand."""
    rows = queries.items(caller.queue, batch_id, after=token_number(page_token), size=page_size + 1)
    more = str(rows[page_size - 1]["position"]) if len(rows) > page_size else None
    return answer({"items": [item_view(row) for row in rows[:page_size]], "next_page_token": more})

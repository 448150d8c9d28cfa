"""Routes for batches of any kind, below `/api/bulk-jobs`. Creating a batch belongs to its kind, e.g. `api.ideas`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from pressrun.api import responses
from pressrun.api.dependencies import (
    BatchId,
    Caller,
    Day,
    FromCaller,
    LastEventId,
    PageSize,
    PageToken,
    PositionToken,
    token_number,
)
from pressrun.api.links import BASE
from pressrun.api.openapi import LIST_ERRORS, MOVE_ERRORS, ONE_ERRORS, PAGE_ERRORS, SSE, Routes, documented
from pressrun.api.streaming import EventStreams
from pressrun.api.views import batch_view, event_view, item_view
from pressrun.errors import UsageError
from pressrun.jobs import batches, queries
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.queries import GroupBy, Order, Sort
from pressrun.jobs.states import ENDED, BatchState

EVENT_STREAM = "text/event-stream"
LAST_DAY = date(9998, 12, 31)
"""Latest last day of analytics: the day after it must exist."""
DEFAULT_DAYS = 30
"""Days that analytics covers without a first day."""

router = APIRouter(tags=["bulk jobs"])
ROUTES = Routes(router)


def answer(data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that every route gives: `success` and `data`."""
    body = msgspec.json.encode({"success": True, "data": data})
    return Response(body, status, dict(headers or {}), "application/json")


@router.get(f"{BASE}/", include_in_schema=False)
@router.get(BASE, operation_id="listBulkJobs", **documented(responses.BulkJobPageAnswer, LIST_ERRORS))
def list_all(
    caller: FromCaller,
    page_size: PageSize = 20,
    sort: Annotated[Sort, Query(description="Field to sort by")] = "created_at",
    order: Annotated[Order, Query(description="Ascending or descending")] = "desc",
    state: Annotated[BatchState | None, Query(description="Only batches in this state")] = None,
    page_token: PageToken = None,
) -> Response:
    """List your batches."""
    page = queries.list_batches(
        caller.queue, sort=sort, order=order, state=state, page_size=page_size, page_token=page_token
    )
    return answer({"jobs": [batch_view(row, caller.links) for row in page.rows], "next_page_token": page.next_token})


@router.get(f"{BASE}/analytics", operation_id="getAnalytics", **documented(responses.AnalyticsAnswer, LIST_ERRORS))
def analytics(
    caller: FromCaller,
    start_date: Annotated[Day, Query(description="First day, in UTC. Default: 30 days before the last")] = None,
    end_date: Annotated[Day, Query(description="Last day, in UTC. Default: today")] = None,
    group_by: Annotated[GroupBy, Query(description="Field to group by")] = "day",
) -> Response:
    """Sum up the batches that you created in a range of days: their items, durations and costs."""
    end = min(end_date or datetime.now(UTC).date(), LAST_DAY)
    start = start_date or (end - timedelta(days=DEFAULT_DAYS) if end.toordinal() > DEFAULT_DAYS else date.min)
    if start > end and start_date and end_date:
        raise UsageError(f"The first day, {start}, is after the last, {end}", remedy="Swap the two days.")
    return answer(queries.analytics(caller.queue, start, end, group_by))


@router.get(f"{BASE}/{{id}}", operation_id="getBulkJob", **documented(responses.BulkJobAnswer, ONE_ERRORS))
def get_one(caller: FromCaller, batch_id: BatchId) -> Response:
    """Get a batch."""
    return answer(batch_view(queries.get_batch(caller.queue, batch_id), caller.links))


@router.post(f"{BASE}/{{id}}/pause", operation_id="pauseBulkJob", **documented(responses.BulkJobAnswer, MOVE_ERRORS))
def pause(caller: FromCaller, batch_id: BatchId) -> Response:
    """Pause a running batch. Running stages finish, and no new stage starts."""
    return _move(batches.pause, caller, batch_id)


@router.post(f"{BASE}/{{id}}/resume", operation_id="resumeBulkJob", **documented(responses.BulkJobAnswer, MOVE_ERRORS))
def resume(caller: FromCaller, batch_id: BatchId) -> Response:
    """Resume a paused batch."""
    return _move(batches.resume, caller, batch_id)


@router.post(f"{BASE}/{{id}}/cancel", operation_id="cancelBulkJob", **documented(responses.BulkJobAnswer, MOVE_ERRORS))
def cancel(caller: FromCaller, batch_id: BatchId) -> Response:
    """Cancel a batch. Waiting items are not made, running ones stop within seconds, finished ones stay."""
    return _move(batches.cancel, caller, batch_id)


@router.post(f"{BASE}/{{id}}/retry", operation_id="retryBulkJob", **documented(responses.BulkJobAnswer, MOVE_ERRORS))
def retry(caller: FromCaller, batch_id: BatchId) -> Response:
    """Retry the failed items of a failed batch, each from the stage that failed."""
    return _move(batches.retry, caller, batch_id)


def _move(move: Callable[[Queue, str], Row], caller: Caller, batch_id: str) -> Response:
    return answer(batch_view(move(caller.queue, batch_id), caller.links))


@router.get(f"{BASE}/{{id}}/progress", operation_id="getProgress", **documented(responses.ProgressAnswer, ONE_ERRORS))
def progress(caller: FromCaller, batch_id: BatchId) -> Response:
    """Get the progress of a batch and an estimate of the time left."""
    return answer(queries.progress(caller.queue, batch_id))


@router.get(f"{BASE}/{{id}}/items", operation_id="listItems", **documented(responses.ItemPageAnswer, PAGE_ERRORS))
def items(
    caller: FromCaller, batch_id: BatchId, page_size: PageSize = 20, page_token: PositionToken = None
) -> Response:
    """List the items of a batch in the order of its rows, with the state of their stages."""
    rows = queries.items(caller.queue, batch_id, after=token_number(page_token), size=page_size + 1)
    more = str(rows[page_size - 1]["position"]) if len(rows) > page_size else None
    return answer({"items": [item_view(row, caller.links) for row in rows[:page_size]], "next_page_token": more})


@router.get(
    f"{BASE}/{{id}}/events", operation_id="listEvents",
    **documented(responses.EventPageAnswer, PAGE_ERRORS, others=SSE),
)
async def events(
    request: Request,
    caller: FromCaller,
    batch_id: BatchId,
    page_size: PageSize = 100,
    page_token: PositionToken = None,
    last_event_id: LastEventId = None,
) -> Response:
    """List the events of a batch, oldest first; with `Accept: text/event-stream`, stream them as they happen.

    To resume a stream, send `Last-Event-ID`. The stream ends with the event `end` when the batch has ended. If it has
    ended and no event is left to send, the response is 204.
    """
    after = max(token_number(last_event_id, "Last-Event-ID header"), token_number(page_token))
    if EVENT_STREAM in request.headers.get("accept", ""):
        return await _stream(request, caller, batch_id, after)
    await run_in_threadpool(queries.get_batch, caller.queue, batch_id)
    rows = await run_in_threadpool(queries.events, caller.queue, batch_id, after=after, size=page_size + 1)
    page = rows[:page_size]
    more = str(page[-1]["id"]) if len(rows) > page_size else None
    return answer({"events": [event_view(row, caller.links) for row in page], "next_page_token": more})


async def _stream(request: Request, caller: Caller, batch_id: str, after: int) -> Response:
    batch = await run_in_threadpool(queries.get_batch, caller.queue, batch_id)
    if batch["state"] in ENDED:
        rows = await run_in_threadpool(queries.events, caller.queue, batch_id, after=after, size=1)
        if not rows:
            return Response(status_code=204)
    streams: EventStreams = request.app.state.streams
    streams.require_capacity(caller)
    return StreamingResponse(streams.sse(caller, batch_id, after), media_type=EVENT_STREAM)

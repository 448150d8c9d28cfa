"""Routes that change a batch: its title, priority, limit and deadline, more rows, and its removal with its files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from pressrun.api import file_responses, responses
from pressrun.api.batches import answer
from pressrun.api.dependencies import BatchId, Body, FromCaller, IdempotencyKey, parse_json
from pressrun.api.links import BASE
from pressrun.api.openapi import CHANGE_ERRORS, LIST_ERRORS, REMOVE_ERRORS, REPLAYED, Routes, documented
from pressrun.api.views import batch_view
from pressrun.jobs import changes, queries
from pressrun.kinds.ideas.changes import BatchChanges, RowsRequest, append, parse_changes, parse_rows
from pressrun.kinds.ideas.send import MAX_REPORTED_ROWS
from pressrun.kinds.run_store.removal import remove_files

router = APIRouter(tags=["bulk jobs"])
ROUTES = Routes(router, (BatchChanges, RowsRequest))


@router.get(f"{BASE}/counts", operation_id="countBulkJobs", **documented(file_responses.CountsAnswer, LIST_ERRORS))
def count(caller: FromCaller) -> Response:
    """Count your batches by state, and their items."""
    return answer(queries.count_by_state(caller.queue))


@router.patch(
    f"{BASE}/{{id}}", operation_id="changeBulkJob",
    **documented(responses.BulkJobAnswer, CHANGE_ERRORS, body=BatchChanges),
)
def change(caller: FromCaller, batch_id: BatchId, body: Body) -> Response:
    """Change the title, priority, limit or deadline of a batch that has not ended.

    A priority applies to items that have not started and have none of their own. A lower limit lets running items end.
    """
    found = parse_changes(parse_json(body)).as_changes()
    row = changes.change(caller.queue, batch_id, found) if found else queries.get_batch(caller.queue, batch_id)
    return answer(batch_view(row, caller.links))


@router.post(
    f"{BASE}/{{id}}/rows", operation_id="addRows",
    **documented(file_responses.AddedRowsAnswer, CHANGE_ERRORS, body=RowsRequest),
)
def add_rows(caller: FromCaller, batch_id: BatchId, body: Body, idempotency_key: IdempotencyKey = None) -> Response:
    """Add rows to a batch that has not ended, with its settings. They are numbered after its last row."""
    result = append(
        caller.queue, batch_id, parse_rows(parse_json(body)), caller.settings.workspace, key=idempotency_key
    )
    rows, added = result.rows, result.added
    report: dict[str, Any] = {
        "first_row": added.first,
        "rows_added": added.count,
        "rejected": [each.as_data() for each in rows.rejected[:MAX_REPORTED_ROWS]],
        "rejected_total": len(rows.rejected),
        "fixes": [asdict(each) for each in rows.fixes[:MAX_REPORTED_ROWS]],
        "fixes_total": len(rows.fixes),
    }
    view = batch_view(queries.get_batch(caller.queue, batch_id), caller.links)
    return answer(view | report, headers={} if added.new else {REPLAYED: "true"})


@router.delete(
    f"{BASE}/{{id}}", operation_id="deleteBulkJob", **documented(file_responses.RemovedAnswer, REMOVE_ERRORS)
)
def remove(request: Request, caller: FromCaller, batch_id: BatchId) -> Response:
    """Delete a batch that has ended, with its items, events and files. Published videos stay where they are."""
    jobs = changes.remove(caller.queue, batch_id)
    freed = remove_files(request.app.state.location, batch_id, jobs)
    return answer({"id": batch_id, "bytes_freed": freed})

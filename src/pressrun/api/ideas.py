"""The route that creates a batch of the kind ideas."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from pressrun.api import responses
from pressrun.api.batches import answer
from pressrun.api.dependencies import Body, Caller, FromCaller, IdempotencyKey, parse_json
from pressrun.api.links import BASE
from pressrun.api.openapi import CREATED, REPLAYED, VALIDATED, WRITE_ERRORS, Routes, documented
from pressrun.api.views import batch_view
from pressrun.kinds.ideas.preview import preview
from pressrun.kinds.ideas.request import BulkJobRequest, parse_request
from pressrun.kinds.ideas.rows.model import Rows
from pressrun.kinds.ideas.send import MAX_REPORTED_ROWS, BatchDefaults, send

_EXAMPLES = {
    "csv": {
        "summary": "Rows as CSV text",
        "value": {
            "title": "Spring",
            "input_source": {"type": "csv", "content": "idea_title,script_content\nWalden,A man went to the woods.\n"},
        },
    },
    "rows": {
        "summary": "Rows as objects, with every option",
        "value": {
            "title": "Spring",
            "priority": "high",
            "processing_deadline_ms": 7_200_000,
            "callback_url": "https://example.com/hooks/videos",
            "input_source": {
                "type": "rows",
                "rows": [{"idea_title": "Walden", "script_content": "A man went to the woods.", "tone": "calm"}],
            },
            "output": {"format": "mp4", "video_codec": "h264", "audio_codec": "aac", "resolution": "1080p"},
        },
    },
}

DryRun = Literal["true", "false"]

router = APIRouter(tags=["bulk jobs"])
ROUTES = Routes(router, (BulkJobRequest,))


@router.post(f"{BASE}/", include_in_schema=False)
@router.post(
    BASE, operation_id="createBulkJob",
    **documented(
        responses.NewBulkJobAnswer, WRITE_ERRORS, status=201, others=CREATED | VALIDATED, body=BulkJobRequest,
        examples=_EXAMPLES,
    ),
)
def create(
    caller: FromCaller,
    body: Body,
    idempotency_key: IdempotencyKey = None,
    dry_run: Annotated[DryRun, Query(description="true: only validate, as `validateBulkJob` does")] = "false",
) -> Response:
    """Create a batch from the rows that can be used, and start it when a worker is free.

    Rejected rows are listed in `rejected` and kept as skipped items. If no row can be used, no batch is created.
    """
    if dry_run == "true":
        return validate(caller, body)
    defaults = _defaults(caller)
    request = parse_request(parse_json(body))
    sent = send(caller.queue, request, defaults, project=caller.identity.project, key=idempotency_key)
    headers = {"Location": f"{BASE}/{sent.batch['id']}"} | ({} if sent.new else {REPLAYED: "true"})
    return answer(batch_view(sent.batch, caller.links) | _row_report(sent.rows), 201, headers)


@router.post(
    f"{BASE}/validate", operation_id="validateBulkJob",
    **documented(responses.ValidationAnswer, WRITE_ERRORS, body=BulkJobRequest, examples=_EXAMPLES),
)
def validate(caller: FromCaller, body: Body) -> Response:
    """Validate a request without creating a batch.

    Checks everything that creating it would, and estimates what it would take from the items that you completed before.
    """
    found = preview(caller.queue, parse_request(parse_json(body)), _defaults(caller))
    report = {
        "valid": found.valid,
        "items_total": len(found.rows.accepted) + len(found.rows.rejected),
        "accepted_total": len(found.rows.accepted),
        "accepted": [row.number for row in found.rows.accepted[:MAX_REPORTED_ROWS]],
        "warnings": list(found.warnings),
        "estimate": asdict(found.estimate),
    }
    return answer(report | _row_report(found.rows))


def _defaults(caller: Caller) -> BatchDefaults:
    return BatchDefaults(caller.settings.workspace, font_dir=caller.settings.font_dir)


def _row_report(rows: Rows) -> dict[str, Any]:
    return {
        "rejected": [each.as_data() for each in rows.rejected[:MAX_REPORTED_ROWS]],
        "rejected_total": len(rows.rejected),
        "fixes": [asdict(each) for each in rows.fixes[:MAX_REPORTED_ROWS]],
        "fixes_total": len(rows.fixes),
    }

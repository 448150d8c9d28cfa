"""The route that creates a batch of the kind ideas."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from pressrun.api import responses
from pressrun.api.batches import answer
from pressrun.api.dependencies import Body, FromCaller, IdempotencyKey, parse_json
from pressrun.api.links import BASE
from pressrun.api.openapi import CREATED, REPLAYED, WRITE_ERRORS, Routes, documented
from pressrun.api.views import batch_view
from pressrun.kinds.ideas.request import BulkJobRequest, parse_request
from pressrun.kinds.ideas.send import MAX_REPORTED_ROWS, BatchDefaults, SendResult, send

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

router = APIRouter(tags=["bulk jobs"])
ROUTES = Routes(router, (BulkJobRequest,))


@router.post(f"{BASE}/", include_in_schema=False)
@router.post(
    BASE, operation_id="createBulkJob",
    **documented(
        responses.NewBulkJobAnswer, WRITE_ERRORS, status=201, others=CREATED, body=BulkJobRequest, examples=_EXAMPLES
    ),
)
def create(caller: FromCaller, body: Body, idempotency_key: IdempotencyKey = None) -> Response:
    """Create a batch from the rows that can be used, and start it when a worker is free.

    Rejected rows are listed in `rejected` and kept as skipped items. If no row can be used, no batch is created.
    """
    settings = caller.settings
    defaults = BatchDefaults(settings.workspace, font_dir=settings.font_dir)
    request = parse_request(parse_json(body))
    sent = send(caller.queue, request, defaults, project=caller.identity.project, key=idempotency_key)
    headers = {"Location": f"{BASE}/{sent.batch['id']}"} | ({} if sent.new else {REPLAYED: "true"})
    return answer(batch_view(sent.batch, caller.links) | _row_report(sent), 201, headers)


def _row_report(sent: SendResult) -> dict[str, Any]:
    rows = sent.rows
    return {
        "rejected": [each.as_data() for each in rows.rejected[:MAX_REPORTED_ROWS]],
        "rejected_total": len(rows.rejected),
        "fixes": [asdict(each) for each in rows.fixes[:MAX_REPORTED_ROWS]],
        "fixes_total": len(rows.fixes),
    }

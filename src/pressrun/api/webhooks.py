"""Routes for webhooks: list, replay and test them, and rotate the secret that signs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from pressrun.api import responses
from pressrun.api.batches import answer
from pressrun.api.dependencies import Body, FromCaller, PageSize, PositionToken, parse_json, token_number
from pressrun.api.openapi import LIST_ERRORS, ONE_ERRORS, WRITE_ERRORS, Routes, documented
from pressrun.errors import NoSuchWebhookError
from pressrun.jobs.webhooks import outbox
from pressrun.jobs.webhooks.addresses import read_networks
from pressrun.kinds.ideas.callback import CallbackTest
from pressrun.kinds.validation import validate

BASE = "/api/webhooks"
ID_PATTERN = "^(msg_[0-9a-f]{32}|bj_[0-9a-z]{26})$"

router = APIRouter(tags=["webhooks"])
ROUTES = Routes(router, (CallbackTest,))


@router.get(BASE, operation_id="listWebhooks", **documented(responses.WebhookPageAnswer, LIST_ERRORS))
def list_webhooks(
    caller: FromCaller,
    job_id: Annotated[str | None, Query(max_length=100, description="Only webhooks of this batch")] = None,
    state: Annotated[outbox.WebhookState | None, Query(description="Only webhooks in this state")] = None,
    page_size: PageSize = 20,
    page_token: PositionToken = None,
) -> Response:
    """List your webhooks, newest first."""
    before = token_number(page_token)
    rows = outbox.list_webhooks(
        caller.queue, batch_id=job_id and job_id.replace("\0", ""), state=state, before=before, size=page_size + 1
    )
    page = rows[:page_size]
    more = str(page[-1]["number"]) if len(rows) > page_size else None
    return answer({"webhooks": [_view(row) for row in page], "next_page_token": more})


@router.post(f"{BASE}/test", operation_id="testWebhook",
             **documented(responses.WebhookTestAnswer, WRITE_ERRORS, body=CallbackTest))
def send_test(caller: FromCaller, body: Body) -> Response:
    """Send the event `webhook.test` to a URL now.

    If the receiver accepts it, a URL that answered 410 earlier receives webhooks again.
    """
    request = validate(CallbackTest, parse_json(body))
    attempt = outbox.send_test(caller.queue, request.url, read_networks())
    return answer({"delivered": attempt.delivered, "status": attempt.status, "error": attempt.error or None})


@router.get(f"{BASE}/secret", operation_id="getWebhookSecret",
            **documented(responses.WebhookSecretAnswer, (401, 422, 429, 500, 503)))
def read_secret(caller: FromCaller) -> Response:
    """Get the secret that signs your webhooks; after a rotation also the earlier one, while it still signs."""
    return _secrets(outbox.read_secrets(caller.queue))


@router.post(f"{BASE}/secret/rotate", operation_id="rotateWebhookSecret",
             **documented(responses.WebhookSecretAnswer, (401, 408, 413, 422, 429, 500, 503)))
def rotate_secret(caller: FromCaller) -> Response:
    """Replace the secret. For a day, webhooks are signed with both."""
    outbox.rotate_secret(caller.queue)
    return _secrets(outbox.read_secrets(caller.queue))


@router.post(f"{BASE}/{{id}}/replay", operation_id="replayWebhook",
             **documented(responses.WebhookListAnswer, (*ONE_ERRORS, 408, 413)))
def replay(
    caller: FromCaller,
    name: Annotated[str, Path(alias="id", description="Id of a webhook, or of a batch for all that were not delivered",
                              json_schema_extra={"pattern": ID_PATTERN})],
) -> Response:
    """Send a webhook again, under the same id."""
    if not re.fullmatch(ID_PATTERN, name, re.ASCII):
        raise NoSuchWebhookError("There is no webhook with this id", remedy="List the webhooks to see their ids.")
    return answer({"webhooks": [_view(row) for row in outbox.replay(caller.queue, name)]})


def _secrets(secrets: list[str]) -> Response:
    data = {"secret": secrets[0], "previous": secrets[1] if len(secrets) > 1 else None}
    return answer(data, headers={"Cache-Control": "no-store"})


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "number"}

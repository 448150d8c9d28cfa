"""What happens in a batch: as pages, or as it happens."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from pressrun.api import answers
from pressrun.api.bulk_jobs import BASE, answer
from pressrun.api.description import documented
from pressrun.api.reading import BatchId, Caller, FromCaller, LastEventId, PageSize, PlaceToken, token_number
from pressrun.api.streaming import Streams
from pressrun.api.views import event_view
from pressrun.jobs import queries
from pressrun.jobs.states import ENDED

STREAM = "text/event-stream"

router = APIRouter(tags=["bulk jobs"])


@router.get(f"{BASE}/{{id}}/events", operation_id="listEvents", **documented(answers.EventPageAnswer, "events"))
async def events(
    request: Request,
    caller: FromCaller,
    batch_id: BatchId,
    page_size: PageSize = 100,
    page_token: PlaceToken = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Tells what happened in a batch, oldest first. With `Accept: text/event-stream` it goes on telling what happens.

    A stream that is lost goes on after `Last-Event-ID`. It ends with the event `end` when the batch has ended; for one
    that has ended and has nothing more to tell, the answer is 204.
    """
    after = max(token_number(last_event_id, "header Last-Event-ID"), token_number(page_token))
    if STREAM in request.headers.get("accept", ""):
        return await _stream(request, caller, batch_id, after)
    await run_in_threadpool(queries.get_batch, caller.queue, batch_id)
    rows = await run_in_threadpool(queries.events, caller.queue, batch_id, after=after, size=page_size + 1)
    page = rows[:page_size]
    more = str(page[-1]["id"]) if len(rows) > page_size else None
    return answer({"events": [event_view(row) for row in page], "next_page_token": more})


async def _stream(request: Request, caller: Caller, batch_id: str, after: int) -> Response:
    batch = await run_in_threadpool(queries.get_batch, caller.queue, batch_id)
    if batch["state"] in ENDED:
        rows = await run_in_threadpool(queries.events, caller.queue, batch_id, after=after, size=1)
        if not rows:
            return Response(status_code=204)
    streams: Streams = request.app.state.streams
    streams.refuse_more(caller)
    return StreamingResponse(streams.of(caller, batch_id, after), media_type=STREAM)

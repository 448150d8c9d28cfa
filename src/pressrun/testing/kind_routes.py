"""The route of the kind `TOY`: `POST /api/toys` creates a batch. Everything else works as for batches of any kind."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from pressrun.api import responses
from pressrun.api.batches import answer
from pressrun.api.dependencies import Body, FromCaller, parse_json
from pressrun.api.links import BASE
from pressrun.api.openapi import WRITE_ERRORS, Routes, documented
from pressrun.api.views import batch_view
from pressrun.jobs.queries import get_batch
from pressrun.kinds.validation import StrictModel, validate
from pressrun.testing.kind import TOY, send


class ToyRequest(StrictModel):
    """A batch of titles."""

    title: str = Field(min_length=1, max_length=200, examples=["Toys"])
    rows: list[Annotated[str, Field(min_length=1)]] = Field(min_length=1, max_length=100, description="Titles")
    max_retries: int = Field(default=TOY.max_retries, ge=0, le=10)


router = APIRouter(tags=["toys"])
ROUTES = Routes(router, (ToyRequest,))


@router.post(
    "/api/toys", operation_id="createToys",
    **documented(responses.BulkJobAnswer, WRITE_ERRORS, status=201, body=ToyRequest),
)
def create(caller: FromCaller, body: Body) -> Response:
    """Create a batch with one item per title."""
    request = validate(ToyRequest, parse_json(body))
    rows = [{"title": title} for title in request.rows]
    batch_id = send(caller.queue, rows, request.title, max_retries=request.max_retries)
    return answer(batch_view(get_batch(caller.queue, batch_id), caller.links), 201, {"Location": f"{BASE}/{batch_id}"})

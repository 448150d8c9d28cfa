"""Whether the service can do its work, for whoever watches over it."""

from __future__ import annotations

import time

import msgspec
from fastapi import APIRouter, Request
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.responses import Response

from pressrun.api import answers
from pressrun.api.description import documented
from pressrun.errors import DatabaseAwayError

PATH = "/healthz"
PATIENCE = 2.0
"""Seconds that the database has to answer."""
GOOD_FOR = 1.0
"""Seconds for which an answer is given again: anybody may ask, and must not keep the database from others."""

router = APIRouter(tags=["service"])


@router.get(PATH, operation_id="getHealth", **documented(answers.Health, "health"))
def health(request: Request) -> Response:
    """Says whether the service and its database answer. Needs no token."""
    state = request.app.state
    if time.monotonic() > getattr(state, "healthy_until", 0.0):
        try:
            with state.pool.connection(timeout=PATIENCE) as connection:
                connection.execute("SELECT 1")
        except (PoolTimeout, OperationalError) as error:
            raise DatabaseAwayError("The database does not answer", remedy="Try again a little later.") from error
        state.healthy_until = time.monotonic() + GOOD_FOR
    return Response(msgspec.json.encode({"status": "ok"}), media_type="application/json")

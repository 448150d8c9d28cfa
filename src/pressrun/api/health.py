"""A health check, for load balancers and monitoring."""

from __future__ import annotations

import time

import msgspec
from fastapi import APIRouter, Request
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.responses import Response

from pressrun.api import responses
from pressrun.api.openapi import PUBLIC_ERRORS, Routes, documented
from pressrun.errors import DatabaseAwayError

PATH = "/healthz"
DATABASE_TIMEOUT = 2.0
"""Seconds that the database has to answer."""
CACHE_SECONDS = 1.0
"""Seconds for which a good result is reused: the route is public, and must not keep the database from others."""

router = APIRouter(tags=["service"])
ROUTES = Routes(router)


@router.get(PATH, operation_id="getHealth", **documented(responses.Health, PUBLIC_ERRORS))
def health(request: Request) -> Response:
    """Check that the service and its database answer. No token needed."""
    state = request.app.state
    if time.monotonic() > getattr(state, "healthy_until", 0.0):
        try:
            with state.pool.connection(timeout=DATABASE_TIMEOUT) as connection:
                connection.execute("SELECT 1")
        except (PoolTimeout, OperationalError) as error:
            raise DatabaseAwayError("The database does not answer", remedy="Try again in a few seconds.") from error
        state.healthy_until = time.monotonic() + CACHE_SECONDS
    return Response(msgspec.json.encode({"status": "ok"}), media_type="application/json")

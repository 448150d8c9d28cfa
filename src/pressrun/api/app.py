"""Puts the API together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg import Connection
from psycopg_pool import ConnectionPool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pressrun.api import bulk_jobs, event_routes, health
from pressrun.api.bodies import BodyGate
from pressrun.api.boundary import Boundary
from pressrun.api.description import DESCRIPTION, TITLE, describe_in_full
from pressrun.api.doorkeeper import Doorkeeper
from pressrun.api.listening import Listening
from pressrun.api.problems import problem_of, response_of
from pressrun.api.settings import ApiSettings
from pressrun.api.streaming import Streams
from pressrun.api.tokens import signing_key
from pressrun.jobs.connection import Row
from pressrun.secrets import SecretText

SCHEMA_PATH = "/openapi.json"


def create_app(pool: ConnectionPool[Connection[Row]], settings: ApiSettings, key: SecretText | None = None) -> FastAPI:
    """The API on the queue that `pool` reaches; tokens are read with `key`, else with that of this machine.

    Raises `SettingsError` for a key that cannot be used.
    """
    from importlib.metadata import version

    listening = Listening(pool.conninfo() if callable(pool.conninfo) else pool.conninfo)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await listening.close()

    app = FastAPI(
        title=TITLE, description=DESCRIPTION, version=version("pressrun"), openapi_url=SCHEMA_PATH, docs_url=None,
        redoc_url=None, redirect_slashes=False, lifespan=lifespan,
    )
    app.state.pool, app.state.settings = pool, settings
    app.state.listening, app.state.streams = listening, Streams(listening)
    for module in (bulk_jobs, event_routes, health):
        app.include_router(module.router)
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _told)
    _surround(app, settings, key or signing_key())
    describe_in_full(app)
    return app


def _surround(app: FastAPI, settings: ApiSettings, key: SecretText) -> None:
    """What a request passes through, the innermost first."""
    app.add_middleware(BodyGate, largest=settings.largest_body, seconds=settings.body_seconds)
    app.add_middleware(
        Doorkeeper, key=key, requests_per_minute=settings.requests_per_minute,
        open_to_all=(SCHEMA_PATH, health.PATH),
    )
    app.add_middleware(Boundary, hidden=str(settings.house.workspace))
    if settings.origins:
        from starlette.middleware.cors import CORSMiddleware

        app.add_middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
            expose_headers=["Location", "Retry-After", bulk_jobs.REPLAYED], max_age=600,
        )


async def _told(_: Request, error: Any) -> Response:
    return response_of(problem_of(error))

"""Puts the API together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pressrun.api import bulk_jobs, event_routes, health, live
from pressrun.api.bodies import BodyGate
from pressrun.api.boundary import Boundary
from pressrun.api.description import DESCRIPTION, TITLE, describe_in_full, methods_at
from pressrun.api.doorkeeper import Doorkeeper
from pressrun.api.listening import Listening
from pressrun.api.problems import problem_of, response_of
from pressrun.api.settings import ApiSettings
from pressrun.api.streaming import Streams
from pressrun.jobs.connection import open_pool
from pressrun.redaction import SecretText

SCHEMA_PATH = "/openapi.json"


def build(url: str, settings: ApiSettings, key: SecretText) -> FastAPI:
    """The API on the queue at `url`, reached while the application lives; tokens are read with `key`."""
    from importlib.metadata import version

    listening = Listening(url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_pool(url, patience=settings.database_seconds) as app.state.pool:
            yield
            await listening.close()

    app = FastAPI(
        title=TITLE, description=DESCRIPTION, version=version("pressrun"), openapi_url=SCHEMA_PATH, docs_url=None,
        redoc_url=None, redirect_slashes=False, lifespan=lifespan,
    )
    app.state.settings, app.state.streams = settings, Streams(listening)
    for module in (bulk_jobs, event_routes, live, health):
        app.include_router(module.router)
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _told)
    _surround(app, settings, key)
    describe_in_full(app)
    return app


def _surround(app: FastAPI, settings: ApiSettings, key: SecretText) -> None:
    """What a request passes through, the innermost first."""
    app.add_middleware(BodyGate, largest=settings.largest_body, seconds=settings.body_seconds)
    app.add_middleware(
        Doorkeeper, key=key, requests_per_minute=settings.requests_per_minute,
        open_to_all=(SCHEMA_PATH, health.PATH),
    )
    app.add_middleware(live.SocketBoundary, seconds=settings.listener_seconds, origins=settings.origins)
    app.add_middleware(Boundary, hidden=str(settings.house.workspace))
    if settings.origins:
        from starlette.middleware.cors import CORSMiddleware

        app.add_middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
            expose_headers=["Location", "Retry-After", bulk_jobs.REPLAYED], max_age=600,
        )


async def _told(request: Request, error: Any) -> Response:
    problem = problem_of(error)
    if problem.status == 405:
        # The router names the methods of the first route of the path alone.
        methods = methods_at(request.app.openapi(), request.url.path)
        problem = replace(problem, headers={"Allow": ", ".join(sorted(methods))})
    return response_of(problem)

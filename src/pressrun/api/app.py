"""Put the API together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pressrun.api import batches, changes, files, health, ideas, sdk, webhooks, websocket
from pressrun.api.dependencies import reject_unknown_parameters
from pressrun.api.middleware import AuthMiddleware, BodyLimitMiddleware, ErrorMiddleware
from pressrun.api.notifications import Notifications
from pressrun.api.openapi import DESCRIPTION, REPLAYED, TITLE, Routes, methods_at, set_openapi
from pressrun.api.problems import problem_of, response_of
from pressrun.api.settings import ApiSettings
from pressrun.api.streaming import EventStreams
from pressrun.jobs.connection import open_pool
from pressrun.jobs.signing import LinkSigner
from pressrun.kinds.run_store.location import parse_location
from pressrun.redaction import SecretText

SCHEMA_PATH = "/openapi.json"
ROUTES: tuple[Routes, ...] = (
    ideas.ROUTES, changes.ROUTES, batches.ROUTES, files.ROUTES, webhooks.ROUTES, websocket.ROUTES, health.ROUTES,
    sdk.ROUTES,
)
"""Routes for all batches, and those of each kind."""


def build(url: str, settings: ApiSettings, key: SecretText, routes: Iterable[Routes] = ROUTES) -> FastAPI:
    """Return the API on the queue at `url`, with these `routes`; `key` verifies tokens.

    The database is opened when the application starts, and closed when it ends.
    """
    from importlib.metadata import version

    served = tuple(routes)
    notifications = Notifications(url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_pool(url, timeout=settings.database_seconds) as app.state.pool:
            yield
            await notifications.close()

    app = FastAPI(
        title=TITLE, description=DESCRIPTION, version=version("pressrun"), openapi_url=SCHEMA_PATH, docs_url=None,
        redoc_url=None, redirect_slashes=False, lifespan=lifespan,
        dependencies=[Depends(reject_unknown_parameters)],
    )
    app.state.settings, app.state.streams = settings, EventStreams(notifications)
    app.state.signer = LinkSigner(key)
    app.state.location = parse_location(settings.workspace, settings.runs)
    for each in served:
        app.include_router(each.router)
    for error in (HTTPException, RequestValidationError):
        app.add_exception_handler(error, _handle_http_error)
    _add_middleware(app, settings, key)
    set_openapi(app, (body for each in served for body in each.bodies))
    return app


def _add_middleware(app: FastAPI, settings: ApiSettings, key: SecretText) -> None:
    """Add the middleware, the innermost first."""
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes, seconds=settings.body_seconds)
    app.add_middleware(
        AuthMiddleware, key=key, requests_per_minute=settings.requests_per_minute,
        public_paths=(SCHEMA_PATH, health.PATH, sdk.PATH),
    )
    app.add_middleware(
        websocket.WebSocketErrorMiddleware, seconds=settings.listener_seconds, origins=settings.origins
    )
    app.add_middleware(ErrorMiddleware, hidden=str(settings.workspace))
    if settings.origins:
        from starlette.middleware.cors import CORSMiddleware

        app.add_middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Range", "Last-Event-ID", "Range"],
            expose_headers=[
                "Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Location", "Retry-After", REPLAYED,
            ],
            max_age=600,
        )


async def _handle_http_error(request: Request, error: Any) -> Response:
    problem = problem_of(error)
    if problem.status == 405:
        # The router names only the methods of the first route that matches the path.
        methods = methods_at(request.app.openapi(), request.url.path)
        problem = replace(problem, headers={"Allow": ", ".join(sorted(methods))})
    return response_of(problem)

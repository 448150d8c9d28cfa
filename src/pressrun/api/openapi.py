"""Add to `/openapi.json` what the routes do not declare: bodies, errors, and authentication."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.responses import Response

from pressrun.api.problems import MEDIA_TYPE
from pressrun.api.responses import ID, ProblemBody, ValidationAnswer

TITLE = "Pressrun"
DESCRIPTION = """Turns rows of ideas into videos. A bulk job is a batch of rows; each row is an item, from which one
video is made.

Every response is `{"success": true, "data": …}`, and every error is `application/problem+json`: what was found, where,
and what to do. Create a token with `pressrun token create`."""
REFS = "#/components/schemas/"
REPLAYED = "Idempotency-Replayed"
_BEARER = "bearer"

WRITE_ERRORS = (400, 401, 408, 413, 415, 422, 429, 500, 503)
LIST_ERRORS = (401, 422, 429, 500, 503)
ONE_ERRORS = (401, 404, 422, 429, 500, 503)
MOVE_ERRORS = (401, 404, 408, 409, 413, 422, 429, 500, 503)
CHANGE_ERRORS = (400, 401, 404, 408, 409, 413, 415, 422, 429, 500, 503)
REMOVE_ERRORS = (401, 404, 409, 422, 429, 500, 503)
PAGE_ERRORS = (401, 404, 422, 429, 500, 503)
CONTENT_ERRORS = (401, 404, 416, 422, 429, 500, 503)
PUBLIC_ERRORS = (500, 503)
_CAUSES = {
    400: "The body is not JSON",
    401: "The token is missing or invalid",
    404: "It does not exist, or belongs to someone else",
    408: "The body did not arrive in time",
    409: "The state of the batch does not allow it; `allowed` lists what it allows",
    413: "The body is too large",
    416: "The range begins after the end",
    415: "The body is not `application/json`",
    422: "A parameter, a field, a row or the template is wrong, or the idempotency key was used for another request",
    429: "Too many requests of one user; retry after `Retry-After`",
    500: "Unexpected error; `log_number` identifies it in the server's log",
    503: "The queue is unavailable; retry after `Retry-After`",
}
_RETRY_AFTER = {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}

Others = Mapping[int | str, dict[str, Any]]
CREATED: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "The batch. With `Idempotency-Replayed`: the batch of the first request, as it is now",
        "headers": {
            "Location": {"description": "Path of the batch", "schema": {"type": "string"}},
            REPLAYED: {"schema": {"type": "string", "enum": ["true"]}},
        },
    }
}
VALIDATED: dict[int | str, dict[str, Any]] = {
    200: {"description": "With `dry_run=true`: the response of `validateBulkJob`", "model": ValidationAnswer}
}
SSE: Others = {
    200: {
        "description": "A page, or a stream",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'retry: 2000\n\nid: 7\ndata: {"id": 7, "kind": "batch_running", "status": "running"}\n\n'
                ': alive\n\nevent: end\ndata: {"state": "completed"}\n\n',
            }
        },
    },
    204: {"description": "The batch has ended and the stream has no more events"},
}


@dataclass(frozen=True)
class Routes:
    """Routes that the API serves, and the models of their request bodies."""

    router: APIRouter
    bodies: tuple[type[BaseModel], ...] = ()


def documented(
    model: type[BaseModel],
    errors: Collection[int],
    *,
    status: int = 200,
    others: Others | None = None,
    body: type[BaseModel] | None = None,
    examples: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the arguments that document a route, for the decorator of its router.

    `model` describes the response with `status`, `errors` are the statuses of its problems, `others` more about
    single responses. A route without a 401 is public. `body` must also be in the `Routes` of the route.
    """
    responses: dict[int | str, dict[str, Any]] = {number: _problem(number) for number in errors}
    responses |= {number: dict(response) for number, response in (others or {}).items()}
    extra: dict[str, Any] = {}
    if body:
        content: dict[str, Any] = {"schema": {"$ref": f"{REFS}{body.__name__}"}}
        if examples:
            content["examples"] = dict(examples)
        extra["requestBody"] = {"required": True, "content": {"application/json": content}}
    if 401 in errors:
        extra["security"] = [{_BEARER: []}]
    return {"response_model": model, "status_code": status, "responses": responses, "openapi_extra": extra}


def content_documented(media_type: str, errors: Collection[int], *, redirects: bool = False) -> dict[str, Any]:
    """Return the arguments that document a route which sends content of `media_type`, for its decorator.

    A token or a signed link allows the request.
    """
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    headers = {
        "ETag": {"schema": {"type": "string"}},
        "Content-Length": {"schema": {"type": "integer"}},
        "Accept-Ranges": {"schema": {"type": "string"}},
    }
    answers: dict[int | str, dict[str, Any]] = {number: _problem(number) for number in errors}
    answers[200] = {"description": "The content", "content": content}
    if 416 in errors:
        answers[200]["headers"] = headers
        answers[206] = {"description": "The requested bytes", "content": content, "headers": headers}
        answers[304] = {"description": "Unchanged: the ETag is the one in If-None-Match"}
    if redirects:
        where = {"Location": {"description": "Signed address in a bucket", "schema": {"type": "string"}}}
        answers[307] = {"description": "It is in a bucket", "headers": where}
    return {
        "response_class": Response, "status_code": 200, "responses": answers,
        "openapi_extra": {"security": [{_BEARER: []}]},
    }


def _problem(status: int) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": f"{REFS}{ProblemBody.__name__}"}}
    if status == 404:
        content["example"] = {
            "type": "urn:pressrun:problem:no-such-batch", "title": "There is no such batch", "status": 404,
            "detail": f"There is no batch {ID}", "errors": [], "remedy": "List the batches to see their ids.",
        }
    described: dict[str, Any] = {"description": _CAUSES[status], "content": {MEDIA_TYPE: content}}
    if status in (429, 503):
        described["headers"] = {"Retry-After": _RETRY_AFTER}
    if status == 401:
        described["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return described


def set_openapi(app: FastAPI, bodies: Iterable[type[BaseModel]]) -> None:
    """Make `app.openapi()` return the complete description, with the schemas of these request bodies."""
    models: tuple[type[BaseModel], ...] = (*bodies, ProblemBody)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app, models)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(app: FastAPI, models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=_TAGS
    )
    components = schema.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in models:
        own = model.model_json_schema(ref_template=REFS + "{model}")
        schemas |= own.pop("$defs", {}) | {model.__name__: own}
    components["securitySchemes"] = {
        _BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                  "description": "Signed with HS256; requires exp, sub (the user) and aud (pressrun)"}
    }
    for path in schema["paths"].values():
        for operation in path.values():
            _remove_default_error(operation)
    return schema


_TAGS = [
    {"name": "bulk jobs", "description": "Batches of rows and their results"},
    {"name": "files", "description": "Finished files and tables of results"},
    {"name": "webhooks", "description": "Events that are sent to the `callback_url` of a batch"},
    {"name": "service", "description": "The service itself"},
]


def _remove_default_error(operation: dict[str, Any]) -> None:
    """Remove the 422 that FastAPI documents for every route with parameters: ours has another form."""
    response = operation["responses"].get("422")
    if response and "application/json" in response.get("content", {}):
        del operation["responses"]["422"]


def methods_at(schema: dict[str, Any], path: str) -> list[str]:
    """Return the methods of a path, from the description of all routes."""
    parts = path.rstrip("/").split("/")
    return [
        method.upper()
        for template, operations in schema["paths"].items()
        if len(pattern := template.split("/")) == len(parts)
        and all(part == given or part.startswith("{") for part, given in zip(pattern, parts, strict=True))
        for method in operations
    ]

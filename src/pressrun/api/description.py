"""What `/openapi.json` says beyond the routes themselves: the body of a request, every error, and who may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from pressrun.api.answers import ID, ProblemBody
from pressrun.api.problems import MEDIA_TYPE
from pressrun.kinds.ideas.request import BulkJobRequest

TITLE = "Pressrun"
DESCRIPTION = """Turns rows of ideas into videos. A bulk job is a batch of rows, and of each row, its item, one video is
made.

Every answer is `{"success": true, "data": …}`, and every error is `application/problem+json` with what was found,
where, and what to do. Make a token with `pressrun token create`."""
REFS = "#/components/schemas/"
_BEARER = "bearer"
_OF_EACH: Mapping[str, tuple[int, ...]] = {
    "create": (400, 401, 408, 413, 415, 422, 429, 500, 503),
    "list": (401, 422, 429, 500, 503),
    "analytics": (401, 422, 429, 500, 503),
    "one": (401, 404, 429, 500, 503),
    "move": (401, 404, 408, 409, 413, 429, 500, 503),
    "page": (401, 404, 422, 429, 500, 503),
    "events": (401, 404, 422, 429, 500, 503),
    "health": (500, 503),
}
_WHEN = {
    400: "The body is not JSON",
    401: "There is no token, or one that is not valid",
    404: "There is no such batch, or it is somebody else's",
    408: "The body did not arrive in time",
    409: "The state of the batch does not allow it; `allowed` says what it does",
    413: "The body is too large",
    415: "The body is not `application/json`",
    422: "A parameter, a field, a row or the template is wrong, or the idempotency key came with another request",
    429: "Too many requests of one user; `Retry-After` says when to come again",
    500: "A defect of the server; `log_number` says what its log names it",
    503: "The queue cannot be reached; `Retry-After` says when to come again",
}
_RETRY_AFTER = {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}
_SSE = {
    "schema": {"type": "string"},
    "example": 'retry: 2000\n\nid: 7\ndata: {"id": 7, "kind": "batch_running", "status": "running"}\n\n: alive\n\n'
    'event: end\ndata: {"state": "completed"}\n\n',
}


def documented(model: type[BaseModel], kind: str) -> dict[str, Any]:
    """What a route of this kind answers, for the decorator of FastAPI."""
    responses: dict[int | str, dict[str, Any]] = {status: _problem(status) for status in _OF_EACH[kind]}
    extra: dict[str, Any] = {}
    if kind == "create":
        responses[201] = {
            "description": "The batch; with `Idempotency-Replayed` the one that was made before, as it is now",
            "headers": {
                "Location": {"description": "Of the batch", "schema": {"type": "string"}},
                "Idempotency-Replayed": {"schema": {"type": "string", "enum": ["true"]}},
            },
        }
        body = {"schema": {"$ref": f"{REFS}BulkJobRequest"}, "examples": _EXAMPLES}
        extra["requestBody"] = {"required": True, "content": {"application/json": body}}
    if kind == "events":
        responses[200] = {"description": "A page, or a stream", "content": {"text/event-stream": _SSE}}
        responses[204] = {"description": "The batch has ended, and a stream has nothing more to tell"}
    if kind != "health":
        extra["security"] = [{_BEARER: []}]
    status = 201 if kind == "create" else 200
    return {"response_model": model, "status_code": status, "responses": responses, "openapi_extra": extra}


def _problem(status: int) -> dict[str, Any]:
    example = {
        "type": "urn:pressrun:problem:no-such-batch", "title": "There is no such batch", "status": 404,
        "detail": f"There is no batch {ID}", "errors": [], "remedy": "List the batches to see their ids.",
    }
    content: dict[str, Any] = {"schema": {"$ref": f"{REFS}{ProblemBody.__name__}"}}
    if status == 404:
        content["example"] = example
    described: dict[str, Any] = {"description": _WHEN[status], "content": {MEDIA_TYPE: content}}
    if status in (429, 503):
        described["headers"] = {"Retry-After": _RETRY_AFTER}
    if status == 401:
        described["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return described


_EXAMPLES = {
    "csv": {
        "summary": "Rows as CSV text",
        "value": {
            "title": "Spring",
            "input_source": {"type": "csv", "content": "idea_title,script_content\nWalden,A man went to the woods.\n"},
        },
    },
    "rows": {
        "summary": "Rows as objects, with everything that can be said",
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


def describe_in_full(app: FastAPI) -> None:
    """Makes `app.openapi()` say all of it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=_TAGS
    )
    components = schema.setdefault("components", {})
    shapes: dict[str, Any] = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    for model in (BulkJobRequest, ProblemBody):
        shape = model.model_json_schema(ref_template=REFS + "{model}")
        shapes |= shape.pop("$defs", {}) | {model.__name__: shape}
    components["securitySchemes"] = {
        _BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                  "description": "Signed with HS256; exp, sub (who you are) and aud (pressrun) are required"}
    }
    for path in schema["paths"].values():
        for operation in path.values():
            _without_their_errors(operation)
    return schema


_TAGS = [
    {"name": "bulk jobs", "description": "Batches of rows, and what becomes of them"},
    {"name": "service", "description": "The service itself"},
]


def _without_their_errors(operation: dict[str, Any]) -> None:
    """FastAPI documents an error of its own for every parameter; ours are in another form."""
    answer = operation["responses"].get("422")
    if answer and "application/json" in answer.get("content", {}):
        del operation["responses"]["422"]


def methods_at(schema: dict[str, Any], path: str) -> list[str]:
    """What can be done at a path, by the description of all."""
    asked = path.rstrip("/").split("/")
    return [
        method.upper()
        for template, operations in schema["paths"].items()
        if len(parts := template.split("/")) == len(asked)
        and all(part == given or part.startswith("{") for part, given in zip(parts, asked, strict=True))
        for method in operations
    ]

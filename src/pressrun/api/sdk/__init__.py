"""The JavaScript client, which every server serves at `/sdk/pressrun.js`."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from pressrun.api.openapi import Routes

PATH = "/sdk/pressrun.js"
MODULE = Path(__file__).with_name("pressrun.js")
CACHE = {"Cache-Control": "no-cache"}
"""A browser asks each time whether the module has changed, so that it fits the server."""

router = APIRouter()
ROUTES = Routes(router)


@router.get(PATH, include_in_schema=False)
def module(request: Request) -> Response:
    """Get the JavaScript client. No token needed."""
    response = FileResponse(MODULE, media_type="text/javascript", headers=CACHE, stat_result=MODULE.stat())
    if request.headers.get("if-none-match") == response.headers["etag"]:
        return Response(status_code=304, headers={**CACHE, "ETag": response.headers["etag"]})
    return response

"""Dependencies of routes: the caller, the parameters and the body of a request, validated."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator, Field
from starlette.requests import HTTPConnection

from pressrun.api.links import Links
from pressrun.api.middleware import IDENTITY
from pressrun.api.responses import ID
from pressrun.api.settings import ApiSettings
from pressrun.api.tokens import Identity
from pressrun.errors import BodySyntaxError, BodyTypeError, NoSuchBatchError, RequestError, UsageError
from pressrun.jobs.connection import Queue
from pressrun.kinds.problems import quote
from pressrun.kinds.validation import reject_duplicate_keys

ID_PATTERN = "^bj_[0-9a-z]{26}$"
KEY_PATTERN = "^[!-~]{1,255}$"
NUMBER_PATTERN = "^[0-9]{1,18}$"


@dataclass(frozen=True)
class Caller:
    """The user of a request, and the queue as they see it."""

    identity: Identity
    queue: Queue
    settings: ApiSettings
    links: Links


async def reject_unknown_parameters(connection: HTTPConnection) -> None:
    """Raise `RequestError` for query parameters that the route does not have: a misspelled one must not be ignored."""
    route = connection.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = _query_names(route.dependant)
    unknown = [name for name in dict.fromkeys(connection.query_params) if name not in known]
    if unknown:
        expected = f"one of {', '.join(sorted(known))}" if known else "no parameters"
        problems = tuple((f"query.{quote(name)[1:-1]}", "an unknown parameter", expected) for name in unknown[:100])
        raise RequestError(
            "; ".join(f"{path}: found {found}; expected {wanted}" for path, found, wanted in problems),
            remedy="Correct or remove the parameters listed here.", problems=problems,
        )


def _query_names(dependant: Dependant) -> set[str]:
    names = {each.alias for each in dependant.query_params}
    return names.union(*map(_query_names, dependant.dependencies))


async def caller_of(request: Request) -> Caller:
    """Return the caller that the token names."""
    identity: Identity = request.scope[IDENTITY]
    return make_caller(identity, request)


def make_caller(identity: Identity, connection: HTTPConnection) -> Caller:
    """Return the caller of a request or a WebSocket. Links lead to the address that the caller used."""
    state = connection.app.state
    settings: ApiSettings = state.settings
    # A WebSocket has the schemes ws and wss.
    base = settings.public_url or re.sub("^ws", "http", str(connection.base_url)).rstrip("/")
    links = Links(state.signer, base, settings.link_hours * 3600)
    return Caller(identity, Queue(state.pool, identity.user), settings, links)


async def batch_id_of(
    batch_id: Annotated[str, Path(alias="id", description="Id of the batch", examples=[ID],
                                  json_schema_extra={"pattern": ID_PATTERN})],
) -> str:
    """Return the id in the path. Raises `NoSuchBatchError` for one that cannot be an id."""
    if not re.fullmatch(ID_PATTERN, batch_id, re.ASCII):
        raise NoSuchBatchError("There is no batch with this id", remedy="List the batches to see their ids.")
    return batch_id


async def body_of(request: Request) -> bytes:
    """Return the body of a request that declares JSON. Raises `BodyTypeError`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BodyTypeError(
            f"The body is {kind}" if kind else "The request has no Content-Type",
            remedy="Send JSON with the header Content-Type: application/json.",
        )
    return await request.body()


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON body in UTF-8. Raises `BodySyntaxError`, also for duplicate keys, NaN and Infinity."""
    try:
        return json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=reject_duplicate_keys, parse_constant=_reject_constant
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
        raise BodySyntaxError(f"The body is not JSON: {where}", remedy="Correct it and send it again.") from None
    except UnicodeDecodeError as error:
        raise BodySyntaxError(
            f"The body is not UTF-8 at byte {error.start + 1}", remedy="Encode it in UTF-8 and send it again."
        ) from None
    except RecursionError:
        raise BodySyntaxError("The body is nested too deeply", remedy="Send plain objects and lists.") from None
    except ValueError as error:
        raise BodySyntaxError(f"The body is not JSON: {error}", remedy="Correct it and send it again.") from None


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _digits(value: object) -> object:
    """Convert a parameter of digits. Other forms that Python accepts as numbers (`1_0`, `+1`) fail the strict type."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value, re.ASCII) else value


def _day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return value
    if value is None or isinstance(value, date):
        return value
    raise ValueError("a day, e.g. 2026-03-31")


_REMEDIES = {
    "page token": "Use the next_page_token of the previous page, or leave it out.",
    "Last-Event-ID header": "Send the id of the last event you received, or leave the header out.",
}


def token_number(text: str | None, name: str = "page token") -> int:
    """Return the position in a list of items or events that a page token or an event id holds; 0 for None.

    Raises `UsageError`, which calls it by `name`.
    """
    if text is None:
        return 0
    if re.fullmatch(NUMBER_PATTERN, text, re.ASCII):
        return int(text)
    raise UsageError(f"The {name} does not belong to this list", remedy=_REMEDIES[name])


FromCaller = Annotated[Caller, Depends(caller_of)]
BatchId = Annotated[str, Depends(batch_id_of)]
Body = Annotated[bytes, Depends(body_of)]
PageSize = Annotated[
    Annotated[int, Field(ge=1, le=100, strict=True)], BeforeValidator(_digits), Query(description="Entries per page")
]
PageToken = Annotated[str | None, Query(max_length=500, description="next_page_token of the previous page")]
_NUMBER = {"anyOf": [{"type": "string", "pattern": NUMBER_PATTERN}]}
PositionToken = Annotated[
    str | None, Query(description="next_page_token of the previous page", json_schema_extra=_NUMBER)
]
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="Id of the last event that you received", json_schema_extra=_NUMBER),
]
Day = Annotated[date | None, BeforeValidator(_day)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="Any text, unique to this request. If you retry the request with the same key and body, you get "
        "the batch that the first one created",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]

"""What a request says, checked: its body, its parameters, its page, and in whose name the queue is asked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request
from pydantic import BeforeValidator, Field

from pressrun.api.answers import ID
from pressrun.api.doorkeeper import IDENTITY
from pressrun.api.settings import ApiSettings
from pressrun.api.tokens import Identity
from pressrun.errors import BodySyntaxError, BodyTypeError, NoSuchBatchError, UsageError
from pressrun.jobs.connection import Queue
from pressrun.kinds.validation import without_doubles

ID_PATTERN = "^bj_[0-9a-z]{26}$"
KEY_PATTERN = "^[!-~]{1,255}$"
PLACE_PATTERN = "^[0-9]{1,18}$"


@dataclass(frozen=True)
class Caller:
    """Who asks, and the queue as they see it."""

    identity: Identity
    queue: Queue
    settings: ApiSettings


async def caller_of(request: Request) -> Caller:
    identity: Identity = request.scope[IDENTITY]
    state = request.app.state
    return Caller(identity, Queue(state.pool, identity.user), state.settings)


async def batch_id_of(
    batch_id: Annotated[str, Path(alias="id", description="Of the batch", examples=[ID],
                                  json_schema_extra={"pattern": ID_PATTERN})],
) -> str:
    if not re.fullmatch(ID_PATTERN, batch_id, re.ASCII):
        raise NoSuchBatchError("There is no batch of this name", remedy="List the batches to see their ids.")
    return batch_id


async def body_of(request: Request) -> bytes:
    """The body of a request that says it is JSON. Raises `BodyTypeError`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BodyTypeError(
            f"The body is {kind or 'of no named type'}" if kind else "The request does not say what its body is",
            remedy="Send JSON with the header Content-Type: application/json.",
        )
    return await request.body()


def parsed(body: bytes) -> Any:
    """JSON in UTF-8, without what only some readers understand. Raises `BodySyntaxError`."""
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=without_doubles, parse_constant=_no_constant)
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


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _digits(value: object) -> object:
    """A parameter of digits alone; what Python would also read as a number is left to be refused."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value, re.ASCII) else value


def _day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return value
    if value is None or isinstance(value, date):
        return value
    raise ValueError("a day as 2026-03-31")


_REMEDIES = {
    "page token": "Use the next_page_token of the page before, or none.",
    "header Last-Event-ID": "Send the id of the last event that was heard, or no such header.",
}


def token_number(text: str | None, name: str = "page token") -> int:
    """The place in a list of items or events that `text`, called `name`, stands for. Raises `UsageError`."""
    if text is None:
        return 0
    if re.fullmatch(PLACE_PATTERN, text, re.ASCII):
        return int(text)
    raise UsageError(f"The {name} is not one of this list", remedy=_REMEDIES[name])


FromCaller = Annotated[Caller, Depends(caller_of)]
BatchId = Annotated[str, Depends(batch_id_of)]
Body = Annotated[bytes, Depends(body_of)]
PageSize = Annotated[
    Annotated[int, Field(ge=1, le=100, strict=True)], BeforeValidator(_digits), Query(description="Entries of a page")
]
PageToken = Annotated[str | None, Query(max_length=500, description="next_page_token of the page before")]
_PLACE = {"anyOf": [{"type": "string", "pattern": PLACE_PATTERN}]}
PlaceToken = Annotated[
    str | None, Query(description="next_page_token of the page before", json_schema_extra=_PLACE)
]
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="Id of the last event that a stream gave", json_schema_extra=_PLACE),
]
Day = Annotated[date | None, BeforeValidator(_day)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="Any text of your own for this one request. Sent again with the same body, it answers with the "
        "batch that was made the first time",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]

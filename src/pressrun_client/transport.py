"""Run the same requests with a synchronous or an asynchronous HTTP client.

What the client does is written once, as generators that yield steps (`Send`, `Open`, `Read`, `Sleep`, `Emit`).
`SyncTransport` and `AsyncTransport` carry out the steps and send the results back.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import httpx

from pressrun_client.errors import ApiError, ConnectionFailedError, api_error

T = TypeVar("T")
STREAM_TIMEOUT = 45.0
"""Seconds without a byte after which a stream counts as lost. The server sends a comment every 15 s."""
MAX_DELAY = 30.0
"""Longest delay before a retry, in seconds, unless the server asks for a longer one."""
RETRIES = 5
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    """Whether a second request has no effect beyond the first one's."""


@dataclass(frozen=True)
class Send:
    """Send a request and read its whole response."""

    call: Call


@dataclass(frozen=True)
class Open:
    """Send a request and leave its response open; `Read` reads it. The next `Open` or `Sleep` closes it."""

    call: Call
    lines: bool


@dataclass(frozen=True)
class Read:
    """Read the next line or chunk of the open response; the result is None at its end."""


@dataclass(frozen=True)
class Sleep:
    """Wait, in seconds."""

    seconds: float


@dataclass(frozen=True)
class Emit:
    """Hand a value to the caller's loop."""

    value: Any


Step = Send | Open | Read | Sleep | Emit
Flow = Generator[Step, Any, T]


def user_agent() -> str:
    """Return the name and version of this client."""
    try:
        return f"pressrun-client/{version('pressrun-client')}"
    except PackageNotFoundError:
        return "pressrun-client"


def retry_delay(attempt: int) -> float:
    """Return the seconds to wait after a failed attempt, counted from 0: doubling, with jitter."""
    return min(MAX_DELAY, 0.5 * 2.0**attempt) * random.uniform(0.5, 1.0)


def send(call: Call) -> Flow[httpx.Response]:
    """Send a request and return its response. Retry where that is safe.

    Raises `ConnectionFailedError` if the server does not answer, or the `ApiError` of its response.
    """
    attempt = 0
    while True:
        asked = 0.0
        failure: ApiError | ConnectionFailedError
        try:
            response: httpx.Response = yield Send(call)
        except httpx.TransportError as error:
            failure = connection_error(error)
            # Refused connections and the like: the request has not reached the server, so a retry is always safe.
            retryable = call.repeatable or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        else:
            if response.is_success or response.is_redirect:
                return response
            failure, asked = error_of(response), retry_after(response)
            retryable = response.status_code in RETRIED_STATUSES and (call.repeatable or response.status_code == 429)
        if not retryable or attempt == RETRIES:
            raise failure
        yield Sleep(max(asked, retry_delay(attempt)))
        attempt += 1


def connection_error(error: httpx.TransportError) -> ConnectionFailedError:
    """Return the error of a request that was not answered."""
    try:
        url = f" at {error.request.url.scheme}://{error.request.url.netloc.decode('ascii')}"
    except RuntimeError:  # httpx knows no request for this error
        url = ""
    reason = str(error) or type(error).__name__
    return ConnectionFailedError(f"The server{url} does not answer: {reason}", "Check base_url, and that it runs")


def error_of(response: httpx.Response) -> ApiError:
    """Return the error that a response describes."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {"detail": f"The server answered {response.status_code} without an explanation"}
    return api_error(response.status_code, problem)


def retry_after(response: httpx.Response) -> float:
    """Return the seconds that the server asks to wait, or 0."""
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return 0.0


def json_of(response: httpx.Response) -> Any:
    """Return the `data` of a response. Raises `ConnectionFailedError` if it is not one of Pressrun's."""
    try:
        return response.json()["data"]
    except (ValueError, KeyError, TypeError):
        raise ConnectionFailedError(
            f"{response.url} did not answer like a Pressrun server", "Check base_url"
        ) from None


def _request(http: httpx.Client | httpx.AsyncClient, call: Call, read: float | None = None) -> httpx.Request:
    content = None if call.body is None else json.dumps(call.body).encode()
    headers = dict(call.headers) | ({} if content is None else {"Content-Type": "application/json"})
    params = {name: value for name, value in call.params.items() if value is not None}
    usual = http.timeout
    timeout = httpx.Timeout(connect=usual.connect, read=read or usual.read, write=usual.write, pool=usual.pool)
    return http.build_request(
        call.method, call.path, params=params, content=content, headers=headers, timeout=timeout
    )


class SyncTransport:
    """Carries out steps with `httpx.Client`."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def run(self, flow: Flow[T]) -> T:
        """Return the result of a flow that emits nothing."""
        steps = self.iterate(flow)
        try:
            while True:
                next(steps)
        except StopIteration as end:
            result: T = end.value
            return result

    def iterate(self, flow: Flow[T]) -> Generator[Any, None, T]:
        """Yield what a flow emits."""
        response: httpx.Response | None = None
        parts: Iterator[str | bytes] = iter(())
        result: Any = None
        failure: httpx.TransportError | None = None
        try:
            while True:
                try:
                    step = flow.throw(failure) if failure else flow.send(result)
                except StopIteration as end:
                    value: T = end.value
                    return value
                result = failure = None
                if isinstance(step, Open | Sleep) and response is not None:
                    response.close()
                    response = None
                try:
                    if isinstance(step, Send):
                        result = self.http.send(_request(self.http, step.call))
                    elif isinstance(step, Open):
                        request = _request(self.http, step.call, STREAM_TIMEOUT)
                        result = response = self.http.send(request, stream=True, follow_redirects=not step.lines)
                        parts = response.iter_lines() if step.lines else response.iter_bytes()
                        if not response.is_success:
                            response.read()
                    elif isinstance(step, Read):
                        result = next(parts, None)
                    elif isinstance(step, Sleep):
                        time.sleep(step.seconds)
                    else:
                        yield step.value
                except httpx.TransportError as error:
                    failure = error
        finally:
            flow.close()
            if response is not None:
                response.close()


class AsyncTransport:
    """Carries out steps with `httpx.AsyncClient`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def run(self, flow: Flow[T]) -> T:
        """Return the result of a flow that emits nothing."""
        results: list[T] = []
        async for _ in self.iterate(flow, results):
            pass
        return results[0]

    async def iterate(self, flow: Flow[T], results: list[T] | None = None) -> AsyncIterator[Any]:
        """Yield what a flow emits; its result is added to `results`."""
        response: httpx.Response | None = None
        parts: AsyncIterator[str | bytes] | None = None
        result: Any = None
        failure: httpx.TransportError | None = None
        try:
            while True:
                try:
                    step = flow.throw(failure) if failure else flow.send(result)
                except StopIteration as end:
                    if results is not None:
                        results.append(end.value)
                    return
                result = failure = None
                if isinstance(step, Open | Sleep) and response is not None:
                    await response.aclose()
                    response = None
                try:
                    if isinstance(step, Send):
                        result = await self.http.send(_request(self.http, step.call))
                    elif isinstance(step, Open):
                        request = _request(self.http, step.call, STREAM_TIMEOUT)
                        result = response = await self.http.send(
                            request, stream=True, follow_redirects=not step.lines
                        )
                        parts = response.aiter_lines() if step.lines else response.aiter_bytes()
                        if not response.is_success:
                            await response.aread()
                    elif isinstance(step, Read):
                        assert parts is not None
                        result = await anext(parts, None)
                    elif isinstance(step, Sleep):
                        await asyncio.sleep(step.seconds)
                    else:
                        yield step.value
                except httpx.TransportError as error:
                    failure = error
        finally:
            flow.close()
            if response is not None:
                await response.aclose()

"""Send one webhook: sign it, connect to a checked address, and judge the response."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from pressrun.jobs.webhooks.addresses import Network, resolve

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpx import AsyncClient

DELIVERY_TIMEOUT = 15.0
"""Seconds for one attempt, from the name lookup to the response."""
CONNECT_TIMEOUT = 5.0
RETRY_DELAYS = (5, 60, 300, 1800, 7200, 18_000, 36_000, 72_000, 122_400)
"""Seconds before the second to the tenth attempt: three days in all."""
JITTER = 0.1
"""Share by which a delay is changed at random, so that many webhooks do not come back at the same moment."""
MAX_RETRY_AFTER = 86_400.0
"""Longest Retry-After to honour, in seconds."""
MAX_ERROR_LENGTH = 300


@dataclass(frozen=True)
class Attempt:
    """The result of one attempt."""

    status: int | None = None
    """Status of the response; None if there was none."""
    error: str = ""
    """Why it failed; empty if the receiver accepted the webhook."""
    retry_after: float = 0.0
    """Seconds that the receiver asked to wait."""

    @property
    def delivered(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more webhooks at this URL."""
        return self.status == 410


def open_client() -> AsyncClient:
    """Return the client for deliveries.

    It follows no redirects, which would lead around the check of the address, and ignores proxies, which would resolve
    the name themselves. It keeps no connection: they are pooled by address, and two names may share one.
    """
    import httpx

    return httpx.AsyncClient(
        verify=_tls_context(), follow_redirects=False, mounts={}, trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
        timeout=httpx.Timeout(DELIVERY_TIMEOUT, connect=CONNECT_TIMEOUT),
    )


@cache
def _tls_context() -> SSLContext:
    import httpx

    return httpx.create_ssl_context()


def encode_body(body: Mapping[str, Any]) -> bytes:
    """Return the body as it is signed and sent. Equal bodies give equal bytes, so retries do not differ."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def sign(event_id: str, now: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with one signature for each secret."""
    from standardwebhooks import Webhook

    text = body.decode()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, text) for secret in secrets),
    }


async def deliver(
    client: AsyncClient, url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[Network], now: datetime
) -> Attempt:
    """Send a webhook and return the result. No error of the network is raised."""
    import httpx

    try:
        async with asyncio.timeout(DELIVERY_TIMEOUT):
            target = httpx.URL(url)
            address = await resolve(target.host, target.port or (443 if target.scheme == "https" else 80), allowed)
            # The request goes to the address that was checked. Resolving the name again, as a client does, could give
            # another one. Certificate and virtual host still belong to the name.
            request = client.build_request(
                "POST", target.copy_with(host=address), content=body,
                headers={
                    **headers, "Host": target.netloc.decode(), "Content-Type": "application/json",
                    "User-Agent": "pressrun-webhooks", "Accept": "*/*", "Accept-Encoding": "identity",
                },
                extensions={"sni_hostname": target.host},
            )
            # Only the headers are read: a body could be endless.
            response = await client.send(request, stream=True)
            await response.aclose()
    except TimeoutError:
        return Attempt(error=f"No response within {DELIVERY_TIMEOUT:.0f} s")
    except (OSError, httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return Attempt(error=_describe(error))
    status = response.status_code
    if 200 <= status < 300:
        return Attempt(status)
    hint = "; redirects are not followed" if 300 <= status < 400 else ""
    return Attempt(status, f"Status {status}{hint}", _retry_after(response.headers.get("retry-after", ""), now))


def _describe(error: Exception) -> str:
    reason = str(error) or type(error).__name__
    return reason.replace("\n", " ")[:MAX_ERROR_LENGTH]


def _retry_after(text: str, now: datetime) -> float:
    """Return the seconds of a Retry-After header, which holds a number or a date; 0 if it holds neither."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:9])
    else:
        try:
            when = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return 0.0
        seconds = ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(0.0, seconds), MAX_RETRY_AFTER)


def next_attempt(failures: int, now: datetime, expires_at: datetime, retry_after: float) -> datetime | None:
    """Return when to try again after the given number of failed attempts; None to give up.

    An event that expired is not retried.
    """
    if failures > len(RETRY_DELAYS) or now >= expires_at:
        return None
    delay = RETRY_DELAYS[failures - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    return now + timedelta(seconds=max(delay, retry_after))

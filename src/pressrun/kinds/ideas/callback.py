"""The callback of a batch: its URL and the events to send there."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator

from pressrun.jobs.webhooks import WEBHOOK_EVENTS
from pressrun.kinds.validation import StrictModel

MAX_URL_LENGTH = 2000


def _check_event(value: str) -> str:
    if value not in WEBHOOK_EVENTS:
        raise ValueError(f"one of {', '.join(WEBHOOK_EVENTS)}")
    return value


WebhookEvent = Annotated[
    str, AfterValidator(_check_event), WithJsonSchema({"type": "string", "enum": list(WEBHOOK_EVENTS)})
]


class CallbackTest(StrictModel):
    """A URL to test."""

    url: str = Field(max_length=MAX_URL_LENGTH, pattern="^ *https?://", description="https, or http on this machine")

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        return parse_callback_url(value)


def parse_callback_url(text: str) -> str:
    """Return `text` as the URL of a callback. Raises `ValueError` with the accepted form."""
    expected = "an https URL without user name and password (http only on this machine)"
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(expected) from None
    plain = url.isprintable() and " " not in url and host and "@" not in parts.netloc
    if not plain or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not _is_loopback(host)):
        raise ValueError(expected)
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

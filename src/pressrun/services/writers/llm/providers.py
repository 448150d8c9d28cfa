"""Build the client library of each provider, with our timeouts and detection of dead connections."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from pressrun.model.script import Script
from pressrun.services import network
from pressrun.services.writers.llm.models import ModelAccess

CONNECT_TIMEOUT = 12.0
REPLY_TIMEOUT = 180.0
"""Timeout of one whole reply, in seconds."""
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_PROBES = 5, 3, 3
"""TCP keepalive: after 5 silent seconds, three probes 3 seconds apart. A dead connection is noticed after 14 seconds,
while a model that is thinking may take longer."""
BASE_URLS = {
    "gemini": ("GOOGLE_GEMINI_BASE_URL", "https://generativelanguage.googleapis.com"),
    "openai": ("OPENAI_BASE_URL", "https://api.openai.com/v1"),
}
"""The variable that the client library reads, and its default."""
NO_KEY = "none"
"""Sent to a server that needs no key: the client library requires one."""


async def build_model(access: ModelAccess, stack: AsyncExitStack) -> Any:
    """Return the model of pydantic-ai; its connections are closed with `stack`."""
    from pydantic_ai.models import create_async_httpx2_client

    http = await stack.enter_async_context(
        create_async_httpx2_client(timeout=_timeout(), transport=_transport(base_url(access)))
    )
    key = access.key.reveal() if access.key else NO_KEY
    if access.provider == "gemini":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(access.model, provider=GoogleProvider(api_key=key, http_client=http))
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    if access.provider == "openai":
        return OpenAIChatModel(access.model, provider=OpenAIProvider(api_key=key, http_client=http))
    return OpenAIChatModel(
        access.model,
        provider=OpenAICompatibleProvider("custom", base_url=access.url, api_key=key, http_client=http),
        # Some servers reject one form of response_format, some the other; all of them accept a plain request.
        profile={"supports_json_object_output": False},
    )


def base_url(access: ModelAccess) -> str:
    """Return the address that the client library uses."""
    if access.url:
        return access.url
    variable, usual = BASE_URLS[access.provider]
    return os.environ.get(variable) or usual


def is_near(access: ModelAccess) -> bool:
    """Return whether the model is on this machine or in the local network, and needs no internet."""
    return network.is_near(urlsplit(base_url(access)).hostname or "")


def output_mode(access: ModelAccess, validated_script: Callable[..., Script]) -> Any:
    """Return how the reply's schema is sent: natively, or in the prompt for servers that may not support schemas."""
    from pydantic_ai import NativeOutput, PromptedOutput

    return PromptedOutput(validated_script) if access.provider == "custom" else NativeOutput(validated_script)


def _timeout() -> Any:
    import httpx2

    return httpx2.Timeout(REPLY_TIMEOUT, connect=CONNECT_TIMEOUT)


def _transport(url: str) -> Any:
    """Return a transport with TCP keepalive."""
    import httpx2

    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE), ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL), ("TCP_KEEPCNT", KEEPALIVE_PROBES)
    ):
        # macOS calls the first one TCP_KEEPALIVE and may lack the others.
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return httpx2.AsyncHTTPTransport(proxy=proxy_url(url), socket_options=options)


def proxy_url(url: str) -> str | None:
    """Return the proxy for `url` from the environment, which a custom transport ignores."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")

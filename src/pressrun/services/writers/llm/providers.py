"""Build the client library of each provider, with our timeouts, and check whether its models are available."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from pressrun.errors import AuthenticationError, NetworkError, PressrunError, ScriptError
from pressrun.model.script import Script
from pressrun.services import network
from pressrun.services.fetching import fetch
from pressrun.services.protocols import Context
from pressrun.services.writers.llm.models import PROVIDERS, ModelAccess, configured_models, key_variables

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
CHECK_TIMEOUT = 4.0
MAX_CHECKED_MODELS = 2
"""Maximum number of models checked, to stay within the time limit."""
MAX_REPLY_BYTES = 4_000_000


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


def check(context: Context) -> str:
    """Return the first available model, with notes about those before it. Raises the error of the first if none is."""
    failed: list[PressrunError] = []
    for access in configured_models(context.settings, None)[:MAX_CHECKED_MODELS]:
        try:
            _check_model(access)
        except PressrunError as error:
            failed.append(error)
            continue
        for passed in failed:
            context.note(f"{passed.message}. {passed.remedy}")
        return f"{access} is available"
    raise failed[0]


def _check_model(access: ModelAccess) -> None:
    """Raise `AuthenticationError`, `ScriptError` for a missing model, or `NetworkError`."""
    title, base = PROVIDERS[access.provider].title, base_url(access).rstrip("/")
    key = access.key.reveal() if access.key else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{base}/models"  # other servers support only the list for certain
    if access.provider == "openai":
        url = f"{base}/models/{access.model}"
    elif access.provider == "gemini":
        url, headers = f"{base}/v1beta/models/{access.model}", {"x-goog-api-key": key}
    answer = fetch(
        "GET", url, timeout=CHECK_TIMEOUT, total_timeout=CHECK_TIMEOUT, max_bytes=MAX_REPLY_BYTES, headers=headers
    )
    if answer.status in (401, 403) or (answer.status == 400 and access.provider == "gemini"):
        raise AuthenticationError(
            f"{title} did not accept the key for {access} (status {answer.status})",
            remedy=f"Check the key in {key_variables(access.provider)}.",
        )
    if answer.status == 404 and access.provider != "custom":
        raise ScriptError(f"{title} has no model {access.model}", remedy="Correct its name in llm_models.")
    if answer.status == 429 or answer.status >= 500:
        raise NetworkError(
            f"{title} returned status {answer.status} for {access}", remedy="Run the same command again later."
        )

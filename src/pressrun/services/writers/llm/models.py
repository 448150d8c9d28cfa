"""Read the models of the setting `llm_models` and their keys, and calculate the cost of their tokens."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pressrun import redaction
from pressrun.errors import SettingsError
from pressrun.redaction import SecretText

if TYPE_CHECKING:
    from pydantic_ai.usage import RunUsage


@dataclass(frozen=True)
class Provider:
    """A provider: its title in messages, and how much of a source its models are given, in bytes of UTF-8.

    Three bytes are about one token of English, Japanese and Russian alike, so 300,000 bytes are 100,000 tokens: a third
    of the context of the smaller models of Gemini and OpenAI, and a book of ten hours of speech. The context of other
    servers is unknown; 48,000 bytes leave room in 32,768 tokens.
    """

    title: str
    budget: int


PROVIDERS = {
    "gemini": Provider("Gemini", 300_000),
    "openai": Provider("OpenAI", 300_000),
    "custom": Provider("The server at llm_url", 48_000),
}

_PRICE_PROVIDERS = {"gemini": "google", "openai": "openai"}
"""Provider -> its name in the price list bundled with pydantic-ai. The price of a custom server is unknown."""


@dataclass(frozen=True)
class ModelAccess:
    """One model with one key."""

    provider: str
    model: str
    key: SecretText | None
    number: int = 1
    """Number of the key, if a provider has several."""
    url: str = ""

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}" + (f" with key {self.number}" if self.number > 1 else "")


def configured_models(settings: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> list[ModelAccess]:
    """Return every available model with each of its keys. A variable holds several keys with commas between.

    Raises `SettingsError` for an entry of `llm_models` that is not "provider:model", or a file of a key that cannot
    be read.
    """
    found = []
    for provider, model in parse_models(str(settings["llm_models"])):
        url = str(settings["llm_url"]).strip() if provider == "custom" else ""
        keys: list[SecretText | None] = list(_keys(provider, environment))
        if provider == "custom":
            keys = (keys or [None]) if url else []
        found += [ModelAccess(provider, model, key, number, url) for number, key in enumerate(keys, start=1)]
    return found


def parse_models(setting: str) -> list[tuple[str, str]]:
    """Return provider and model of every entry. Raises `SettingsError`."""
    found = []
    for entry in filter(None, (each.strip() for each in setting.split(","))):
        provider, colon, model = entry.partition(":")
        if provider.strip() not in PROVIDERS or not colon or not model.strip():
            raise SettingsError(
                f'Setting llm_models: "{entry}" is not provider:model',
                remedy=f"Begin each entry with one of {', '.join(f'{name}:' for name in PROVIDERS)} "
                'e.g. "gemini:gemini-3.8-flash".',
            )
        found.append((provider.strip(), model.strip()))
    if not found:
        raise SettingsError(
            "Setting llm_models is empty", remedy='Set it to a model, e.g. "gemini:gemini-3.8-flash".'
        )
    return found


def key_variables(provider: str) -> str:
    """Return the variables that may contain a key, for a remedy."""
    return " or ".join(redaction.SECRETS[provider].variables[:2])


def is_configured_for_pressrun(settings: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> bool:
    """Return whether a key or URL is set specifically for Pressrun."""
    env = os.environ if environment is None else environment
    names = [redaction.SECRETS[provider].variables[0] for provider, _ in parse_models(str(settings["llm_models"]))]
    return any(env.get(name) or env.get(name + redaction.FILE_SUFFIX) for name in names) or bool(settings["llm_url"])


def _keys(provider: str, environment: Mapping[str, str] | None) -> list[SecretText]:
    whole = redaction.find_secret(provider, environment)
    return [SecretText(key) for each in whole.reveal().split(",") if (key := each.strip())] if whole else []


def total_cost(used: Sequence[tuple[ModelAccess, RunUsage]]) -> Decimal | None:
    """Return the US dollars for all of `used`, or None if nothing was used or a price is unknown."""
    prices = [_model_cost(access, usage) for access, usage in used]
    return sum((price for price in prices if price is not None), Decimal()) if prices and None not in prices else None


def _model_cost(access: ModelAccess, usage: RunUsage) -> Decimal | None:
    from genai_prices import Usage, calc_price

    if access.provider not in _PRICE_PROVIDERS:
        return None
    # Cached input costs less, and is included in input_tokens.
    tokens = Usage(
        input_tokens=usage.input_tokens, output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens, cache_write_tokens=usage.cache_write_tokens,
    )
    try:
        return calc_price(tokens, model_ref=access.model, provider_id=_PRICE_PROVIDERS[access.provider]).total_price
    except (LookupError, ValueError):
        return None

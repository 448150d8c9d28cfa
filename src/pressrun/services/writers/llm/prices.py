"""Calculate the cost of tokens from the price list bundled with pydantic-ai, without network requests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pressrun.services.writers.llm.models import ModelAccess

if TYPE_CHECKING:
    from pydantic_ai.usage import RunUsage

_PRICE_PROVIDERS = {"gemini": "google", "openai": "openai"}
"""Provider -> its name in the price list. The price of a custom server is unknown."""


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

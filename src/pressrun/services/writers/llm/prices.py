"""What the tokens cost, by the list of prices that comes with pydantic-ai; nothing is asked of the network."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pressrun.services.writers.llm.ways import Way

if TYPE_CHECKING:
    from pydantic_ai.usage import RunUsage

_PRICED = {"gemini": "google", "openai": "openai"}
"""Provider -> its name in the list. What a server of the user costs is known to the user alone."""


def cost(used: Sequence[tuple[Way, RunUsage]]) -> Decimal | None:
    """US dollars for all of `used`; None where nothing was used or a price is not known."""
    prices = [_of_one(way, usage) for way, usage in used]
    return sum((price for price in prices if price is not None), Decimal()) if prices and None not in prices else None


def _of_one(way: Way, usage: RunUsage) -> Decimal | None:
    from genai_prices import Usage, calc_price

    if way.provider not in _PRICED:
        return None
    # Input that was read from a cache costs less, and is counted in input_tokens too.
    tokens = Usage(
        input_tokens=usage.input_tokens, output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens, cache_write_tokens=usage.cache_write_tokens,
    )
    try:
        return calc_price(tokens, model_ref=way.model, provider_id=_PRICED[way.provider]).total_price
    except (LookupError, ValueError):
        return None

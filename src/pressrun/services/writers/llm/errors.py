"""Translate errors of language models. No server text is included, because servers echo keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic_ai import exceptions

from pressrun.errors import AuthenticationError, NetworkError, PressrunError, QuotaExceededError, ScriptError
from pressrun.services.writers.llm.models import PROVIDERS, ModelAccess, key_variables

MAX_RETRY_WAIT = 30.0
"""Longest wait, in seconds, for a provider that sent Retry-After before the stage is retried."""
DEFAULT_RETRY_WAIT = 5.0
"""Wait, in seconds, for a provider that sent no Retry-After."""
TRY_LATER = "Run the same command again later."
USE_ANOTHER = "Set llm_models to another model, or set writer to extractive."


class _BusyError(NetworkError):
    """Too many requests; has the seconds after which the provider accepts more."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message, remedy="Run the same command again a little later, or add a key or a model.")
        self.wait = wait


def translate_error(error: exceptions.AgentRunError, access: ModelAccess) -> PressrunError:
    """Translate an error of pydantic-ai for `access`."""
    title = PROVIDERS[access.provider].title
    status = f" (status {error.status_code})" if isinstance(error, exceptions.ModelHTTPError) else ""
    match error:
        case exceptions.ModelAuthenticationError():
            return AuthenticationError(
                f"{title} did not accept the key for {access}{status}",
                remedy=f"Check the key in {key_variables(access.provider)}.",
            )
        case exceptions.ModelQuotaExceededError():
            return QuotaExceededError(
                f"The quota of the key for {access} is used up{status}",
                remedy="Check its account, or add another key, separated by a comma.",
            )
        case exceptions.ModelRateLimitError():
            return _BusyError(f"{title} rate-limits requests for {access}{status}", _wait(error.retry_after))
        case exceptions.ModelNotFoundError():
            return ScriptError(f"{title} has no model {access.model}{status}", remedy="Correct its name in llm_models.")
        case exceptions.ModelRequestRejectedError():
            return ScriptError(f"{title} rejected the request to {access}{status}", remedy=USE_ANOTHER)
        case exceptions.ContentFilterError():
            return ScriptError(f"{title} refused to write about this source with {access}", remedy=USE_ANOTHER)
        case exceptions.OutputTokenLimitExceeded():
            return ScriptError(f"{access} stopped in the middle of its reply", remedy=USE_ANOTHER)
        case exceptions.UnexpectedModelBehavior():
            return ScriptError(f"{access} returned an unreadable script", remedy=USE_ANOTHER)
        case exceptions.ModelTimeoutError() | exceptions.ModelRequestTimeout():
            return NetworkError(f"{title} did not respond for {access} in time", remedy=TRY_LATER)
        case exceptions.ModelAPIError():
            what = "had a server error" if status else "cannot be reached"
            return NetworkError(f"{title} {what} for {access}{status}", remedy=TRY_LATER)
    return ScriptError(f"{access} wrote no script: {type(error).__name__}", remedy=USE_ANOTHER)


def _wait(said: float | None) -> float:
    return DEFAULT_RETRY_WAIT if said is None else said


async def combine_errors(passed: Sequence[tuple[ModelAccess, PressrunError]]) -> PressrunError:
    """Combine the errors into one, retryable if any is; wait first if all retryable ones are rate limits."""
    later = [error for _, error in passed if error.retryable]
    first = later[0] if later else passed[0][1]
    busy = [error.wait for error in later if isinstance(error, _BusyError)]
    if busy and len(busy) == len(later):
        await asyncio.sleep(min(MAX_RETRY_WAIT, *busy))
    if len(passed) == 1:
        message = first.message
    else:
        message = "No model wrote the script: " + "; ".join(error.message for _, error in passed)
    kind = NetworkError if isinstance(first, _BusyError) else type(first)
    remedies = dict.fromkeys(error.remedy for _, error in passed if error.retryable == first.retryable)
    return kind(message, remedy=" ".join(remedies))

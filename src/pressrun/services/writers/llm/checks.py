"""Check whether the models of `llm_models` are available: a request for the model's details is free."""

from __future__ import annotations

from pressrun.errors import AuthenticationError, NetworkError, PressrunError, ScriptError
from pressrun.services.fetching import fetch
from pressrun.services.protocols import Context
from pressrun.services.writers.llm.models import PROVIDERS, ModelAccess, configured_models, key_variables

CHECK_TIMEOUT = 4.0
MAX_MODELS = 2
"""Maximum number of models checked, to stay within the time limit."""
MAX_REPLY_BYTES = 4_000_000


def check(context: Context) -> str:
    """Return the first available model, with notes about those before it. Raises the error of the first if none is."""
    failed: list[PressrunError] = []
    for way in configured_models(context.settings, None)[:MAX_MODELS]:
        try:
            _check_model(way)
        except PressrunError as error:
            failed.append(error)
            continue
        for passed in failed:
            context.note(f"{passed.message}. {passed.remedy}")
        return f"{way} is available"
    raise failed[0]


def _check_model(way: ModelAccess) -> None:
    """Raise `AuthenticationError`, `ScriptError` for a missing model, or `NetworkError`."""
    from pressrun.services.writers.llm.providers import base_url

    title, base, key = PROVIDERS[way.provider].title, base_url(way).rstrip("/"), way.key.reveal() if way.key else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{base}/models"  # other servers support only the list for certain
    if way.provider == "openai":
        url = f"{base}/models/{way.model}"
    elif way.provider == "gemini":
        url, headers = f"{base}/v1beta/models/{way.model}", {"x-goog-api-key": key}
    answer = fetch("GET", url, timeout=CHECK_TIMEOUT, seconds=CHECK_TIMEOUT, most=MAX_REPLY_BYTES, headers=headers)
    if answer.status in (401, 403) or (answer.status == 400 and way.provider == "gemini"):
        raise AuthenticationError(
            f"{title} did not accept the key for {way} (status {answer.status})",
            remedy=f"Check the key in {key_variables(way.provider)}.",
        )
    if answer.status == 404 and way.provider != "custom":
        raise ScriptError(f"{title} has no model {way.model}", remedy="Correct its name in llm_models.")
    if answer.status == 429 or answer.status >= 500:
        raise NetworkError(
            f"{title} returned status {answer.status} for {way}", remedy="Run the same command again later."
        )

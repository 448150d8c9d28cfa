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
    for access in configured_models(context.settings, None)[:MAX_MODELS]:
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
    from pressrun.services.writers.llm.providers import base_url

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

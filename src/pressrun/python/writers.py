"""Choose who writes the scripts of a bulk job: a provider of language models, or the rows themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pressrun.errors import AuthenticationError, SettingsError
from pressrun.kinds.ideas.rows import Rows
from pressrun.python.arguments import AUTO
from pressrun.services.writers.llm.models import PROVIDERS, configured_models, key_variables
from pressrun.settings import load_settings

NO_MODEL = "none"
MAX_NAMED_ROWS = 5


def writer_settings(
    ai_provider: str, rows: Rows, workspace: Path, own_worker: bool = True
) -> dict[str, Any]:
    """Return the item settings that make `ai_provider` write the scripts. "auto" and "none" need no key.

    If the provider has no key or no model, the rows must bring their scripts. Without `own_worker`, the key may be on
    another machine. Raises `SettingsError` for an unknown provider or one without a model, and `AuthenticationError`
    for one without a key.
    """
    if ai_provider == AUTO:
        return {}
    if ai_provider == NO_MODEL:
        return {"writer": "extractive"}
    provider, item = ai_provider.casefold(), load_settings(workspace).item
    listed = [each.strip() for each in item.llm_models.split(",") if each.strip()]
    models = [each for each in listed if each.partition(":")[0].casefold() == provider]
    if not models and provider not in PROVIDERS:
        raise _no_model(ai_provider, listed)
    llm = {"writer": "llm", "llm_models": ", ".join(models)}
    if models and configured_models({"llm_models": llm["llm_models"], "llm_url": item.llm_url}):
        return llm
    missing = [row.number for row in rows.accepted if not row.idea.script_content.strip()]
    if not missing:
        return {"writer": "extractive"}
    if not models:
        raise _no_model(ai_provider, listed)
    if own_worker:
        raise _no_key(provider, missing)
    return llm


def _no_model(ai_provider: str, listed: list[str]) -> SettingsError:
    known = ", ".join(dict.fromkeys(each.partition(":")[0] for each in listed))
    return SettingsError(
        f'ai_provider: found "{ai_provider}"; it must be {AUTO}, {NO_MODEL}, or a provider of llm_models: {known}',
        remedy="Add a model of this provider to the setting llm_models, or use a provider from that list.",
    )


def _no_key(provider: str, missing: list[int]) -> AuthenticationError:
    rows = ", ".join(map(str, missing[:MAX_NAMED_ROWS])) + (" and others" if len(missing) > MAX_NAMED_ROWS else "")
    needed = "llm_url is not set" if provider == "custom" else "there is no key for it"
    way = "Set llm_url" if provider == "custom" else f"Set {key_variables(provider)}"
    return AuthenticationError(
        f"ai_provider {provider} cannot write the scripts of row{'s' * (len(missing) > 1)} {rows}: {needed}",
        remedy=f'{way}, fill in script_content, or use ai_provider="{AUTO}".',
    )

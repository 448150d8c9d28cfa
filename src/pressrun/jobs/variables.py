"""Environment variables of the queue, and the other names that they have in existing deployments."""

from __future__ import annotations

import os
from collections.abc import Mapping

CREDENTIALS = "PRESSRUN_GOOGLE_CREDENTIALS"
DATABASE_URL = "PRESSRUN_DATABASE_URL"
MAX_WORKERS = "PRESSRUN_MAX_WORKERS"
RATE_LIMIT_USER = "PRESSRUN_RATE_LIMIT_USER"
RATE_LIMIT_PROJECT = "PRESSRUN_RATE_LIMIT_PROJECT"

RETENTION = {"batches": "PRESSRUN_KEEP_BATCHES", "files": "PRESSRUN_KEEP_FILES", "events": "PRESSRUN_KEEP_EVENTS"}
"""Days for which each is kept after its batch has ended."""
MAX_RETENTION_DAYS = 36_500

ALIASES = {
    CREDENTIALS: "GOOGLE_SHEETS_CREDENTIALS_PATH",
    DATABASE_URL: "BATCH_PROCESSOR_DB_URL",
    MAX_WORKERS: "BATCH_PROCESSOR_MAX_WORKERS",
    RATE_LIMIT_USER: "BATCH_PROCESSOR_RATE_LIMIT_USER",
    RATE_LIMIT_PROJECT: "BATCH_PROCESSOR_RATE_LIMIT_PROJECT",
}
"""Variable -> its alias, which applies if the variable is not set."""


def read_variable(name: str, environment: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return the variable that applies, `name` or its alias, and its value. An unset variable has an empty value."""
    env = os.environ if environment is None else environment
    for variable in (name, ALIASES.get(name, name)):
        if value := env.get(variable, "").strip():
            return variable, value
    return name, ""


def describe_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return a phrase for each variable that is set, with the alias if that applies. Secrets are left out."""
    phrases = []
    for name in ALIASES:
        variable, value = read_variable(name, environment)
        if value and name != DATABASE_URL:
            phrases.append(f"{name} = {value}" + (f" (from {variable})" if variable != name else ""))
    return phrases

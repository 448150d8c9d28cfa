"""The REST door to the queue: reads requests, asks the queue, writes answers. It knows nothing of the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def create_app(url: str, workspace: Path) -> FastAPI:
    """The API on the queue in the database at `url`, for batches whose styles and templates are in `workspace`.

    What it allows stands in the environment. Raises `SettingsError` for a variable, or a key, that cannot be used, and
    `DatabaseError` for a database that does not answer or would not keep owners apart.
    """
    from pressrun.api.app import build
    from pressrun.api.settings import ApiSettings
    from pressrun.api.tokens import signing_key
    from pressrun.jobs.connection import check_roles

    check_roles(url)
    return build(url, ApiSettings.from_environment(workspace), signing_key())

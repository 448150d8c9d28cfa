"""The REST API of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from pressrun.api.openapi import Routes


def create_app(url: str, workspace: Path, more_routes: Sequence[Routes] = ()) -> FastAPI:
    """Return the API on the queue in the database at `url`, for batches with the styles and templates of `workspace`.

    `more_routes` are added to the program's own, e.g. those of a further kind of job. Limits are read from the
    environment. Raises `SettingsError` for a wrong variable, setting or key, and `DatabaseError` for a database that
    does not answer or would not keep owners apart.
    """
    from pressrun.api.app import ROUTES, build
    from pressrun.api.settings import ApiSettings
    from pressrun.jobs.connection import check_roles
    from pressrun.jobs.signing import signing_key

    check_roles(url)
    return build(url, ApiSettings.from_environment(workspace), signing_key(), (*ROUTES, *more_routes))

"""Limits of the API, and the workspace whose styles and templates its batches use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from pressrun.errors import SettingsError
from pressrun.jobs.limits import env_int
from pressrun.kinds.run_store.location import parse_location
from pressrun.settings import load_settings

ORIGINS_VARIABLE = "PRESSRUN_API_ORIGINS"
REQUESTS_VARIABLE = "PRESSRUN_API_REQUESTS"
PUBLIC_URL_VARIABLE = "PRESSRUN_PUBLIC_URL"
LINK_HOURS_VARIABLE = "PRESSRUN_LINK_HOURS"
MAX_LINK_HOURS = 24 * 7
"""Buckets accept no longer links either."""


@dataclass(frozen=True)
class ApiSettings:
    """Settings that the API reads when it starts."""

    workspace: Path
    font_dir: str = ""
    """The setting `font_dir` of the workspace."""
    max_body_bytes: int = 10_000_000
    body_seconds: float = 30.0
    """Time for the whole body of a request to arrive."""
    database_seconds: float = 10.0
    """Time to get a database connection, and for each statement."""
    requests_per_minute: int = 6000
    """Limit of one user, in any minute; 0: unlimited."""
    streams: int = 50
    """Event streams that one user may have open."""
    heartbeat: float = 15.0
    """Seconds after which a stream without events sends a sign of life."""
    listener_seconds: float = 30.0
    """Time for a WebSocket client to read what it was sent."""
    runs: str = ""
    """The setting `runs` of the workspace: the place of the run folders."""
    public_url: str = ""
    """Base of the links in responses; empty for the address that the request was sent to."""
    link_hours: float = 24.0
    """Time that links to files work."""
    origins: tuple[str, ...] = ()
    """Sites whose pages may use the API from a browser, e.g. https://example.com."""

    @classmethod
    def from_environment(cls, workspace: Path, environment: Mapping[str, str] | None = None) -> ApiSettings:
        """Return the settings. Raises `SettingsError` for a wrong variable or setting of the workspace."""
        from pressrun.services.choice import validate_item_settings

        env = os.environ if environment is None else environment
        loaded = load_settings(workspace)
        validate_item_settings(loaded.item, workspace)
        parse_location(workspace, loaded.run.runs)
        settings = cls(workspace, loaded.item.font_dir, runs=loaded.run.runs)
        origins = tuple(_origin(each) for each in env.get(ORIGINS_VARIABLE, "").replace(",", " ").split())
        requests = env_int(REQUESTS_VARIABLE, settings.requests_per_minute, env)
        public = env.get(PUBLIC_URL_VARIABLE, "").strip().rstrip("/")
        if public:
            _require_address(PUBLIC_URL_VARIABLE, public)
        hours = float(env_int(LINK_HOURS_VARIABLE, round(settings.link_hours), env))
        if not 1 <= hours <= MAX_LINK_HOURS:
            raise SettingsError(
                f"Environment variable {LINK_HOURS_VARIABLE}: found {hours:g}",
                remedy=f"Use a number of hours from 1 to {MAX_LINK_HOURS}.",
            )
        return replace(
            settings, origins=origins, requests_per_minute=requests, public_url=public, link_hours=hours
        )


def _require_address(variable: str, text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"Environment variable {variable}: found {text!r}; it must be the address of the API",
            remedy="Write it as https://videos.example.com.",
        )


def _origin(text: str) -> str:
    scheme, separator, host = text.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not separator or not host or "/" in host or "*" in host:
        raise SettingsError(
            f"Environment variable {ORIGINS_VARIABLE}: found {text!r}; it must be the address of a site",
            remedy="Write it as https://example.com. Separate several with commas.",
        )
    return f"{scheme}://{host}"

"""What the API allows at once and where it makes batches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pressrun.errors import SettingsError
from pressrun.kinds.ideas.send import House
from pressrun.settings import load_settings

ORIGINS_VARIABLE = "PRESSRUN_API_ORIGINS"
REQUESTS_VARIABLE = "PRESSRUN_API_REQUESTS"


@dataclass(frozen=True)
class ApiSettings:
    house: House
    largest_body: int = 10_000_000
    """Bytes."""
    body_seconds: float = 30.0
    """In which the whole body of a request must have arrived."""
    database_seconds: float = 10.0
    """In which the database must have a connection, and each of its answers, ready."""
    requests_per_minute: int = 6000
    """Of one user, in any minute; 0 for no limit."""
    streams: int = 50
    """Streams of events that one user has open at once."""
    heartbeat: float = 15.0
    """Seconds after which a stream of events without any shows that it is alive."""
    listener_seconds: float = 30.0
    """In which a listener at a socket must take what it is sent."""
    origins: tuple[str, ...] = ()
    """Sites whose pages may ask the API, as https://example.com; none, so that no browser lets any."""

    @classmethod
    def from_environment(cls, workspace: Path, environment: Mapping[str, str] | None = None) -> ApiSettings:
        """Raises `SettingsError` for a variable, or a setting of the workspace, with a wrong value."""
        from pressrun.services.choice import check_what_is_made

        env = os.environ if environment is None else environment
        item = load_settings(workspace).item
        check_what_is_made(item, workspace)
        settings = cls(House(workspace, font_dir=item.font_dir))
        if origins := tuple(env.get(ORIGINS_VARIABLE, "").replace(",", " ").split()):
            settings = replace(settings, origins=tuple(_origin(each) for each in origins))
        if text := env.get(REQUESTS_VARIABLE, "").strip():
            if not text.isdecimal():
                raise SettingsError(
                    f"Environment variable {REQUESTS_VARIABLE}: found {text!r}; it must be a whole number from 0 on",
                    remedy="0 lifts the limit.",
                )
            settings = replace(settings, requests_per_minute=int(text))
        return settings


def _origin(text: str) -> str:
    scheme, separator, host = text.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not separator or not host or "/" in host or "*" in host:
        raise SettingsError(
            f"Environment variable {ORIGINS_VARIABLE}: found {text!r}; it must be the address of a site",
            remedy="Write it as https://example.com, several with a comma between them.",
        )
    return f"{scheme}://{host}"

"""The setting `publish_at`: when YouTube makes a private video public."""

from __future__ import annotations

from datetime import UTC, datetime

from pressrun.errors import SettingsError

FORM = "as 2026-12-24T18:00+01:00"


def publish_time(text: str, privacy: str) -> datetime | None:
    """The time in UTC, or None where none is set.

    Raises `SettingsError` for a text that is no time with its zone, and for a privacy that leaves nothing to schedule.
    """
    if not text.strip():
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise SettingsError(
            f'Setting publish_at: "{text}" is not a time', remedy=f"Write date, time and zone, {FORM}."
        ) from error
    if time.tzinfo is None:
        raise SettingsError(
            f'Setting publish_at: "{text}" does not say which zone it is of', remedy=f"Add the zone at its end, {FORM}."
        )
    if privacy != "private":
        raise SettingsError(
            f"Setting publish_at needs a video that is private until then, and privacy is {privacy}",
            remedy="Set privacy to private, or leave publish_at out.",
        )
    return time.astimezone(UTC)


def future_time(text: str, privacy: str) -> datetime | None:
    """As `publish_time`, and `SettingsError` for a time that has passed: the video would be public at once."""
    time = publish_time(text, privacy)
    if time and time <= datetime.now(UTC):
        raise SettingsError(f'Setting publish_at: "{text}" has passed', remedy="Give a later time, or leave it out.")
    return time

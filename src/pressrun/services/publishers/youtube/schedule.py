"""The setting `publish_at`: when YouTube makes a private video public."""

from __future__ import annotations

from datetime import UTC, datetime

from pressrun.errors import SettingsError

EXAMPLE_TIME = "e.g. 2026-12-24T18:00+01:00"


def parse_publish_time(text: str, privacy: str) -> datetime | None:
    """The time in UTC, or None where none is set.

    Raises `SettingsError` for a text that is no time with its zone, and for a privacy that leaves nothing to schedule.
    """
    if not text.strip():
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise SettingsError(
            f'Setting publish_at: "{text}" is not a time', remedy=f"Write date, time and zone, {EXAMPLE_TIME}."
        ) from error
    if time.tzinfo is None:
        raise SettingsError(
            f'Setting publish_at: "{text}" has no time zone', remedy=f"Add the zone at the end, {EXAMPLE_TIME}."
        )
    if privacy != "private":
        raise SettingsError(
            f"Setting publish_at needs a video that is private until then, and privacy is {privacy}",
            remedy="Set privacy to private, or leave publish_at out.",
        )
    return time.astimezone(UTC)


def parse_future_time(text: str, privacy: str) -> datetime | None:
    """As `parse_publish_time`, and `SettingsError` for a time that has passed: the video would be public at once."""
    time = parse_publish_time(text, privacy)
    if time and time <= datetime.now(UTC):
        raise SettingsError(f'Setting publish_at: "{text}" has passed', remedy="Give a later time, or leave it out.")
    return time

"""Parse the setting `publish_at`: when YouTube makes a private video public."""

from __future__ import annotations

from datetime import UTC, datetime

from pressrun.errors import SettingsError

EXAMPLE_TIME = "e.g. 2026-12-24T18:00+01:00"


def parse_publish_time(text: str, privacy: str) -> datetime | None:
    """Return the time in UTC, or None if it is not set.

    Raises `SettingsError` if the text is not a time with a time zone, or if the video is not private.
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
            f"Setting publish_at requires privacy to be private, but it is {privacy}",
            remedy="Set privacy to private, or remove publish_at.",
        )
    return time.astimezone(UTC)


def parse_future_time(text: str, privacy: str) -> datetime | None:
    """Return the time like `parse_publish_time`. Raises `SettingsError` if it has passed: the video would be public at
    once."""
    time = parse_publish_time(text, privacy)
    if time and time <= datetime.now(UTC):
        raise SettingsError(f'Setting publish_at: "{text}" has passed', remedy="Set a later time, or remove it.")
    return time

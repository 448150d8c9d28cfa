"""Read the settings that apply to every voice."""

from __future__ import annotations

from pressrun.services.protocols import Context


def voice_gender(context: Context) -> str:
    """Return "neutral", "female" or "male"."""
    return str(context.settings.get("voice_gender", "neutral"))


def voice_pitch(context: Context) -> float:
    """Return the semitones above the voice's own pitch."""
    return float(context.settings.get("voice_pitch", 0.0))

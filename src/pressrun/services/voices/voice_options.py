"""Who is to speak, and how high: what the settings ask of every voice."""

from __future__ import annotations

from pressrun.services.protocols import Context


def voice_gender(context: Context) -> str:
    """"neutral", "female" or "male"."""
    return str(context.settings.get("voice_gender", "neutral"))


def voice_pitch(context: Context) -> float:
    """Semitones above the voice's own."""
    return float(context.settings.get("voice_pitch", 0.0))

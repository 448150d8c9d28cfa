"""No transcription: reject material that has only audio, and say what would help."""

from __future__ import annotations

from pathlib import Path

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.protocols import Context, Progress, Readiness

NAME = "none"
NEEDS_NETWORK = False
LOW_QUALITY = False


def ready(context: Context) -> Readiness:  # noqa: ARG001 - the protocol of every service
    return Readiness(True, "no other transcriber can be used")


def transcribe(media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:  # noqa: ARG001
    """Raise `SourceError`, which says what is missing."""
    from pressrun.services.transcribers import whisper

    readiness = whisper.ready(context)
    if readiness.ready:
        reason, remedy = "no transcriber is in use", "Set transcriber to whisper."
    else:
        reason, remedy = readiness.reason, readiness.remedy
    raise SourceError(
        f"{media.name} has no embedded captions, and its speech cannot be recognized: {reason}",
        remedy=f"Put its text next to it as .srt, .vtt or .txt. Or: {remedy}",
    )

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
    return Readiness(True, "no other transcriber is installed")


def transcribe(media: Path, language: str, progress: Progress, context: Context) -> tuple[Segment, ...]:  # noqa: ARG001
    raise SourceError(
        f"{media.name} has no embedded captions, and no transcriber is installed",
        remedy="Put its text next to it as .srt, .vtt or .txt, or install pressrun[whisper].",
    )

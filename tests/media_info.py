"""Read what a media file contains, for tests of finished videos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av


@dataclass(frozen=True)
class MediaInfo:
    """Durations in seconds, `fps` in frames per second. A missing stream has zeros and empty strings."""

    duration: float
    width: int
    height: int
    fps: float
    frames: int
    video_codec: str
    audio_codec: str
    audio_rate: int
    channels: int
    video_duration: float


def read_media_info(path: Path) -> MediaInfo:
    with av.open(str(path)) as file:
        video = file.streams.video[0] if file.streams.video else None
        audio = file.streams.audio[0] if file.streams.audio else None
        return MediaInfo(
            duration=(file.duration or 0) / 1_000_000,
            width=video.width if video else 0,
            height=video.height if video else 0,
            fps=float(video.average_rate or 0) if video else 0.0,
            frames=video.frames if video else 0,
            video_codec=video.codec_context.name if video else "",
            audio_codec=audio.codec_context.name if audio else "",
            audio_rate=audio.rate if audio else 0,
            channels=audio.channels if audio else 0,
            video_duration=float((video.duration or 0) * (video.time_base or 0)) if video else 0.0,
        )

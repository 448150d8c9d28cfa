"""The text subtitles inside a media file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.captions import remove_repetitions

# A media file that is really a play list could make the demuxer open other files: hls and concat are left out.
SAFE_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,ogg,flac",
}
_TEXT_CODECS = frozenset(("subrip", "srt", "mov_text", "webvtt", "ass", "ssa", "text"))


def read_subtitles(path: Path, name: str) -> tuple[Segment, ...]:
    """Return the first text subtitle track, or nothing. Raises `SourceError` if the file is not media."""
    import av

    try:
        with av.open(f"file:{path}", options=dict(SAFE_OPTIONS)) as container:
            tracks = [each for each in container.streams.subtitles if each.codec_context.name in _TEXT_CODECS]
            return remove_repetitions(_decode(container, tracks[0])) if tracks else ()
    except av.FFmpegError as error:
        raise SourceError(
            f"{name} cannot be read as media: {error.strerror}",
            remedy="Play the file to see whether it is whole, or put its transcript beside it as .txt or .srt.",
        ) from error


def _decode(container: Any, track: Any) -> list[Segment]:
    found = []
    for packet in container.demux(track):
        if packet.pts is None:
            continue
        start = float(packet.pts * packet.time_base)
        end = start + float((packet.duration or 0) * packet.time_base)
        lines = [each.dialogue.decode(errors="replace") for each in packet.decode() if each.type == b"ass"]
        if lines:
            found.append(Segment("\n".join(lines).replace("\\N", "\n"), start, end))
    return found

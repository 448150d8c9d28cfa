"""The text subtitles inside a media file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.captions import remove_repetitions
from pressrun.services.sources.cleaning.captions import clean_captions
from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.source_language import language_code

# A media file that is really a play list could make the demuxer open other files: hls and concat are left out.
SAFE_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,ogg,flac",
}
_TEXT_CODECS = frozenset(("subrip", "srt", "mov_text", "webvtt", "ass", "ssa", "text"))


def read_subtitles(path: Path, name: str, language: str = "", tally: Tally | None = None) -> tuple[Segment, ...]:
    """Return the text subtitle track in `language`, else the default or first one, or nothing.

    Raises `SourceError` if the file is not media.
    """
    import av

    tally = tally or Tally()
    try:
        with av.open(f"file:{path}", options=dict(SAFE_OPTIONS), metadata_errors="ignore") as container:
            tracks = [each for each in container.streams.subtitles if each.codec_context.name in _TEXT_CODECS]
            if not tracks:
                return ()
            track = min(tracks, key=lambda each: (not language or track_language(each) != language, each.index))
            return remove_repetitions(clean_captions(_decode(container, track), tally))
    except av.FFmpegError as error:
        raise SourceError(
            f"{name} cannot be read as media: {error.strerror}",
            remedy="Play the file to see whether it is whole, or put its transcript beside it as .txt or .srt.",
        ) from error


def track_language(track: Any) -> str:
    """Return the two-letter code of a track's tag, e.g. "de" for "ger"; an empty string without a tag."""
    return language_code(str(track.metadata.get("language", "")))


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

"""Read the user's clips as backgrounds with moviepy: from their start, and repeated if they are too short."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.errors import RenderError

if TYPE_CHECKING:
    from PIL.Image import Image

DEMUXER = "mov"
"""The only FFmpeg demuxer that may open a clip. A playlist with the suffix .mp4 would make it read other files."""
END_MARGIN = 0.1
"""Seconds before the end of the last frame that is read: the durations in files are often a little too long."""
REMEDY = "Save it again as MP4 with H.264, or remove it from the folder."


class Footage:
    """A clip, opened when its first picture is needed. Do not share it between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises `RenderError` if it has no video that can be decoded."""
        self._path = path
        self._reader: Any = None
        self.size, self.duration = _probe(path)
        """Width and height in pixels as shown, and seconds."""

    def at(self, time: float) -> Image:
        """Return the picture `time` seconds after its start, RGB. After its end the clip starts again."""
        from PIL import Image

        try:
            if self._reader is None:
                from moviepy import VideoFileClip

                self._reader = VideoFileClip(str(self._path), audio=False)
            length = max(self.duration - END_MARGIN, END_MARGIN)
            return Image.fromarray(self._reader.get_frame(min(time % self.duration, length)))
        except (OSError, IndexError, KeyError, ValueError) as error:
            raise RenderError(f"The clip {self._path} is broken: {_first_line(error)}", remedy=REMEDY) from error

    def close(self) -> None:
        """Close the file. The next picture opens it again."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _probe(path: Path) -> tuple[tuple[int, int], float]:
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": DEMUXER}
    try:
        with av.open(str(path), format=DEMUXER, options=options) as file:
            if not file.streams.video:
                raise RenderError(f"The clip {path} has no video", remedy="Remove it from the folder.")
            stream = file.streams.video[0]
            first = next(file.decode(stream), None)
            if first is None:
                raise RenderError(f"The clip {path} has a video without pictures", remedy=REMEDY)
            rotated = abs(int(getattr(first, "rotation", 0) or 0)) % 180 == 90
            length = float(file.duration or 0) / av.time_base
            if stream.duration and stream.time_base:
                length = float(stream.duration * stream.time_base)
            size = (first.height, first.width) if rotated else (first.width, first.height)
            return size, max(length, 2 * END_MARGIN)
    except PermissionError:
        raise RenderError(
            f"The clip {path} cannot be read: permission denied", remedy="Allow reading it, or remove it."
        ) from None
    except (av.error.FFmpegError, OSError) as error:
        raise RenderError(f"The clip {path} cannot be read: {_first_line(error)}", remedy=REMEDY) from None


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:160] if lines else type(error).__name__

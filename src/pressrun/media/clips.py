"""The user's clips as backgrounds: moviepy reads them, at the time of the scene, repeated where they are shorter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.errors import RenderError

if TYPE_CHECKING:
    from PIL.Image import Image

CONTAINER = "mov"
"""FFmpeg's name of the one format that is opened: a playlist named .mp4 would make it read other files."""
LAST_FRAME = 0.1
"""Seconds before the end at which the last picture is taken: the times in a file are often a little too long."""
REMEDY = "Save it anew as MP4 with H.264, or remove it from the folder."


class Footage:
    """A clip, opened when its first picture is asked for. Not shared between threads."""

    def __init__(self, path: Path) -> None:
        """Raises `RenderError` when the file holds no video that can be decoded."""
        self._path = path
        self._reader: Any = None
        self.size, self.duration = _probed(path)
        """Width and height in pixels as it is shown; seconds."""

    def at(self, time: float) -> Image:
        """The picture `time` seconds after its start, RGB; beyond its end it begins again."""
        from PIL import Image

        try:
            if self._reader is None:
                from moviepy import VideoFileClip

                self._reader = VideoFileClip(str(self._path), audio=False)
            length = max(self.duration - LAST_FRAME, LAST_FRAME)
            return Image.fromarray(self._reader.get_frame(min(time % self.duration, length)))
        except (OSError, IndexError, KeyError, ValueError) as error:
            raise RenderError(f"The clip {self._path} is broken: {_short(error)}", remedy=REMEDY) from error

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _probed(path: Path) -> tuple[tuple[int, int], float]:
    import av

    try:
        with av.open(
            str(path), format=CONTAINER, options={"protocol_whitelist": "file", "format_whitelist": CONTAINER}
        ) as file:
            if not file.streams.video:
                raise RenderError(f"The clip {path} has no video", remedy="Remove it from the folder.")
            stream = file.streams.video[0]
            first = next(file.decode(stream), None)
            if first is None:
                raise RenderError(f"The clip {path} has a video without a single picture", remedy=REMEDY)
            rotated = abs(int(getattr(first, "rotation", 0) or 0)) % 180 == 90
            length = float(file.duration or 0) / av.time_base
            if stream.duration and stream.time_base:
                length = float(stream.duration * stream.time_base)
            size = (first.height, first.width) if rotated else (first.width, first.height)
            return size, max(length, 2 * LAST_FRAME)
    except PermissionError:
        raise RenderError(f"The clip {path} may not be read", remedy="Allow reading it, or remove it.") from None
    except (av.error.FFmpegError, OSError) as error:
        raise RenderError(f"The clip {path} cannot be read: {_short(error)}", remedy=REMEDY) from None


def _short(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:160] if lines else type(error).__name__

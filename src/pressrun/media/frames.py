"""The frames of a video, one after the other, each made by changing the one before only where it differs.

A card is converted to planes once; captions are small patches over it; the progress line grows by a few columns. A
frame in which nothing changed is the same frame again, which costs nothing to make and next to nothing to encode.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pressrun.media.caption_pictures import CuePicture, Lettering, draw_cue
from pressrun.media.captions import Cue
from pressrun.media.planes import Planes, blended, planes_of
from pressrun.media.resolution import Shape, even
from pressrun.media.timeline import CardTime, frame_count

if TYPE_CHECKING:
    from PIL.Image import Image

PROGRESS_HEIGHT = 8
"""Units of the line at the lower edge that shows how far the video is."""
STAY_LIT = 0.3
"""Seconds up to which the light waits on a word for the next one instead of going out between."""


@dataclass(frozen=True)
class Scenes:
    """Everything that is shown: `cards` draws card number n when its time comes."""

    shape: Shape
    cards: Sequence[Callable[[], Image]]
    times: Sequence[CardTime]
    cues: Sequence[Cue]
    letters: Lettering
    duration: float
    fps: int
    progress_line: bool = True


@dataclass
class _Painter:
    """The frame under way and what it shows at the moment."""

    scenes: Scenes
    target: Planes
    """The planes of the frame that goes to the encoder; they are changed in place."""
    card: int = -1
    picture: Image | None = None
    base: Planes | None = None
    previous: Planes | None = None
    faded: bool = False
    cue: int = -1
    cue_picture: CuePicture | None = None
    lit: int = -1
    columns: int = 0
    cue_starts: list[float] = field(default_factory=list)

    def paint(self, time: float, share: float) -> None:
        """Brings the frame to `time`; `share` is how much of the video is over."""
        fading = self._paint_card(time)
        if not fading:
            self._paint_caption(time)
        if self.scenes.progress_line:
            self._paint_progress(share)

    def _paint_card(self, time: float) -> bool:
        """Whether a cross-fade is under way, in which no caption stands."""
        times = self.scenes.times
        card = max(bisect_right([each.start for each in times], time) - 1, 0)
        if card != self.card:
            self.previous = self.base
            self.picture = self.scenes.cards[card]().convert("RGB")
            self.base = planes_of(self.picture)
            self.card, self.cue, self.faded = card, -1, False
        assert self.base is not None
        current = times[card]
        if not self.faded:
            length = current.faded - current.start
            share = (time - current.start) / length if self.previous is not None and length > 0 else 1.0
            self.faded = share >= 1
            if self.faded or self.previous is None:
                self._cover(self.base)
                self.previous = None
            else:
                self._cover(blended(self.previous, self.base, _eased(share)))
        return not self.faded

    def _cover(self, planes: Planes) -> None:
        self.target.put(planes)
        self.columns = 0

    def _paint_caption(self, time: float) -> None:
        assert self.base is not None
        assert self.picture is not None
        cue = bisect_right(self.cue_starts, time) - 1
        if cue >= 0 and time >= self.scenes.cues[cue].end:
            cue = -1
        if cue != self.cue:
            if self.cue_picture is not None and self.cue >= 0:
                band = self.cue_picture.band
                self.target.put(self.base.part(band.x, band.y, *band.size))
            self.cue, self.lit, self.cue_picture = cue, -1, None
            if cue >= 0:
                self.cue_picture = draw_cue(self.picture, self.scenes.cues[cue], self.scenes.letters)
                self.target.put(self.cue_picture.band)
        if self.cue_picture is None:
            return
        lit = lit_word(self.scenes.cues[cue], time)
        if lit != self.lit:
            self.target.put(self.cue_picture.band)
            patch = self.cue_picture.lit[lit] if lit >= 0 else None
            if patch is not None:
                self.target.put(patch)
            self.lit = lit

    def _paint_progress(self, share: float) -> None:
        shape = self.scenes.shape
        height = even(PROGRESS_HEIGHT * shape.unit)
        columns = min(even(shape.width * share), shape.width) if share > 0 else 0
        if self.columns == 0:
            self._fill(0, shape.width, height, _dimmed(self.scenes.letters.look.palette.deep))
        if columns > self.columns:
            self._fill(self.columns, columns, height, self.scenes.letters.look.palette.accent)
            self.columns = columns

    def _fill(self, left: int, right: int, height: int, colour: tuple[int, int, int]) -> None:
        from PIL import Image

        top = self.scenes.shape.height - height
        self.target.put(planes_of(Image.new("RGB", (right - left, height), colour), left, top))


def frames_of(scenes: Scenes) -> Iterator[Any]:
    """`av.VideoFrame`s in order. It is one frame, changed in place: use each before asking for the next."""
    import av
    import numpy as np

    frame = av.VideoFrame(scenes.shape.width, scenes.shape.height, "yuv420p")
    views: list[Any] = []
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        views.append(rows[:plane.height, :plane.width])
    painter = _Painter(scenes, Planes(views[0], views[1], views[2]), cue_starts=[cue.start for cue in scenes.cues])
    total = frame_count(scenes.duration, scenes.fps)
    for number in range(total):
        # The middle of the time the frame is shown: the least error to either side.
        painter.paint((number + 0.5) / scenes.fps, (number + 1) / total)
        frame.pts = number
        yield frame


def lit_word(cue: Cue, time: float) -> int:
    """The number of the word spoken at `time`, or -1."""
    words = cue.words
    at = bisect_right([word.start for word in words], time) - 1
    if at < 0:
        return -1
    until = words[at].end
    if at + 1 < len(words) and words[at + 1].start - until <= STAY_LIT:
        until = words[at + 1].start
    return at if time < max(until, words[at].start + 0.12) else -1


def _eased(share: float) -> float:
    """Slow at both ends (smoothstep)."""
    return share * share * (3 - 2 * share)


def _dimmed(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (round(each * 0.6) for each in colour)
    return red, green, blue

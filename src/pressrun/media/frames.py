"""The frames of a video, one after the other, each made by changing the one before only where it differs.

A card that stands still is converted to planes once; a picture that moves is sampled anew for every frame, and what
stands over it is laid on by stencils that were prepared once. A frame in which nothing changed is the same frame
again, which costs nothing to make and next to nothing to encode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.media.caption_layer import CaptionLayer
from pressrun.media.caption_pictures import Lettering
from pressrun.media.captions import Cue
from pressrun.media.ground_layer import GroundLayer, StillLayer, layer_of
from pressrun.media.moving import Surface
from pressrun.media.planes import Planes, blend_into, planes_of
from pressrun.media.resolution import Shape, even
from pressrun.media.shot import Shot
from pressrun.media.timeline import CardTime, frame_count

if TYPE_CHECKING:
    from PIL.Image import Image

COLOUR_EVERY = 2
"""Frames of a moving picture that share their colours: the eye sees motion in light and dark, and the next frame's
colours lie a fifth of a pixel further."""
BURST, BURST_BYTES = 8, 26_000_000
"""Frames of what moves that are made in a row before the encoder gets them, and the memory they may take: it works on
so much that it drives the picture out of the processor's cache, from which its samples come twice as fast."""
PROGRESS_HEIGHT = 8
"""Units of the line at the lower edge that shows how far the video is."""


@dataclass(frozen=True)
class Scenes:
    """Everything that is shown: `cards` draws card number n when its time comes."""

    shape: Shape
    cards: Sequence[Callable[[], Shot | Image]]
    times: Sequence[CardTime]
    cues: Sequence[Cue]
    letters: Lettering
    duration: float
    fps: int
    progress_line: bool = True
    rough: bool = False
    """For a draft, whose pictures may shake a little."""

    @property
    def frames(self) -> int:
        return frame_count(self.duration, self.fps)


@dataclass(frozen=True)
class Span:
    """The frames `first` to `last` (which it does not hold) of a card: from where it stands alone, over the fade into
    the next, to where that one stands alone."""

    card: int
    first: int
    last: int


def spans_of(scenes: Scenes) -> list[Span]:
    """The video cut where a fade has ended, so that the first frame of each span is a clean picture."""
    firsts = [0, *(_frame_at(time.faded, scenes) for time in scenes.times[1:])]
    lasts = [*firsts[1:], scenes.frames]
    limits = enumerate(zip(firsts, lasts, strict=True))
    return [Span(card, first, last) for card, (first, last) in limits if first < last]


def middle_of(frame: int, fps: int) -> float:
    """The time in seconds that a frame shows: the middle of its own, which errs least to either side."""
    return (frame + 0.5) / fps


class Painter:
    """Makes the frames of spans in any order; neighbours share what is prepared, and two cards are held at most."""

    def __init__(self, scenes: Scenes) -> None:
        self._scenes = scenes
        self._surfaces = [Surface.of(scenes.shape)]
        self._spare: Surface | None = None
        self._captions = CaptionLayer(scenes.cues, scenes.letters)
        self._layers: dict[int, GroundLayer] = {}
        self._shown: tuple[int, int, int] | None = None
        """Card, cue and lit word that the first surface shows, where the card stands still."""
        self._coloured: tuple[Surface, int, int] | None = None
        """Where the colours were drawn last, with the cue and the lit word in them, where the card moves."""
        self._line = _ProgressLine(scenes)

    def frames(self, span: Span) -> Iterator[Any]:
        """`av.VideoFrame`s in order. A few are used again and again: use each before asking for the next."""
        self._layers = {card: layer for card, layer in self._layers.items() if card == span.card}
        self._shown, self._coloured = None, None
        made: list[Any] = []
        for number in range(span.first, span.last):
            time = middle_of(number, self._scenes.fps)
            moves = self._fading(span.card, time) or not isinstance(self._layer(span.card), StillLayer)
            surface = self._surface(len(made) if moves else 0)
            # Counted from the start of the span, so that one made alone is the same.
            self._paint(span.card, time, surface, colour=(number - span.first) % COLOUR_EVERY == 0)
            if self._scenes.progress_line:
                self._line.paint((number + 1) / self._scenes.frames, surface.planes)
            surface.frame.pts = number - span.first
            made.append(surface.frame)
            if not moves or len(made) == self._burst:
                yield from made
                made.clear()
        yield from made

    @property
    def _burst(self) -> int:
        return max(min(BURST, BURST_BYTES * 2 // (self._scenes.shape.width * self._scenes.shape.height * 3)), 1)

    def _surface(self, number: int) -> Surface:
        while number >= len(self._surfaces):
            self._surfaces.append(Surface.of(self._scenes.shape))
        return self._surfaces[number]

    def _fading(self, card: int, time: float) -> bool:
        times = self._scenes.times
        return card + 1 < len(times) and time >= times[card + 1].start

    def _layer(self, card: int) -> GroundLayer:
        if card not in self._layers:
            scenes, times = self._scenes, self._scenes.times
            until = times[card + 1].faded if card + 1 < len(times) else scenes.duration
            shot = scenes.cards[card]()
            self._layers[card] = layer_of(shot, scenes.shape, times[card].start, until, rough=scenes.rough)
        return self._layers[card]

    def _paint(self, card: int, time: float, surface: Surface, *, colour: bool) -> None:
        if self._fading(card, time):
            following = self._scenes.times[card + 1]
            share = (time - following.start) / (following.faded - following.start)
            self._paint_fade(card, time, _eased(share), surface)
            return
        layer = self._layer(card)
        cue, lit = self._captions.at(time)
        if not isinstance(layer, StillLayer):
            self._captions.stand(cue, lit)
            # The colours of a caption lie over those of the picture: both are drawn anew, or neither.
            last = self._coloured if self._coloured and self._coloured[1:] == (cue, lit) else None
            drawn = layer.draw(time, surface, colour=colour or last is None)
            if not drawn and last and last[0] is not surface:
                surface.planes.chroma[:] = last[0].planes.chroma
            self._captions.blend(surface.planes, colour=drawn)
            self._coloured = surface, cue, lit
        elif self._shown != (card, cue, lit):
            self._change(layer, card, cue, lit)

    def _change(self, layer: StillLayer, card: int, cue: int, lit: int) -> None:
        """Brings a still card up to date, in the box of its caption alone where the card itself is there."""
        surface = self._surface(0)
        planes = surface.planes
        if self._shown is None or self._shown[0] != card:
            layer.draw(0.0, surface)
        elif (box := self._captions.box) is not None:
            planes.put(layer.base.part(*box))
        self._captions.stand(cue, lit)
        if (box := self._captions.box) is not None:
            planes.put(layer.base.part(*box))
        self._captions.blend(planes)
        self._shown = card, cue, lit

    def _paint_fade(self, card: int, time: float, share: float, surface: Surface) -> None:
        """Both cards go on moving; no caption stands."""
        if self._spare is None:
            self._spare = Surface.of(self._scenes.shape)
        self._layer(card).draw(time, surface)
        self._layer(card + 1).draw(time, self._spare)
        blend_into(surface.planes, self._spare.planes, share)
        self._shown = self._coloured = None


class _ProgressLine:
    """How far the video is, along the lower edge: a strip that is laid over each frame."""

    def __init__(self, scenes: Scenes) -> None:
        from PIL import Image

        shape, palette = scenes.shape, scenes.letters.look.palette
        height = even(PROGRESS_HEIGHT * shape.unit)
        blank = Image.new("RGB", (shape.width, height), _dimmed(palette.deep))
        self._strip = planes_of(blank, 0, shape.height - height)
        self._blank, self._done = _dot(_dimmed(palette.deep)), _dot(palette.accent)
        self._columns = 0

    def paint(self, share: float, target: Planes) -> None:
        width, height = self._strip.size
        columns = min(even(width * share), width)
        if columns != self._columns:
            first, last = sorted((columns, self._columns))
            colour = self._done if columns > self._columns else self._blank
            part = self._strip.part(first, self._strip.y, last - first, height)
            part.luma[:] = colour.luma[0, 0]
            part.chroma[:, 0::2], part.chroma[:, 1::2] = colour.chroma[0]
            self._columns = columns
        target.put(self._strip)


def _dot(colour: tuple[int, int, int]) -> Planes:
    from PIL import Image

    return planes_of(Image.new("RGB", (2, 2), colour))


def frames_of(scenes: Scenes) -> Iterator[Any]:
    """All frames as `av.VideoFrame`s, `pts` counted through. Use each before asking for the next."""
    painter = Painter(scenes)
    for span in spans_of(scenes):
        for frame in painter.frames(span):
            frame.pts += span.first
            yield frame


def _frame_at(time: float, scenes: Scenes) -> int:
    """The first frame that shows `time` or later."""
    number = int(time * scenes.fps)
    while number and middle_of(number - 1, scenes.fps) >= time:
        number -= 1
    while middle_of(number, scenes.fps) < time:
        number += 1
    return min(number, scenes.frames)


def _eased(share: float) -> float:
    """Slow at both ends (smoothstep)."""
    return share * share * (3 - 2 * share)


def _dimmed(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (round(each * 0.6) for each in colour)
    return red, green, blue

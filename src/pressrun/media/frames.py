"""Draw the frames of a film in order, each by changing only what differs from the frame before.

A still card is converted to planes once. A moving picture is sampled again for every frame, and its texts are blended
in from stencils that were prepared once. A frame without changes is the same frame again: it costs nothing to draw and
next to nothing to encode.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pressrun.media.background_layer import BackgroundLayer, StillLayer, make_layer
from pressrun.media.caption_layer import CaptionLayer
from pressrun.media.film import Film
from pressrun.media.geometry import nearest_even
from pressrun.media.palette import Colour
from pressrun.media.planes import Planes, Surface, blend_into, planes_of

COLOUR_INTERVAL = 2
"""The colours of a moving picture are drawn in every second frame. Motion is seen in light and dark, and the colours of
the next frame are only a fifth of a pixel further."""
MAX_BURST_FRAMES, MAX_BURST_BYTES = 8, 26_000_000
"""Moving frames are drawn in bursts before the encoder gets them. The encoder works on so much memory that it pushes
the picture out of the processor's cache, and sampling a picture that is in the cache is twice as fast."""
PROGRESS_LINE_HEIGHT = 8
"""Height in units of the line at the lower edge that shows the progress of the video."""


@dataclass(frozen=True)
class Span:
    """The frames of a card from `first` up to, but not including, `last`.

    It starts when the fade from the card before has ended, and includes the fade into the next card.
    """

    card: int
    first: int
    last: int


def spans_of(film: Film) -> list[Span]:
    """Divide the film after each fade, so that the first frame of each span is a plain picture."""
    firsts = [0, *(_frame_at(time.faded, film) for time in film.times[1:])]
    lasts = [*firsts[1:], film.frame_count]
    limits = enumerate(zip(firsts, lasts, strict=True))
    return [Span(card, first, last) for card, (first, last) in limits if first < last]


def frame_time(frame: int, fps: int) -> float:
    """Return the time that a frame shows in seconds: the middle of its duration, so that it errs least either way."""
    return (frame + 0.5) / fps


class Painter:
    """Draws spans in any order. Neighbouring spans share prepared layers, and at most two cards are in memory."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._surfaces = [Surface.new(film.shape)]
        self._spare: Surface | None = None
        """For the second card of a fade."""
        self._captions = CaptionLayer(film.cues, film.caption_fonts)
        self._layers: dict[int, BackgroundLayer] = {}
        self._shown: tuple[int, int, int] | None = None
        """Card, cue and word on the first surface, if the card is still."""
        self._coloured: tuple[Surface, int, int] | None = None
        """The surface whose colours were drawn last, with the cue and the word in them, if the card moves."""
        self._line = _ProgressLine(film)

    def frames(self, span: Span) -> Iterator[Any]:
        """Yield `av.VideoFrame`s in order. Frames are reused: process each one before you take the next."""
        self._layers = {card: layer for card, layer in self._layers.items() if card == span.card}
        self._shown, self._coloured = None, None
        burst: list[Any] = []
        for number in range(span.first, span.last):
            time = frame_time(number, self._film.fps)
            moves = self._is_fading(span.card, time) or not isinstance(self._layer(span.card), StillLayer)
            surface = self._surface(len(burst) if moves else 0)
            # Counted from the start of the span, so that a span has the same pixels whichever spans precede it.
            self._paint(span.card, time, surface, colour=(number - span.first) % COLOUR_INTERVAL == 0)
            self._line.paint((number + 1) / self._film.frame_count, surface.planes)
            surface.frame.pts = number - span.first
            burst.append(surface.frame)
            # A still card always uses the first surface, so its frames cannot wait for others.
            if not moves or len(burst) == self._burst_length:
                yield from burst
                burst.clear()
        yield from burst

    @property
    def _burst_length(self) -> int:
        frame_bytes = self._film.shape.width * self._film.shape.height * 3 / 2
        return max(min(MAX_BURST_FRAMES, int(MAX_BURST_BYTES // frame_bytes)), 1)

    def _surface(self, number: int) -> Surface:
        while number >= len(self._surfaces):
            self._surfaces.append(Surface.new(self._film.shape))
        return self._surfaces[number]

    def _is_fading(self, card: int, time: float) -> bool:
        times = self._film.times
        return card + 1 < len(times) and time >= times[card + 1].start

    def _layer(self, card: int) -> BackgroundLayer:
        if card not in self._layers:
            film, times = self._film, self._film.times
            end = times[card + 1].faded if card + 1 < len(times) else film.duration
            self._layers[card] = make_layer(film.cards[card](), film.shape, times[card].start, end, rough=film.rough)
        return self._layers[card]

    def _paint(self, card: int, time: float, surface: Surface, *, colour: bool) -> None:
        if self._is_fading(card, time):
            following = self._film.times[card + 1]
            share = (time - following.start) / (following.faded - following.start)
            self._paint_fade(card, time, _smoothstep(share), surface)
            return
        layer = self._layer(card)
        cue, word = self._captions.at(time)
        if not isinstance(layer, StillLayer):
            self._captions.show(cue, word)
            # The colours of a caption are blended into those of the picture, so both are drawn again or neither.
            last = self._coloured if self._coloured and self._coloured[1:] == (cue, word) else None
            drawn = layer.draw(time, surface, colour=colour or last is None)
            if not drawn and last and last[0] is not surface:
                surface.planes.chroma[:] = last[0].planes.chroma
            self._captions.blend(surface.planes, colour=drawn)
            self._coloured = surface, cue, word
        elif self._shown != (card, cue, word):
            self._update_still(layer, card, cue, word)

    def _update_still(self, layer: StillLayer, card: int, cue: int, word: int) -> None:
        """Bring the frame of a still card up to date. If the card is already there, only change its caption."""
        surface = self._surface(0)
        planes = surface.planes
        if self._shown is None or self._shown[0] != card:
            layer.draw(0.0, surface)
        elif (box := self._captions.box) is not None:
            # Remove the old caption.
            planes.paste(layer.base.part(*box))
        self._captions.show(cue, word)
        if (box := self._captions.box) is not None:
            planes.paste(layer.base.part(*box))
        self._captions.blend(planes)
        self._shown = card, cue, word

    def _paint_fade(self, card: int, time: float, share: float, surface: Surface) -> None:
        """Blend two cards, which keep moving. There is no caption during a fade."""
        if self._spare is None:
            self._spare = Surface.new(self._film.shape)
        self._layer(card).draw(time, surface)
        self._layer(card + 1).draw(time, self._spare)
        blend_into(surface.planes, self._spare.planes, share)
        self._shown = self._coloured = None


class _ProgressLine:
    """The line at the lower edge: a strip that is copied into each frame. Only its new part is drawn."""

    def __init__(self, film: Film) -> None:
        from PIL import Image

        shape, palette = film.shape, film.caption_fonts.look.palette
        height = nearest_even(PROGRESS_LINE_HEIGHT * shape.unit)
        blank = Image.new("RGB", (shape.width, height), _dim(palette.deep))
        self._strip = planes_of(blank, 0, shape.height - height)
        self._blank, self._done = _pixel(_dim(palette.deep)), _pixel(palette.accent)
        self._columns = 0

    def paint(self, share: float, target: Planes) -> None:
        width, height = self._strip.size
        columns = min(nearest_even(width * share), width)
        if columns != self._columns:
            first, last = sorted((columns, self._columns))
            colour = self._done if columns > self._columns else self._blank
            part = self._strip.part(first, self._strip.y, last - first, height)
            part.luma[:] = colour.luma[0, 0]
            part.chroma[:, 0::2], part.chroma[:, 1::2] = colour.chroma[0]
            self._columns = columns
        target.paste(self._strip)


def _pixel(colour: Colour) -> Planes:
    from PIL import Image

    return planes_of(Image.new("RGB", (2, 2), colour))


def frames_of(film: Film) -> Iterator[Any]:
    """Yield all frames as `av.VideoFrame`s with continuous `pts`. Process each one before you take the next."""
    painter = Painter(film)
    for span in spans_of(film):
        for frame in painter.frames(span):
            frame.pts += span.first
            yield frame


def _frame_at(time: float, film: Film) -> int:
    """Return the first frame that shows `time` or later."""
    number = int(time * film.fps)
    # Corrected with `frame_time` itself, so that rounding cannot make the two disagree.
    while number and frame_time(number - 1, film.fps) >= time:
        number -= 1
    while frame_time(number, film.fps) < time:
        number += 1
    return min(number, film.frame_count)


def _smoothstep(share: float) -> float:
    """Return `share` (0 to 1), slower at both ends."""
    return share * share * (3 - 2 * share)


def _dim(colour: Colour) -> Colour:
    red, green, blue = (round(channel * 0.6) for channel in colour)
    return red, green, blue

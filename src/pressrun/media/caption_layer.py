"""The caption over a frame: one stencil per cue, in which the box of the spoken word alone is changed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from pressrun.media.caption_pictures import Lettering, draw_cue
from pressrun.media.captions import Cue
from pressrun.media.planes import Planes
from pressrun.media.stencil import Stencil, stencil_of

STAY_LIT = 0.3
"""Seconds up to which the light waits on a word for the next one instead of going out between."""
SHORTEST_LIGHT = 0.12
"""Seconds a word is lit at least."""


class CaptionLayer:
    def __init__(self, cues: Sequence[Cue], letters: Lettering) -> None:
        self._cues, self._letters = cues, letters
        self._starts = [cue.start for cue in cues]
        self._cue, self._lit = -1, -1
        self._plain: Stencil | None = None
        self._shown: Stencil | None = None
        self._words: tuple[Stencil | None, ...] = ()

    def at(self, time: float) -> tuple[int, int]:
        """Numbers of the cue that stands at `time` and of its word that is spoken; -1 for none."""
        cue = bisect_right(self._starts, time) - 1
        if cue < 0 or time >= self._cues[cue].end:
            return -1, -1
        return cue, lit_word(self._cues[cue], time)

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """x, y, width, height of the caption that stands, in pixels of the frame."""
        return (self._shown.x, self._shown.y, *self._shown.size) if self._shown else None

    def stand(self, cue: int, lit: int) -> None:
        """Makes the caption that of `cue` with the word `lit`."""
        if cue != self._cue:
            self._draw(cue)
        if lit == self._lit or self._shown is None or self._plain is None:
            return
        if self._lit >= 0 and (word := self._words[self._lit]) is not None:
            self._shown.patch(self._plain.part(word.x, word.y, *word.size))
        if lit >= 0 and (word := self._words[lit]) is not None:
            self._shown.patch(word)
        self._lit = lit

    def blend(self, target: Planes, *, colour: bool = True) -> None:
        if self._shown is not None:
            self._shown.blend(target, colour=colour)

    def _draw(self, cue: int) -> None:
        from PIL import Image

        self._cue, self._lit = cue, -1
        self._plain = self._shown = None
        if cue < 0:
            return
        shape = self._letters.look.shape
        drawn = draw_cue(Image.new("RGBA", (shape.width, shape.height)), self._cues[cue], self._letters)
        self._plain, self._shown = stencil_of(drawn.band), stencil_of(drawn.band)
        self._words = tuple(stencil_of(word) if word is not None else None for word in drawn.lit)


def lit_word(cue: Cue, time: float) -> int:
    """The number of the word spoken at `time`, or -1."""
    words = cue.words
    at = bisect_right(cue.word_starts, time) - 1
    if at < 0:
        return -1
    until = words[at].end
    if at + 1 < len(words) and words[at + 1].start - until <= STAY_LIT:
        until = words[at + 1].start
    return at if time < max(until, words[at].start + SHORTEST_LIGHT) else -1

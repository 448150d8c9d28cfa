"""The caption over a frame: one stencil per cue, in which only the box of the spoken word changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from pressrun.media.caption_pictures import CaptionFonts, draw_cue
from pressrun.media.captions import Cue
from pressrun.media.planes import Planes
from pressrun.media.stencil import Stencil, stencil_of

MAX_GAP_SECONDS = 0.3
"""In a shorter pause between words the highlight stays on the last word instead of going off for a moment."""
MIN_HIGHLIGHT_SECONDS = 0.12
"""How long a word is highlighted at least."""


class CaptionLayer:
    """Draws the captions of a film. It keeps the pictures of one cue at a time."""

    def __init__(self, cues: Sequence[Cue], fonts: CaptionFonts) -> None:
        self._cues, self._fonts = cues, fonts
        self._starts = [cue.start for cue in cues]
        self._cue, self._word = -1, -1
        self._plain: Stencil | None = None
        """The band of the cue without a highlight."""
        self._shown: Stencil | None = None
        """The band with the highlight of the word."""
        self._highlights: tuple[Stencil | None, ...] = ()

    def at(self, time: float) -> tuple[int, int]:
        """Return the numbers of the cue and of its highlighted word at `time` in seconds, -1 if there is no such."""
        cue = bisect_right(self._starts, time) - 1
        if cue < 0 or time >= self._cues[cue].end:
            return -1, -1
        return cue, highlighted_word(self._cues[cue], time)

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """x, y, width and height of the current caption in pixels of the frame."""
        return (self._shown.x, self._shown.y, *self._shown.size) if self._shown else None

    def show(self, cue: int, word: int) -> None:
        """Change to the cue and the highlighted word with these numbers."""
        if cue != self._cue:
            self._draw(cue)
        if word == self._word or self._shown is None or self._plain is None:
            return
        if self._word >= 0 and (old := self._highlights[self._word]) is not None:
            self._shown.patch(self._plain.part(old.x, old.y, *old.size))
        if word >= 0 and (new := self._highlights[word]) is not None:
            self._shown.patch(new)
        self._word = word

    def blend(self, target: Planes, *, colour: bool = True) -> None:
        """Blend the current caption into `target`, or only into its luma without `colour`."""
        if self._shown is not None:
            self._shown.blend(target, colour=colour)

    def _draw(self, cue: int) -> None:
        from PIL import Image

        self._cue, self._word = cue, -1
        self._plain = self._shown = None
        if cue < 0:
            return
        shape = self._fonts.look.shape
        picture = draw_cue(Image.new("RGBA", (shape.width, shape.height)), self._cues[cue], self._fonts)
        self._plain, self._shown = stencil_of(picture.band), stencil_of(picture.band)
        self._highlights = tuple(stencil_of(word) if word is not None else None for word in picture.highlights)


def highlighted_word(cue: Cue, time: float) -> int:
    """Return the number of the word spoken at `time`, or -1."""
    words = cue.words
    at = bisect_right(cue.word_starts, time) - 1
    if at < 0:
        return -1
    until = words[at].end
    if at + 1 < len(words) and words[at + 1].start - until <= MAX_GAP_SECONDS:
        until = words[at + 1].start
    return at if time < max(until, words[at].start + MIN_HIGHLIGHT_SECONDS) else -1

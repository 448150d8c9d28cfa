"""A film made in segments, one per card, that stay on the disk until it is finished: a killed render goes on there.

A segment begins where its card stands alone and ends with the fade into the next, so that its first frame, which is
coded whole, is a clean picture. It is named by a digest of all that it shows and of how it is coded. Made again, alone
or after any others, it has the same bytes; and so has the finished file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from pressrun.media.encode import encode_pictures, join
from pressrun.media.frames import Painter, Scenes, Span, spans_of
from pressrun.media.loudness import gain_for
from pressrun.media.output import Coding, Output, audio_options, codec_options, container_options
from pressrun.media.shot import Shot
from pressrun.media.sound import Sound
from pressrun.store.atomic import atomic_output

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER = ".render"
"""Inside the run folder; one folder per film in it."""
VERSION = 3
"""Raised when the same shots give other frames."""
CLIP_SAMPLES = 3


class _Shots:
    """The cards of a film, drawn once each as the film goes along; two are held."""

    def __init__(self, cards: Sequence[Callable[[], Shot | Image]]) -> None:
        self._cards = cards
        self._held: dict[int, Shot | Image] = {}
        self._digests: dict[tuple[int, float], bytes] = {}

    def card(self, number: int) -> Shot | Image:
        if number not in self._held:
            self._held = {each: shot for each, shot in self._held.items() if each >= number - 1}
            self._held[number] = self._cards[number]()
        return self._held[number]

    def digest(self, number: int, seconds: float) -> bytes:
        """Of what a card shows in `seconds`; each takes part in its own segment and in the one that fades into it."""
        if (number, seconds) not in self._digests:
            made = hashlib.blake2b(digest_size=16)
            _add_shot(made, self.card(number), seconds)
            self._digests[number, seconds] = made.digest()
        return self._digests[number, seconds]


def make_film(
    path: Path, folder: Path, scenes: Scenes, sound: Sound, output: Output, threads: int,
    shown: Callable[[int], None] | None = None,
) -> None:
    """Writes `path`, with segments in `folder`; those that are there already are taken as they are.

    `shown(n)` is told how many frames are done. Raises as `encode_pictures` does.
    """
    coding = codec_options(output, scenes.fps, threads)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = _Shots(scenes.cards)
    scenes = replace(scenes, cards=[partial(drawn.card, number) for number in range(len(scenes.cards))])
    painter = Painter(scenes)
    segments: list[Path] = []
    for span in spans_of(scenes):
        segment = folder / f"{_digest(scenes, drawn, span, coding)}.mp4"
        if not segment.exists():
            reached = _counted(shown, span.first)
            with atomic_output(segment) as part:
                encode_pictures(part, coding, scenes.shape, scenes.fps, painter.frames(span), reached)
        elif shown:
            shown(span.last)
        segments.append(segment)
    join(path, segments, scenes.fps, sound, gain_for(sound), audio_options(output), container_options(output))


def discard(folder: Path) -> None:
    """Removes the segments of a film that is finished, and the folder of all films when it is empty."""
    rmtree(folder, ignore_errors=True)
    try:
        folder.parent.rmdir()
    except OSError:
        return


def _counted(shown: Callable[[int], None] | None, before: int) -> Callable[[int], None] | None:
    return (lambda number: shown(before + number)) if shown else None


def _digest(scenes: Scenes, drawn: _Shots, span: Span, coding: Coding) -> str:
    """Of all that the frames of a span, and their coding, follow from."""
    made = hashlib.blake2b(digest_size=16)
    times = scenes.times[span.card:span.card + 2]
    start, end = span.first / scenes.fps, span.last / scenes.fps
    cues = [cue for cue in scenes.cues if cue.start < end and cue.end > start]
    look = scenes.letters.look
    plain = VERSION, coding, scenes.shape, scenes.fps, scenes.frames, scenes.progress_line, span, times, cues
    made.update(repr((*plain, scenes.duration, look.palette, look.style.captions)).encode())
    for word in [word.text for cue in cues for word in cue.words][:1]:
        # A face of the user that changed under the same name shows in one word as well as in all.
        made.update(bytes(scenes.letters.font_for(word).getmask(scenes.letters.drawable(word))))
    for card in range(span.card, span.card + len(times)):
        made.update(drawn.digest(card, times[card - span.card].end - times[card - span.card].start))
    return made.hexdigest()


def _add_shot(digest: hashlib.blake2b, shot: Shot | Image, seconds: float) -> None:
    if not isinstance(shot, Shot):
        digest.update(shot.tobytes())
        return
    digest.update(repr((shot.start, shot.end, shot.picture.size)).encode())
    digest.update(shot.picture.tobytes())
    for overlay in shot.overlays:
        digest.update(repr((overlay.x, overlay.y, overlay.image.size)).encode())
        digest.update(overlay.image.tobytes())
    if shot.clip is not None:
        for number in range(CLIP_SAMPLES):
            digest.update(shot.clip(seconds * number / CLIP_SAMPLES).tobytes())

"""Render a film in segments, one per card, which stay on disk until the film is finished, so that a render can resume.

A segment starts when its card is fully visible and ends with the fade into the next one, so that its first frame, a key
frame, is a plain picture. Its name is a digest of everything it shows and of how it is encoded. A segment has the same
bytes whether it is rendered first, last or again, and therefore so does the finished file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import rmtree

from pressrun.media.encode import encode_pictures, join_segments
from pressrun.media.film import Film
from pressrun.media.frames import Painter, Span, spans_of
from pressrun.media.loudness import find_gain
from pressrun.media.output import EncoderSettings, Output, audio_encoder, container_options, video_encoder
from pressrun.media.shots import Shot
from pressrun.media.sound import Sound
from pressrun.store.atomic import atomic_output

FOLDER = ".render"
"""Inside the run folder, with a folder per film."""
VERSION = 3
"""Increase it when the same shots result in different frames."""
CLIP_SAMPLES = 3
"""Number of pictures by which a clip is recognized in the digest."""


class _ShotCache:
    """The shots of a film, each drawn once. At most two are in memory, because the film uses them in order."""

    def __init__(self, cards: Sequence[Callable[[], Shot]]) -> None:
        self._cards = cards
        self._shots: dict[int, Shot] = {}
        self._digests: dict[tuple[int, float], bytes] = {}

    def shot(self, number: int) -> Shot:
        if number not in self._shots:
            self._shots = {each: shot for each, shot in self._shots.items() if each >= number - 1}
            self._shots[number] = self._cards[number]()
        return self._shots[number]

    def digest(self, number: int, seconds: float) -> bytes:
        """Return a digest of a shot of `seconds`. Two segments need it: its own, and the one that fades into it."""
        if (number, seconds) not in self._digests:
            digest = hashlib.blake2b(digest_size=16)
            _add_shot(digest, self.shot(number), seconds)
            self._digests[number, seconds] = digest.digest()
        return self._digests[number, seconds]


def render_film(
    path: Path, folder: Path, film: Film, sound: Sound, output: Output, threads: int,
    on_frame: Callable[[int], None] | None = None,
) -> None:
    """Write the film to `path`, with segments in `folder`. Segments that exist are not rendered again.

    `on_frame(n)` is called when n frames are done. Raises as `encode_pictures` does.
    """
    encoder = video_encoder(output, film.fps, threads)
    folder.mkdir(parents=True, exist_ok=True)
    cache = _ShotCache(film.cards)
    film = replace(film, cards=[partial(cache.shot, number) for number in range(len(film.cards))])
    painter = Painter(film)
    segments: list[Path] = []
    for span in spans_of(film):
        segment = folder / f"{_span_digest(film, cache, span, encoder)}.mp4"
        if not segment.exists():
            with atomic_output(segment) as part:
                on_segment_frame = _add_offset(on_frame, span.first)
                encode_pictures(part, encoder, film.shape, film.fps, painter.frames(span), on_segment_frame)
        elif on_frame:
            on_frame(span.last)
        segments.append(segment)
    join_segments(
        path, segments, film.fps, sound, find_gain(sound), audio_encoder(output), container_options(output)
    )


def remove_segments(folder: Path) -> None:
    """Remove the segments of a finished film, and the folder of all films if it is empty."""
    rmtree(folder, ignore_errors=True)
    try:
        folder.parent.rmdir()
    except OSError:
        return


def _add_offset(on_frame: Callable[[int], None] | None, offset: int) -> Callable[[int], None] | None:
    return (lambda number: on_frame(offset + number)) if on_frame else None


def _span_digest(film: Film, cache: _ShotCache, span: Span, encoder: EncoderSettings) -> str:
    """Return a digest of everything that the frames of a span and their encoding depend on."""
    digest = hashlib.blake2b(digest_size=16)
    times = film.times[span.card:span.card + 2]
    start, end = span.first / film.fps, span.last / film.fps
    cues = [cue for cue in film.cues if cue.start < end and cue.end > start]
    fonts = film.caption_fonts
    values = VERSION, encoder, film.shape, film.fps, film.frame_count, span, times, cues
    digest.update(repr((*values, film.duration, fonts.look.palette, fonts.look.style.captions)).encode())
    for word in [word.text for cue in cues for word in cue.words][:1]:
        # One word is enough to notice that the user replaced a font file under the same name.
        digest.update(bytes(fonts.font_for(word).getmask(fonts.drawable(word))))
    for card in range(span.card, span.card + len(times)):
        digest.update(cache.digest(card, times[card - span.card].end - times[card - span.card].start))
    return digest.hexdigest()


def _add_shot(digest: hashlib.blake2b, shot: Shot, seconds: float) -> None:
    digest.update(repr((shot.start, shot.end, shot.picture.size)).encode())
    digest.update(shot.picture.tobytes())
    for overlay in shot.overlays:
        digest.update(repr((overlay.x, overlay.y, overlay.image.size)).encode())
        digest.update(overlay.image.tobytes())
    if shot.clip is not None:
        for number in range(CLIP_SAMPLES):
            digest.update(shot.clip(seconds * number / CLIP_SAMPLES).tobytes())

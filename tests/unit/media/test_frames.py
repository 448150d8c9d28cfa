"""Frames highlight the spoken word, change cards during pauses, and show a growing progress line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from pressrun.media.caption_layer import highlighted_word
from pressrun.media.caption_pictures import make_caption_fonts, place_words
from pressrun.media.captions import cues_of
from pressrun.media.film import Film
from pressrun.media.frames import frames_of
from pressrun.media.look import Look
from pressrun.media.shots import Shot, card_times
from pressrun.model.script import Passage

FPS = 20


@pytest.fixture
def film(large_look: Look, passage_of: Callable[..., Passage]) -> Film:
    """Two cards, each of one colour, with a caption."""
    passages = [passage_of("One two three.", 0.2), passage_of("Four five six.", 2.4)]
    caption_fonts = make_caption_fonts(large_look)
    colours = [(30, 40, 60), (120, 110, 110)]
    shots = [lambda colour=colour: Shot(Image.new("RGB", (1280, 720), colour)) for colour in colours]
    cues = cues_of(passages, caption_fonts.measure, caption_fonts.line_width)
    return Film(large_look.shape, shots, card_times(passages, 4.0), cues, caption_fonts, 4.0, FPS)


def bright_columns(luma: np.ndarray, rows: slice) -> np.ndarray:
    """Return the columns with more bright pixels than letters have."""
    return np.flatnonzero((luma[rows] > 150).mean(axis=0) > 0.8)


def test_the_spoken_word_is_the_highlighted_one(film: Film) -> None:
    edges = {
        word: (place.x, place.x + place.width)
        for cue in film.cues for word, place in zip(cue.words, place_words(cue, film.caption_fonts), strict=True)
    }
    baseline = place_words(film.cues[0], film.caption_fonts)[0].baseline
    size = film.caption_fonts.size
    rows = slice(int(baseline - size * 0.9), int(baseline + size * 0.25))
    seen = set()
    for number, frame in enumerate(frames_of(film)):
        time = (number + 0.5) / FPS
        lit = bright_columns(frame.to_ndarray()[:720], rows)
        spoken = [word for word in edges if word.start <= time < word.end]
        if spoken:
            left, right = edges[spoken[0]]
            assert lit.size
            assert left - 12 <= lit.min()
            assert lit.max() <= right + 12
            seen.add(spoken[0])
    assert seen == set(edges)


def test_no_caption_remains_after_the_last_cue(film: Film) -> None:
    *_, last = (frame.to_ndarray() for frame in frames_of(film))
    assert np.unique(last[:700, :]).size == 1


def test_cards_cross_fade_without_a_caption(film: Film) -> None:
    start, end = film.times[1].start, film.times[1].faded
    tones = [
        np.unique(frame.to_ndarray()[:700])
        for number, frame in enumerate(frames_of(film)) if start <= (number + 0.5) / FPS < end
    ]
    assert len(tones) >= 3
    assert all(each.size == 1 for each in tones)
    assert len({int(each[0]) for each in tones}) == len(tones)


def test_the_progress_line_grows_to_the_full_width(film: Film) -> None:
    widths = [int((frame.to_ndarray()[719] > 120).sum()) for frame in frames_of(film)]
    assert widths == sorted(widths)
    assert widths[0] < 40
    assert widths[-1] == 1280


def test_the_highlight_stays_on_between_two_words(film: Film) -> None:
    cue = film.cues[0]
    assert highlighted_word(cue, cue.words[0].start - 0.01) == -1
    assert highlighted_word(cue, (cue.words[0].end + cue.words[1].start) / 2) == 0
    assert highlighted_word(cue, cue.words[-1].end + 0.3) == -1

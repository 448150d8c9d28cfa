"""Frames: the spoken word lit at its time, the card changed in the pause, the progress line growing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from pressrun.media.caption_layer import lit_word
from pressrun.media.caption_pictures import lettering, place_words
from pressrun.media.captions import cues_of
from pressrun.media.cards import Look
from pressrun.media.frames import Scenes, frames_of
from pressrun.media.timeline import card_times
from pressrun.model.script import Passage

FPS = 20


@pytest.fixture
def scenes(wide_look: Look, passage_of: Callable[..., Passage]) -> Scenes:
    passages = [passage_of("One two three.", 0.2), passage_of("Four five six.", 2.4)]
    letters = lettering(wide_look)
    colours = [(30, 40, 60), (120, 110, 110)]
    drawn = [lambda colour=colour: Image.new("RGB", (1280, 720), colour) for colour in colours]
    cues = cues_of(passages, letters.measure, letters.line_width)
    return Scenes(wide_look.shape, drawn, card_times(passages, 4.0), cues, letters, 4.0, FPS)


def lit_columns(luma: np.ndarray, rows: slice) -> np.ndarray:
    """Columns with more bright pixels than letters alone have."""
    return np.flatnonzero((luma[rows] > 150).mean(axis=0) > 0.8)


def test_the_word_that_is_spoken_is_the_one_lit(scenes: Scenes) -> None:
    where = {
        word: (place.x, place.x + place.width)
        for cue in scenes.cues for word, place in zip(cue.words, place_words(cue, scenes.letters), strict=True)
    }
    baseline = place_words(scenes.cues[0], scenes.letters)[0].baseline
    size = scenes.letters.size
    rows = slice(int(baseline - size * 0.9), int(baseline + size * 0.25))
    seen = set()
    for number, frame in enumerate(frames_of(scenes)):
        time = (number + 0.5) / FPS
        lit = lit_columns(frame.to_ndarray()[:720], rows)
        spoken = [word for word in where if word.start <= time < word.end]
        if spoken:
            left, right = where[spoken[0]]
            assert lit.size
            assert left - 12 <= lit.min()
            assert lit.max() <= right + 12
            seen.add(spoken[0])
    assert seen == set(where)


def test_after_the_last_cue_nothing_of_the_caption_is_left(scenes: Scenes) -> None:
    *_, last = (frame.to_ndarray() for frame in frames_of(scenes))
    assert np.unique(last[:700, :]).size == 1


def test_cards_fade_into_each_other_without_a_caption(scenes: Scenes) -> None:
    start, end = scenes.times[1].start, scenes.times[1].faded
    tones = [
        np.unique(frame.to_ndarray()[:700])
        for number, frame in enumerate(frames_of(scenes)) if start <= (number + 0.5) / FPS < end
    ]
    assert len(tones) >= 3
    assert all(each.size == 1 for each in tones)
    assert len({int(each[0]) for each in tones}) == len(tones)


def test_the_progress_line_grows_to_the_full_width(scenes: Scenes) -> None:
    widths = [int((frame.to_ndarray()[719] > 120).sum()) for frame in frames_of(scenes)]
    assert widths == sorted(widths)
    assert widths[0] < 40
    assert widths[-1] == 1280


def test_the_light_does_not_go_out_between_two_words(scenes: Scenes) -> None:
    cue = scenes.cues[0]
    assert lit_word(cue, cue.words[0].start - 0.01) == -1
    assert lit_word(cue, (cue.words[0].end + cue.words[1].start) / 2) == 0
    assert lit_word(cue, cue.words[-1].end + 0.3) == -1

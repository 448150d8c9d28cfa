"""A small look, film and sound for tests of pictures."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from pressrun.media.caption_pictures import make_caption_fonts
from pressrun.media.captions import cues_of
from pressrun.media.film import Film
from pressrun.media.fonts import Fonts, load_fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import Look, make_look
from pressrun.media.shots import Shot, View, card_times
from pressrun.media.sound import Sound
from pressrun.media.style_files import load_style
from pressrun.model.script import Passage, Word


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return load_fonts("", Path())


@pytest.fixture
def look(fonts: Fonts) -> Look:
    """The look of a frame of 320x180."""
    return make_look(Shape(320, 180), load_style("modern"), fonts, "Walden", False)


@pytest.fixture
def large_look(fonts: Fonts) -> Look:
    """The look of a frame of 1280x720."""
    return make_look(Shape(1280, 720), load_style("modern"), fonts, "Walden", False)


@pytest.fixture
def passage_of() -> Callable[..., Passage]:
    return make_passage


@pytest.fixture
def tone() -> Callable[..., Sound]:
    return make_tone


def make_passage(text: str, start: float = 0.0, pace: float = 0.3, heading: str = "") -> Passage:
    """Return `text` spoken at one word every `pace` seconds, with a longer pause after a sentence."""
    words: list[Word] = []
    at = start
    for token in text.split():
        words.append(Word(token, round(at, 3), round(at + pace * 0.9, 3)))
        at += pace * (2 if token[-1] in ".!?" else 1)
    return Passage(heading, text, start, words[-1].end, tuple(words))


@cache
def make_tone(seconds: float, level: float = 0.2, rate: int = 22050) -> Sound:
    """Return bursts of a 440 Hz tone. A `level` of 1 is full scale."""
    samples = (
        round(32767 * level * math.sin(math.tau * 440 * at / rate)) if (at // (rate // 2)) % 4 else 0
        for at in range(round(seconds * rate))
    )
    return Sound(array("h", samples).tobytes(), rate)


@pytest.fixture
def film(look: Look) -> Film:
    """Three seconds of 160x120 at 10 frames per second: a picture that moves, then a still card."""
    look = replace(look, shape=Shape(160, 120))
    passages = [make_passage("One two three.", 0.2), make_passage("Four five.", 1.8)]
    caption_fonts = make_caption_fonts(look)
    picture = Image.radial_gradient("L").resize((160, 120))
    moving = Image.merge("RGB", (picture, picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), picture))
    shots = [
        lambda: Shot(moving, View(), View(0.05, 0.1, 0.8, 0.8)),
        lambda: Shot(Image.new("RGB", (160, 120), (40, 60, 90))),
    ]
    cues = cues_of(passages, caption_fonts.measure, caption_fonts.line_width)
    return Film(look.shape, shots, card_times(passages, 3.0), cues, caption_fonts, 3.0, 10)
